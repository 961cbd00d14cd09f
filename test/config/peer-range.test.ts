import { describe, expect, test } from 'vitest';
import { dynamicPeer, rangeOf } from '#config/peer-range.ts';
import { plan, planDynamic } from '#config/plan.ts';
import { parseZonedAddress } from '#text/address.ts';
import { configOf, minimal, problemsOf } from './files.ts';

const text = minimal(`
peer_groups:
  nodes: { peer_as: 65001, import: all, hold_time: 6, max_prefix: { limit: 10 } }
peers:
  - { name: FIXED, address: 10.0.0.5, peer_as: 65001 }
peer_ranges:
  - { range: 10.0.0.0/8, group: nodes, max_peers: 5, site: dc1 }
  - { range: 10.0.0.0/24, group: nodes, hold_time: 9, node: n }
  - { range: "2001:db8::/32", group: nodes }
  - { range: "fe80::/10", group: nodes, interface: eth1 }
`);
const config = configOf(text);

test.each([
  ['10.9.9.9', '10.0.0.0/8'],
  ['10.0.0.9', '10.0.0.0/24'],
  ['10.0.0.5', undefined],
  ['11.0.0.1', undefined],
  ['2001:db8:1::1', '2001:db8::/32'],
  ['2001:db9::1', undefined],
  ['fe80::1%eth1', 'fe80::/10'],
  ['fe80::1%eth0', undefined],
])(
  '%s belongs to the range %s: the longest one, and none for a configured peer',
  (caller, want) => {
    const { address, zone } = parseZonedAddress(caller);
    expect(rangeOf(config, address, zone)?.rangeText).toBe(want);
  },
);

test('a peer of a range has the keys of the range, and its address as its name', () => {
  const { address } = parseZonedAddress('10.9.9.9');
  expect(dynamicPeer(config, address, undefined)).toMatchObject({
    name: '10.9.9.9',
    addressText: '10.9.9.9',
    address,
    node: '10.9.9.9',
    site: 'dc1',
    range: '10.0.0.0/8',
    passive: true,
    holdTimeSec: 6,
    maxPrefix: [{ limit: 10 }, { limit: 10 }],
  });
  const { address: near } = parseZonedAddress('10.0.0.9');
  expect(dynamicPeer(config, near, undefined)).toMatchObject({ node: 'n', holdTimeSec: 9 });
  const local = parseZonedAddress('fe80::1%eth1');
  expect(dynamicPeer(config, local.address, local.zone)).toMatchObject({
    name: 'fe80::1%eth1',
    interface: 'eth1',
  });
});

describe('a reload', () => {
  const known = ['10.9.9.9', '10.0.0.9'].flatMap((caller) => {
    const { address, zone } = parseZonedAddress(caller);
    return dynamicPeer(config, address, zone) ?? [];
  });

  test.each([
    ['of nothing', text, ['none', 'none']],
    ['of a description', text.replace('site: dc1', 'description: x, site: dc1'), ['none', 'none']],
    ['of a policy', text.replace('import: all', 'import: none'), ['policy', 'policy']],
    ['of the hold time of one', text.replace('hold_time: 9', 'hold_time: 12'), ['none', 'reset']],
    ['that removes a range', text.replace(/.*10.0.0.0\/8.*\n/, ''), ['remove', 'none']],
    ['that removes the longer range', text.replace(/.*10.0.0.0\/24.*\n/, ''), ['none', 'reset']],
    [
      'that gives the address to a configured peer',
      text.replace('10.0.0.5', '10.0.0.9'),
      ['none', 'remove'],
    ],
    ['of the router id', text.replace('1.1.1.9', '1.1.1.8'), ['reset', 'reset']],
  ])('%s', (_, after, want) => {
    const effects = planDynamic(config, configOf(after), known).map(({ effect }) => effect);
    expect(effects).toEqual(want);
  });

  test('of ranges affects no configured peer', () => {
    const after = configOf(text.replace('max_peers: 5', 'max_peers: 6'));
    expect(plan(config, after).map(({ effect }) => effect)).toEqual(['none']);
  });
});

test.each([
  ['[{ range: 10.0.0.1/8, peer_as: 1 }]', 'range: 10.0.0.1/8: bits past the length are set'],
  ['[{ range: 10.0.0.0/8 }]', 'peer_as is missing; give it here or in the group'],
  [
    '[{ range: 10.0.0.0/8, peer_as: 1 }, { range: 10.0.0.0/8, peer_as: 2 }]',
    'range: 10.0.0.0/8 is also the range on line 3 of /etc/fp.yaml',
  ],
  [
    '[{ range: 10.0.0.0/8, peer_as: 1, interface: eth0 }]',
    'interface: only a link-local range needs one; remove this key',
  ],
  ['[{ range: 10.0.0.0/8, peer_as: 1, max_peers: 0 }]', 'max_peers: expected'],
])('%s is refused', (ranges, want) => {
  const problems = problemsOf(minimal(`peer_ranges: ${ranges}\n`));
  expect(problems).toEqual([expect.stringContaining(want)]);
});

test('a name must not be the address of a peer that a range could make', () => {
  expect(problemsOf(named('10.0.0.1'))).toEqual([]);
  expect(problemsOf(named('11.0.0.1'))).toEqual([]);
  expect(problemsOf(named('10.0.0.2'))).toEqual([
    '3:17 name: 10.0.0.2 is the address of another peer',
  ]);
});

function named(name: string): string {
  return minimal(`peers: [{ name: ${name}, address: 10.0.0.1, peer_as: 1 }]
peer_ranges: [{ range: 10.0.0.0/8, peer_as: 1 }]\n`);
}
