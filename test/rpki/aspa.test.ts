import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Role } from '#policy/otc.ts';
import { verifyPath } from '#rpki/aspa.ts';

/** 1 and 2 are customers of 3, which is one of 5; 4 of 5; 5 has no provider. 6, 7 and 8 attest nothing. */
const aspas = new Map([
  [1, [3]],
  [2, [3]],
  [3, [5]],
  [4, [5]],
  [5, [0]],
]);

function sequence(asns: readonly number[]) {
  return asns.length === 0 ? [] : [{ kind: 'sequence', asns } as const];
}

describe('a path is verified by our role toward the peer', () => {
  it.each<[string, readonly number[], Role, string]>([
    ['the origin alone', [1], 'provider', 'valid'],
    ['up all the way', [5, 3, 1], 'provider', 'valid'],
    ['up all the way, at a route server', [5, 3, 1], 'rs', 'valid'],
    ['up all the way, from a route server', [3, 1], 'rs_client', 'valid'],
    ['up all the way, from a lateral peer', [3, 1], 'peer', 'valid'],
    ['prepended', [3, 3, 3, 1, 1], 'peer', 'valid'],
    ['a leak: down and up again', [4, 5, 3, 1], 'peer', 'invalid'],
    ['one that attests nothing', [7, 3, 1], 'peer', 'invalid'],
    ['one on the way that attests nothing', [3, 6], 'peer', 'unknown'],
    ['unknown, then surely wrong', [7, 1, 6], 'peer', 'invalid'],
    ['empty', [], 'peer', 'invalid'],
    ['from a provider: up and down', [4, 5, 3, 1], 'customer', 'valid'],
    ['from a provider: up, across, down', [4, 6, 3, 1], 'customer', 'invalid'],
    ['from a provider: two that meet', [7, 1], 'customer', 'valid'],
    ['from a provider: a valley', [5, 4, 5, 3, 1], 'customer', 'invalid'],
    ['from a provider: not attested in the middle', [4, 5, 8, 3], 'customer', 'invalid'],
    ['from a provider: nothing attested', [8, 7, 6], 'customer', 'unknown'],
  ])('%s', (_, path, role, expected) => {
    expect(verifyPath(aspas, sequence(path), role)).toBe(expected);
  });

  it('a set makes it invalid whatever else is there', () => {
    const path = [...sequence([3]), { kind: 'set', asns: [1] } as const];
    expect(verifyPath(aspas, path, 'peer')).toBe('invalid');
  });
});

/**
 * By definition: a path is possible where it rises hop by hop, then falls; from a peer that is no provider it
 * must not fall. Valid: attested so throughout. Invalid: it cannot be, whatever those attest that are silent.
 */
function naive(table: typeof aspas, path: readonly number[], role: Role): string {
  const from = path.toReversed().filter((asn, at, all) => asn !== all[at - 1]);
  const tops = role === 'customer' ? from.map((_, at) => at) : [from.length - 1];
  const hop = (a: number, b: number) => table.get(a)?.includes(b);
  const isSo = (want: (attested: boolean | undefined) => boolean) =>
    tops.some((top) =>
      from.every((asn, at) => {
        if (at < top) return want(hop(asn, from[at + 1]));
        // At the top two may meet as lateral peers, where the peer is a provider of ours.
        return (
          at === top || (at === top + 1 && role === 'customer') || want(hop(asn, from[at - 1]))
        );
      }),
    );
  if (isSo((attested) => attested === true)) return 'valid';
  return isSo((attested) => attested !== false) ? 'unknown' : 'invalid';
}

test('random paths over random attestations are what the definition says', () => {
  const asn = fc.integer({ min: 1, max: 6 });
  const table = fc
    .array(fc.tuple(asn, fc.uniqueArray(asn, { minLength: 1, maxLength: 3 })), { maxLength: 6 })
    .map((rows) => new Map(rows));
  const path = fc.array(asn, { minLength: 1, maxLength: 6 });
  const role = fc.constantFrom<Role>('provider', 'rs', 'rs_client', 'peer', 'customer');
  fc.assert(
    fc.property(table, path, role, (some, asns, ours) => {
      expect(verifyPath(some, sequence(asns), ours)).toBe(naive(some, asns, ours));
    }),
    { numRuns: 3000 },
  );
});
