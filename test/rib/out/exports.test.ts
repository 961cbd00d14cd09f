import { describe, expect, test, vi } from 'vitest';
import type { AttrsId, PeerId, ShareId } from '#policy/ids.ts';
import type { ExportJudge } from '#policy/judge.ts';
import type { ExportSettings } from '#policy/policy.ts';
import { type ClientOutcome, explainClient } from '#rib/explain.ts';
import type { SendSettings } from '#rib/rib-peer.ts';
import { maskHas, maskOf, membersOf, PeerSets } from '#rib/tables/peer-sets.ts';
import { ShareTable } from '#rib/tables/share-table.ts';
import { Slice } from '#rib/work/slice.ts';
import { wellKnownCommunities } from '#wire/communities.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';
import {
  address,
  exportOf,
  importOf,
  patterns,
  policyOf,
  prefix,
  route,
  rule,
} from '../../policy/given.ts';
import { announcement, Lab, RibUnderTest, sendSettings } from '../given.ts';

const service = '2001:db8:30::1/128';
const ipv4Route = '198.51.100.0/24';

interface Party {
  readonly name: string;
  readonly address: string;
  readonly exported?: ExportSettings;
  /** The MED of its own announcement of the service, and other special settings. */
  readonly med?: number;
  readonly attributes?: Partial<PathAttributes>;
}

/** Returns which MED of the only service address each client is sent. */
function share(parties: readonly Party[]): Record<string, number | undefined> {
  const under = new RibUnderTest();
  const ids = parties.map((party) => {
    const imported = importOf({
      peerName: party.name,
      peerAddress: address(party.address),
      acceptNextHop: 'any',
    });
    return under.rib.addPeer(under.settings(imported, party.exported));
  });
  ids.forEach((id, index) => under.up(id, index + 1));
  parties.forEach(({ med, attributes, address: own }, index) => {
    if (med === undefined) return;
    const it = route({ nextHop: address(own), med, ...attributes });
    under.receive(ids[index], announcement([{ prefix: prefix(service) }], it));
  });
  under.settle();
  const heldBy = (id: PeerId) => under.routerOf(id).routes.get(service)?.med;
  return Object.fromEntries(parties.map(({ name }, index) => [name, heldBy(ids[index])]));
}

const all = exportOf();
const w1 = { name: 'W1', address: '2001:db8:6::11', med: 100 };
const w2 = { name: 'W2', address: '2001:db8:7::12', med: 200 };
const er2 = { name: 'ER2', address: '2001:db8:1::2', exported: all };
const dr6 = { name: 'DR6', address: '2001:db8:1::6', exported: all };

/** Exports everything except the announcements of these peers. */
function without(...peers: readonly string[]): ExportSettings {
  return exportOf({ policy: policyOf(rule('reject', { peer: peers }), rule('accept')) });
}

describe('a client is sent the first ranked path that it may have', () => {
  const rows: readonly (readonly [string, readonly Party[], Record<string, number | undefined>])[] =
    [
      ['the best', [w1, w2, er2, dr6], { W1: undefined, W2: undefined, ER2: 100, DR6: 100 }],
      [
        'its own is passed over, the next is sent',
        [{ ...w1, exported: all }, w2, er2],
        { W1: 200, W2: undefined, ER2: 100 },
      ],
      [
        'a path whose next hop it is, is passed over',
        [{ ...w1, attributes: { nextHop: address(er2.address) } }, w2, er2, dr6],
        { W1: undefined, W2: undefined, ER2: 200, DR6: 100 },
      ],
      [
        'its policy does not hide the next path (RFC 7947 §2.3)',
        [
          w1,
          w2,
          { ...er2, exported: without('W1') },
          dr6,
          { ...er2, name: 'X', address: '2001:db8:1::7', exported: without('W1', 'W2') },
        ],
        { W1: undefined, W2: undefined, ER2: 200, DR6: 100, X: undefined },
      ],
      [
        'no export policy, no routes (RFC 8212)',
        [
          w1,
          { ...er2, exported: exportOf({ policy: 'none' }) },
          { name: 'N', address: '2001:db8:1::8' },
        ],
        { W1: undefined, ER2: undefined, N: undefined },
      ],
      [
        'by prefix',
        [
          w1,
          {
            ...er2,
            exported: exportOf({
              policy: policyOf(rule('accept', { prefix: patterns('10.0.0.0/8+') })),
            }),
          },
          dr6,
        ],
        { W1: undefined, ER2: undefined, DR6: 100 },
      ],
      [
        'as export policy writes it',
        [
          w1,
          {
            ...er2,
            exported: exportOf({
              policy: policyOf(rule('accept', {}, { med: { kind: 'set', value: 7 } })),
            }),
          },
          dr6,
        ],
        { W1: undefined, ER2: 7, DR6: 100 },
      ],
    ];
  test.each(rows)('%s', (_, parties, want) => {
    expect(share(parties)).toEqual(want);
    expect(share(parties.toReversed())).toEqual(want);
  });
});

