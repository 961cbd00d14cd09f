import type { PrefixPattern } from '#policy/patterns.ts';

/** Returns the prefixes that are in one of the first patterns and in one of the second. */
export function intersection(
  first: readonly PrefixPattern[],
  second: readonly PrefixPattern[],
): PrefixPattern[] {
  return first.flatMap((a) => second.flatMap((b) => common(a, b) ?? []));
}

/** Of two networks one contains the other, or they have no prefix in common. */
function common(a: PrefixPattern, b: PrefixPattern): PrefixPattern | undefined {
  if (a.family !== b.family) return undefined;
  const [wide, narrow] = a.lengthBits <= b.lengthBits ? [a, b] : [b, a];
  if (!sameBits(wide, narrow, wide.lengthBits)) return undefined;
  const minBits = Math.max(a.minBits, b.minBits);
  const maxBits = Math.min(a.maxBits, b.maxBits);
  return minBits > maxBits ? undefined : { ...narrow, minBits, maxBits };
}

function sameBits(a: PrefixPattern, b: PrefixPattern, bits: number): boolean {
  return (['word0', 'word1', 'word2', 'word3'] as const).every((word, at) => {
    const own = Math.min(32, Math.max(0, bits - 32 * at));
    const mask = own === 0 ? 0 : -1 << (32 - own);
    return (a[word] & mask) === (b[word] & mask);
  });
}

/** Returns every prefix of a family whose length is `minBits` to `maxBits`; `undefined` if there is none. */
export function lengthsOf(
  family: 0 | 1,
  minBits: number,
  maxBits: number,
): PrefixPattern | undefined {
  const last = Math.min(maxBits, family === 0 ? 32 : 128);
  const first = Math.max(0, minBits);
  if (first > last) return undefined;
  return {
    family,
    lengthBits: 0,
    word0: 0,
    word1: 0,
    word2: 0,
    word3: 0,
    minBits: first,
    maxBits: last,
  };
}
