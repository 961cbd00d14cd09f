import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { configOf, minimal, problemsOf } from '../config/files.ts';

function peersOf(peerAs: string): string {
  return minimal(`peers:\n  - { address: 192.0.2.1, peer_as: ${peerAs} }\n`);
}

const wanted = 'peer_as: expected an AS number, a list of AS numbers or any';

describe('a number in the configuration', () => {
  const taken: readonly [string, readonly number[]][] = [
    ['65001', [65001]],
    ['1.0', [65536]],
    ['1.10', [65546]],
    ['65535.65535', [4294967295]],
    ['[1.0, 2]', [65536, 2]],
  ];
  test.each(taken)('that is an AS: %s', (text, asns) => {
    expect(configOf(peersOf(text)).peers[0].peerAs).toEqual({ kind: 'list', asns });
  });

  const refused: readonly [string, string][] = [
    ['0x10', `${wanted}; got 0x10; write it in plain decimal digits`],
    ['0o10', `${wanted}; got 0o10; write it in plain decimal digits`],
    ['010', `${wanted}; got 010; write it in plain decimal digits`],
    ['1e3', `${wanted}; got 1e3; write it in plain decimal digits`],
    ['1.', `${wanted}; got 1.; write it in plain decimal digits`],
    ['0.0', `${wanted}; got 0.0; write it in plain decimal digits`],
    ['1.65536', `${wanted}; got 1.65536; write it in plain decimal digits`],
    ['0', `${wanted}; got 0`],
    ['"65001"', `${wanted}; got "65001"; write 65001 without quotes`],
    ['"1.0"', `${wanted}; got "1.0"; write 1.0 without quotes`],
    ['AS65001', `${wanted}; got "AS65001"; write 65001`],
    ['as1.10', `${wanted}; got "as1.10"; write 1.10`],
    ['+65001', `${wanted}; got "+65001"; write 65001`],
    ['" 65001"', `${wanted}; got " 65001"; write 65001`],
    ['[]', 'peer_as: expected at least one AS number; got an empty list'],
  ];
  test.each(refused)('that is no AS: %s', (text, message) => {
    expect(problemsOf(peersOf(text))).toEqual([`4:36 ${message}`]);
  });

  const others: readonly [string, string][] = [
    ['hold_time: 1e1', 'got 1e1; write it in plain decimal digits'],
    ['port: 0xb3', 'got 0xb3; write it in plain decimal digits'],
    ['port: 179.0', 'got 179.0; write it in plain decimal digits'],
    ['port: "179"', 'got "179"; write 179 without quotes'],
    ['max_prefix: { limit: 010 }', 'got 010; write it in plain decimal digits'],
    ['med: { missing: 0x10 }', 'got 0x10; write it in plain decimal digits'],
  ];
  test.each(others)('of another kind: %s', (keys, ending) => {
    const [message, ...rest] = problemsOf(peersOf(`1, ${keys}`));
    expect(message.endsWith(ending) ? ending : message).toBe(ending);
    expect(rest).toEqual([]);
  });

  const asText: readonly [string, string][] = [
    ['match: { community: 65000 }', 'got 65000; write both parts, such as 65000:1'],
    ['match: { community: [65000] }', 'got 65000; write both parts, such as 65000:1'],
    ['match: { community: 4294967041 }', 'got 4294967041'],
    ['match: { community: 1.5 }', 'got 1.5'],
    ['match: { large_community: 65000 }', 'got 65000; write all three parts, such as 65000:1:2'],
    [
      'match: { ext_community: [65000] }',
      'got 65000; write its type and both parts, such as rt:65000:1',
    ],
    ['set: { add_communities: [65000] }', 'got 65000; write both parts, such as 65000:1'],
    ['match: { prefix: [10] }', 'got 10'],
    ['match: { prefix: 10.0 }', 'got 10.0'],
    ['match: { next_hop: 10 }', 'got 10'],
    ['set: { next_hop: 10 }', 'got 10'],
    ['match: { peer: 5 }', 'got 5; write "5" in quotes'],
    ['match: { peer: [5] }', 'got 5; write "5" in quotes'],
    ['match: { as_path: [0x10] }', 'got 0x10; write it in plain decimal digits'],
    ['match: { med: 0x10 }', 'got 0x10; write it in plain decimal digits'],
  ];
  test.each(asText)('where a rule wants something else: %s', (keys, ending) => {
    const [message, ...rest] = problemsOf(minimal(`policies: { p: [{ ${keys} }] }\n`));
    expect(message.endsWith(ending) ? ending : message).toBe(ending);
    expect(rest).toEqual([]);
  });

  test('is what its digits say, or refused, however it is written', () => {
    const notations: readonly ((asn: number) => string)[] = [
      (asn) => `${asn}`,
      (asn) => `0${asn}`,
      (asn) => `0x${asn.toString(16)}`,
      (asn) => `0o${asn.toString(8)}`,
      (asn) => asn.toExponential(),
      (asn) => `${asn}.`,
      (asn) => `${asn >>> 16}.${asn & 0xffff}`,
    ];
    const asns = fc.integer({ min: 1, max: 0xffff_ffff });
    fc.assert(
      fc.property(asns, fc.constantFrom(...notations), (asn, notation) => {
        const text = peersOf(notation(asn));
        if (problemsOf(text).length > 0) return;
        expect(configOf(text).peers[0].peerAs).toEqual({ kind: 'list', asns: [asn] });
      }),
    );
  });
});
