/** Returns in our words what commander says of wrong words or options. */
export function usageText(text: string): string {
  const [, message] = /^error: (.*)$/s.exec(text) ?? [];
  if (message === undefined) return text;
  const worded = rewordings.reduce((said, [found, words]) => said.replace(found, words), message);
  return `fingerpost: ${worded}`;
}

const rewordings: readonly (readonly [found: RegExp, words: string])[] = [
  [
    /^command-argument value '(.*[./].*)' is invalid for argument 'direction'\. Allowed choices are in, out\.$/ms,
    '$1: a file cannot be given: the daemon reads its own again; plan $1 shows what would change',
  ],
  [
    /^command-argument value '(.*)' is invalid for argument '.*'\. Allowed choices are (.*)\.$/ms,
    '$1: expected $2',
  ],
  [
    /^option '(\S+)(?: .*)?' argument '(.*)' is invalid\. Allowed choices are (.*)\.$/ms,
    '$1 $2: expected $3',
  ],
  [
    /^too many arguments for '(drain|whatif)'\. Expected 0 arguments but got \d+: (.*)\.$/ms,
    '$1: $2: write what it is, such as --node $2',
  ],
  [
    /^too many arguments for '(.*)'\. Expected (\d+) arguments? but got \d+: (.*)\.$/ms,
    '$1: too many words: $3; at most $2 can follow, and a text with spaces needs quotes',
  ],
];