describe('the table of shares', () => {
  const [a, b, c] = [1, 2, 40].map((id) => maskOf(id as PeerId));
  const [one, two] = [1, 2] as AttrsId[];
  const nobody = 0 as ShareId;

  test('gives equal shares one id, and knows what each client has', () => {
    const table = new ShareTable(new PeerSets(), 1);
    const rest = table.cons(c, two, nobody);
    const both = table.cons(a | b, one, rest);
    expect(table.cons(a | b, one, table.cons(c, two, nobody))).toBe(both);
    expect(table.cons(a, one, rest)).not.toBe(both);
    expect([1, 2, 3, 40].map((id) => table.attrsFor(both, id as PeerId))).toEqual([1, 1, 0, 2]);
    expect(membersOf(table.everyone(both))).toEqual([1, 2, 40]);
  });

  test('a sweep keeps shares that are referenced, and those that they refer to', () => {
    const table = new ShareTable(new PeerSets(), 1);
    const rest = table.cons(c, two, nobody);
    const named = table.cons(a, one, rest);
    const other = table.cons(b, one, nobody);
    const marks = new Uint8Array(table.limit);
    marks[named] = 1;
    expect(table.beginSweep(marks)).toBe(true);
    table.sweepOn(new Slice(Infinity));
    expect([table.size, table.isSweeping]).toEqual([2, false]);
    expect(table.beginSweep(marks)).toBe(false);
    expect(table.cons(a, one, table.cons(c, two, nobody))).toBe(named);
    expect(table.cons(b, two, nobody)).toBe(other);
    const attrs = new Uint8Array(4);
    table.markAttrs(attrs);
    expect([...attrs]).toEqual([0, 1, 1, 0]);
  });

  test('a sweep frees some shares in each slice, but none that is looked up or made meanwhile', () => {
    const table = new ShareTable(new PeerSets(), 1);
    const cells = Array.from({ length: 100 }, (_, at) => table.cons(a, at as AttrsId, nobody));
    table.beginSweep(Uint8Array.from({ length: table.limit }, (_, id) => Number(id === cells[99])));
    table.sweepOn(new Slice(20));
    expect([table.size, table.isSweeping]).toEqual([80, true]);
    expect(table.cons(a, 60 as AttrsId, nobody)).toBe(cells[60]);
    const made = table.cons(b, 1 as AttrsId, table.cons(a, 3 as AttrsId, nobody));
    while (table.isSweeping) table.sweepOn(new Slice(20));
    expect(table.size).toBe(4);
    expect(table.cons(b, 1 as AttrsId, table.cons(a, 3 as AttrsId, nobody))).toBe(made);
    expect(table.cells(made).map(({ attrs }) => attrs)).toEqual([1, 3]);
    expect([60, 99].map((at) => table.attrs(cells[at]))).toEqual([60, 99]);
  });

  test('sets of peers are compared by value, whatever the size', () => {
    const sets = new PeerSets();
    const many = Array.from({ length: 500 }, (_, id) => maskOf((id + 1) as PeerId));
    const mask = many.reduce((sum, it) => sum | it, 0n);
    expect(sets.intern(mask)).toBe(
      sets.intern(many.toReversed().reduce((sum, it) => sum | it, 0n)),
    );
    expect(maskHas(mask, 500 as PeerId)).toBe(true);
    expect(maskHas(mask, 501 as PeerId)).toBe(false);
    expect(membersOf(mask)).toHaveLength(500);
  });
});

/** Has the first client connect again, with these settings of its session. */
function come(it: Lab, send: SendSettings): void {
  const [client] = it.clients;
  it.rib.peerDown(client);
  it.up(client, 1, send);
  it.settle();
}

/** Returns the MED of the IPv4 route at a client, if it has the route. */
function medOf(it: Lab, client: PeerId): number | undefined {
  return it.routerOf(client).routes.get(ipv4Route)?.med;
}

/** Returns a lab where W1 announces the IPv4 route over IPv6, and W2 announces a less preferred one over IPv4. */
function ofTwoFamilies(): Lab {
  const it = new Lab();
  const second = { peerName: 'W2', peerAddress: address('192.0.2.12') };
  it.rib.replaceSettings(it.nodes[1], it.settings(importOf(second)));
  it.announce(1, ipv4Route, 100, { nextHop: address('2001:db8:6::11') });
  it.announce(2, ipv4Route, 200, { nextHop: address('192.0.2.12') });
  return it;
}

