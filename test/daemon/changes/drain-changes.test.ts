import { expect, it } from 'vitest';
import type { PeerPlan } from '#config/plan.ts';
import { withDrains } from '#daemon/changes/drain-changes.ts';
import type { DrainTarget } from '#services/drain.ts';
import { configOf, minimal } from '../../config/files.ts';

function peersOf(...keys: readonly string[]) {
  const rows = keys.map((each) => `  - { peer_as: 65001, ${each} }\n`);
  return configOf(minimal(`peers:\n${rows.join('')}`)).peers;
}

const w1 = 'name: W1, address: 192.0.2.1';
const ofNode: DrainTarget = { kind: 'node', name: 'W1' };
const ofSite: DrainTarget = { kind: 'site', name: 'dc1' };
const ofPeer: DrainTarget = { kind: 'peer', name: 'W1' };

const rows: readonly {
  readonly what: string;
  readonly drains: readonly DrainTarget[];
  readonly before: string;
  readonly after: string;
  readonly plan: Pick<PeerPlan, 'peer' | 'effect'>;
  readonly why: readonly string[];
}[] = [
  {
    what: 'another node',
    drains: [ofNode],
    before: w1,
    after: `${w1}, node: w01`,
    plan: { peer: 'W1', effect: 'none' },
    why: ['no longer drained by d1 of node W1'],
  },
  {
    what: 'another name of a peer that is a node itself',
    drains: [ofNode],
    before: w1,
    after: 'name: W01, address: 192.0.2.1',
    plan: { peer: 'W01', effect: 'add' },
    why: ['no longer drained by d1 of node W1'],
  },
  {
    what: 'another name of a drained peer',
    drains: [ofPeer],
    before: `${w1}, node: w1`,
    after: 'name: W01, address: 192.0.2.1, node: w1',
    plan: { peer: 'W01', effect: 'add' },
    why: ['no longer drained by d1 of peer W1'],
  },
  {
    what: 'the name and the site that are drained',
    drains: [ofNode, ofSite],
    before: `${w1}, site: dc1`,
    after: `${w1}, node: w01, site: dc2`,
    plan: { peer: 'W1', effect: 'none' },
    why: ['no longer drained by d1 of node W1 and d2 of site dc1'],
  },
  {
    what: 'one of two drains that cover it',
    drains: [ofNode, ofSite],
    before: `${w1}, site: dc1`,
    after: `${w1}, node: w01, site: dc1`,
    plan: { peer: 'W1', effect: 'none' },
    why: [],
  },
  {
    what: 'a site that is drained',
    drains: [ofSite],
    before: w1,
    after: `${w1}, site: dc1`,
    plan: { peer: 'W1', effect: 'none' },
    why: ['now drained by d1 of site dc1'],
  },
  {
    what: 'another address, with the same name',
    drains: [ofNode],
    before: w1,
    after: 'name: W1, address: 192.0.2.7',
    plan: { peer: 'W1', effect: 'reset' },
    why: [],
  },
  {
    what: 'the removal of a drained peer',
    drains: [ofNode],
    before: w1,
    after: 'name: W2, address: 192.0.2.2',
    plan: { peer: 'W1', effect: 'remove' },
    why: [],
  },
];

it.each(rows)('$what: $why', ({ drains, before, after, plan, why }) => {
  const known = drains.map((target, at) => ({ id: `d${at + 1}`, target }));
  const drained = withDrains(known, peersOf(before), peersOf(after));
  expect(drained({ ...plan, why: ['key'] })).toEqual({ ...plan, why: ['key', ...why] });
});
