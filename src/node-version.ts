/**
 * Returns what to say if this Node is older than the one that `engines` in package.json asks for, as `>=22.18`;
 * `undefined` if it is not. Otherwise the first thing that it lacks would look like a bug of ours.
 */
export function nodeFault(running: string, engines: string): string | undefined {
  const [major, minor] = numbersIn(running);
  const [leastMajor, leastMinor] = numbersIn(engines);
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return undefined;
  return `Node.js ${running} is too old; version ${leastMajor}.${leastMinor} or later is required`;
}

function numbersIn(text: string): readonly number[] {
  return (text.match(/\d+/g) ?? []).map(Number);
}
