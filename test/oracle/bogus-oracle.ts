import { formatPrefix } from '#text/prefix.ts';
import type { Prefix } from '#wire/nlri.ts';

const bogus = [
  /^0\.\d+\.\d+\.\d+\/([89]|\d\d)$/,
  /^127\./,
  /^169\.254\.\d+\.\d+\/(1[6-9]|[23]\d)$/,
  /^(22[4-9]|2[345]\d)\./,
  /^::1?\/128$/,
  /^fe[89ab][0-9a-f]:.*\/\d\d+$/,
  /^ff[0-9a-f]{2}:/,
];

/** The naive twin of wire/bogus-prefix, which uses the text of the prefix. */
export function naiveIsBogus(prefix: Prefix): boolean {
  return bogus.some((pattern) => pattern.test(formatPrefix(prefix)));
}
