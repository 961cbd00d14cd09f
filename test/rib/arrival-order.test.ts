import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DecisionOptions } from '#rib/decision-steps.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';
import { address, exportOf, importOf, prefix, route, sequence } from '../policy/given.ts';
import { announcement, RibUnderTest } from './given.ts';

interface Announcement {
  readonly node: number;
  readonly service: number;
  readonly asn: number;
  readonly med: number;
  /** The place of the path in the second order. */
  readonly turn: number;
}

const nodes = 5;
const one: fc.Arbitrary<Announcement> = fc.record({
  node: fc.nat(nodes - 1),
  service: fc.nat(2),
  asn: fc.constantFrom(65001, 65004, 65007),
  med: fc.nat(3),
  turn: fc.nat(1000),
});
const path = ({ node, service }: Announcement) => `${node} ${service}`;
const paths = fc.uniqueArray(one, { selector: path, maxLength: 3 * nodes });
const decisions = fc.constantFrom<DecisionOptions['med']>('same_as', 'always');

test('the same paths give the same tables in whatever order they come', () => {
  fc.assert(fc.property(paths, decisions, areAlike), { numRuns: 400 });
});

function areAlike(announcements: readonly Announcement[], med: DecisionOptions['med']): void {
  const turned = announcements.toSorted((a, b) => a.turn - b.turn);
  expect(tables(turned, med, 1)).toEqual(tables(announcements, med, 3));
}

/** Returns what each of two clients holds, of which one is node 0 itself; work is done after every few UPDATEs. */
function tables(
  announcements: readonly Announcement[],
  med: DecisionOptions['med'],
  pause: number,
): Map<string, PathAttributes>[] {
  const under = new RibUnderTest({ decision: { med, tieBreak: 'router_id' } });
  const all = exportOf();
  const ids = Array.from({ length: nodes + 1 }, (_, node) => {
    const peerAddress = address(`2001:db8:6::${node + 1}`);
    const imported = importOf({ peerName: `N${node}`, peerAddress, enforceFirstAs: false });
    return under.rib.addPeer(under.settings(imported, node % nodes === 0 ? all : undefined));
  });
  ids.forEach((id, node) => under.up(id, 1 + (node % 3)));
  announcements.forEach(({ node, service, asn, med: itsMed }, index) => {
    const nextHop = address(`2001:db8:6::${node + 1}`);
    const attributes = route({ nextHop, asPath: [sequence(asn)], med: itsMed });
    const nlri = { prefix: prefix(`2001:db8:30::${service}/128`) };
    under.receive(ids[node], announcement([nlri], attributes));
    if (index % pause === 0) under.rib.work(1);
  });
  under.settle();
  return [ids[0], ids[nodes]].map((id) => under.routerOf(id).routes);
}