describe('a route that the session of a client cannot carry', () => {
  const long = {
    unknown: [{ type: 99, flags: 0xc0, value: new Uint8Array(5000) }],
  };
  const stale = { communities: [wellKnownCommunities.llgr_stale] };
  const usual = { longLived: true, maxMessageBytes: 65_535 };
  const rows = [
    ['too_long', 'is too long for its messages (RFC 4271 §9.2)', long, { maxMessageBytes: 4096 }],
    ['stale', 'is long-lived stale (RFC 9494 §4.3)', stale, { longLived: false }],
  ] as const;

  test.each(rows)('%s: if it %s, the next path is not hidden', (reason, _, special, session) => {
    const it = new Lab();
    const [able, unable] = it.clients;
    it.up(able, 1, { ...sendSettings, ...usual });
    it.up(unable, 2, { ...sendSettings, ...usual, ...session });
    it.settle();
    const announceSpecial = (): void => {
      const nextHop = it.rib.peer(it.nodes[0]).settings.address;
      const attributes = route({ nextHop, med: 100, ...special });
      const bytes = announcement([{ prefix: prefix(service) }], attributes, { maxLength: 65_535 });
      it.receive(it.nodes[0], bytes);
    };
    const meds = (): (number | undefined)[] =>
      it.clients.map((client) => it.routerOf(client).routes.get(service)?.med);
    announceSpecial();
    it.settle();
    expect(meds()).toEqual([100, undefined]);
    const id = it.rib.families[1].tables.prefixes.find(prefix(service));
    const outcome = (): ClientOutcome => explainClient(it.rib, 1, id, unable);
    expect([outcome().reason, it.view.advertisedCount(unable, 1)]).toEqual([reason, 0]);
    it.announce(2, service, 200);
    it.settle();
    // Long-lived stale paths rank last, so they are no longer considered.
    expect(outcome().withheld.map((path) => path.reason)).toEqual(
      special === stale ? [] : ['too_long'],
    );
    expect(meds()[1]).toBe(200);
    expect(it.view.advertisedCount(unable, 1)).toBe(1);
  });
});

describe('an IPv4 route over an IPv6 next hop (RFC 8950)', () => {
  const takes = { ...sendSettings, extendedNextHop: [true, false] };
  const takesNone = { ...sendSettings, extendedNextHop: [false, false] };

  test('does not hide the next path from a client that cannot use it', () => {
    const it = ofTwoFamilies();
    come(it, takesNone);
    const [first, second] = it.clients;
    expect([medOf(it, first), medOf(it, second)]).toEqual([200, 100]);
    expect(it.view.advertisedCount(first, 0)).toBe(1);
    it.withdraw(2, ipv4Route);
    it.settle();
    expect(it.routerOf(first).routes.size).toBe(0);
    expect(it.view.advertisedCount(first, 0)).toBe(0);
    const { families } = it.rib;
    const id = families[0].tables.prefixes.find(prefix(ipv4Route));
    expect(explainClient(it.rib, 0, id, first).reason).toBe('next_hop_unusable');
  });

  test('is sent according to the latest session, even after a change of policy', () => {
    const it = ofTwoFamilies();
    const [client] = it.clients;
    come(it, takesNone);
    come(it, takes);
    expect(medOf(it, client)).toBe(100);
    const { settings } = it.rib.peer(client);
    it.rib.replaceSettings(client, { ...settings, address: address('2001:db8:1::99') });
    it.settle();
    expect(medOf(it, client)).toBe(100);
    come(it, takesNone);
    expect(medOf(it, client)).toBe(200);
  });

  test('is sent to an ADD-PATH client only if its session carries it', () => {
    const it = ofTwoFamilies();
    const [client] = it.clients;
    it.rib.replaceSettings(client, { ...it.rib.peer(client).settings, mayAddPath: true });
    const counts = [takesNone, takes].map((send) => {
      come(it, { ...send, addPath: [true, true] });
      return it.routerOf(client).paths.size;
    });
    expect(counts).toEqual([1, 2]);
  });
});

const sent = (under: RibUnderTest, er: PeerId): string[] => [...under.routerOf(er).routes.keys()];

describe('what export policies have answered', () => {
  const policy = policyOf(rule('reject', { peerAs: [65_009] }), rule('accept'));
  const one = announcement([{ prefix: prefix(service) }], route({ nextHop: address(w1.address) }));

  /** Returns a node, a client that has its route, and a spy on the calls of the client's export policy. */
  function given() {
    const under = new RibUnderTest();
    const [node, client] = [w1, er2].map(({ name, address: own }) =>
      importOf({
        peerName: name,
        peerAddress: address(own),
        acceptNextHop: 'any',
        enforceFirstAs: false,
      }),
    );
    const settings = under.settings(client, exportOf({ policy }));
    const exportJudge = settings.exportJudge as ExportJudge;
    const judge = vi.spyOn(exportJudge, 'judge');
    const [w, er] = [under.settings(node), settings].map((each) => under.rib.addPeer(each));
    under.up(w, 1);
    under.up(er, 2);
    under.receive(w, one);
    under.settle();
    judge.mockClear();
    return { under, node, w, er, judge };
  }

  test('is kept when the import policy of the node changes', () => {
    const { under, node, w, er, judge } = given();
    under.rib.replaceSettings(w, under.settings({ ...node, policy: 'none' }));
    under.settle();
    expect(sent(under, er)).toEqual([]);
    under.rib.replaceSettings(w, under.settings(node));
    under.settle();
    expect(sent(under, er)).toEqual([service]);
    expect(judge).not.toHaveBeenCalled();
  });

  test('is asked again when the AS of the node changes, even for existing routes', () => {
    const { under, node, w, er, judge } = given();
    under.rib.replaceSettings(w, under.settings({ ...node, peerAs: 65_009 }));
    under.settle();
    expect(judge).toHaveBeenCalled();
    expect(sent(under, er)).toEqual([]);
  });
});
