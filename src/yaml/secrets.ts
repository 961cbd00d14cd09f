import { distance } from 'fastest-levenshtein';

/** The text that replaces a secret. */
export const masked = '********';

/** Offsets into the text; `end` is the first one behind. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds what looks secret on the line itself: everything after `password ` if the colon was forgotten, and, if
 * asked for, the value after `password:`.
 */
export function secretsOnLine(line: string, start: number, withColons: boolean): Span[] {
  const found: Span[] = [];
  for (const { 0: word, index } of line.matchAll(/[\w-]+/g)) {
    if (!isSecretKey(word)) continue;
    separatorPattern.lastIndex = index + word.length;
    const separated = separatorPattern.exec(line);
    if (separated === null || (separated[1] !== undefined && !withColons)) continue;
    const from = separatorPattern.lastIndex;
    // In block style the value is the remaining part of the line.
    const isFlow = separated[1] !== undefined && !/^["'\s-]*$/.test(line.slice(0, index));
    valuePattern.lastIndex = from;
    const length = isFlow ? (valuePattern.exec(line)?.[0].length ?? 0) : line.length - from;
    if (length > 0) found.push({ start: start + from, end: start + from + length });
  }
  return found;
}

/** What separates a key from its value; the group is set if it is a colon. */
const separatorPattern = /["']?(?:\s*(:)\s+|\s*=\s*|\s+(?!:))/y;
const valuePattern = /"(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?|[{[].*|[^\s,}"'][^,}]*/y;

/**
 * Returns whether the key, spelt correctly or nearly so, has a value that must not be shown, nor anything
 * within it; the name of a file is not a secret.
 */
export function isSecretKey(key: string): boolean {
  if (/(file|env)$/i.test(key)) return false;
  return secretWords.test(key) || isNearlyPassword(key);
}

function isNearlyPassword(key: string): boolean {
  return Math.abs(key.length - 8) <= 3 && distance(key.toLowerCase(), 'password') <= 3;
}

const secretWords =
  /passw|pass_?(?:phrase|code|key)|(?:^|[_-])pass$|pwd|psk|secret|token|md5|auth|(?:^|[_-])key$/i;

/** Returns the text of one value, without what looks secret in it. */
export function withoutSecrets(text: string): string {
  const [first] = secretsOnLine(text, 0, true);
  return first === undefined ? text : text.slice(0, first.start) + masked;
}

/** Returns a copy of the operator's keys with the value of every secret masked. */
export function maskSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskSecrets);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [
      key,
      typeof part === 'string' && isSecretKey(key) ? masked : maskSecrets(part),
    ]),
  );
}
