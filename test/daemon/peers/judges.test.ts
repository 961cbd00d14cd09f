import { expect, it } from 'vitest';
import { Judges } from '#daemon/peers/judges.ts';
import type { AttrsId, PeerId } from '#policy/ids.ts';
import { AttrTable } from '#rib/tables/attr-table.ts';
import { RpkiData } from '#rpki/rpki-data.ts';
import { parseAddress } from '#text/address.ts';
import { parsePrefix } from '#text/prefix.ts';
import { Family } from '#wire/constants.ts';
import { Origin, type PathAttributes } from '#wire/path-attributes.ts';
import { configOf, withPeer } from '../../config/files.ts';

const route: PathAttributes = {
  origin: Origin.igp,
  asPath: [],
  nextHop: parseAddress('192.0.2.7'),
  atomicAggregate: false,
  communities: [],
  largeCommunities: [],
  extCommunities: [],
  ipv6ExtCommunities: [],
  unknown: [],
};
const neither = [false, false];
const ipv4OverIpv6 = [true, false];

it.each([
  ['192.0.2.9', neither, Family.ipv4Unicast, '192.0.2.9'],
  ['192.0.2.9', neither, Family.ipv6Unicast, undefined],
  ['2001:db8::9', neither, Family.ipv6Unicast, '2001:db8::9'],
  ['2001:db8::9', neither, Family.ipv4Unicast, undefined],
  ['2001:db8::9', ipv4OverIpv6, Family.ipv4Unicast, '2001:db8::9'],
  ['fe80::9', ipv4OverIpv6, Family.ipv6Unicast, undefined],
  ['fe80::9', ipv4OverIpv6, Family.ipv4Unicast, undefined],
])('next hop self of a session from %s with %j: family %i has %s', (...row) => {
  const [local, extendedNextHop, family, want] = row;
  const attrs = new AttrTable(1);
  const judges = new Judges(attrs, { nameOf: () => '', asOf: () => 0 }, new RpkiData());
  const [peer] = configOf(withPeer('export: all, rs_client: false')).peers;
  const facts = { peerAs: 65001, localAddress: parseAddress(local), extendedNextHop };
  const judge = judges.exportJudge(peer, facts);
  const prefix = parsePrefix(family === Family.ipv4Unicast ? '10.0.0.0/8' : '2001:db8::/32');
  const verdict = judge?.judge(attrs.intern(route), 1 as PeerId, judge.prefixClass(prefix)) ?? 0;
  const sent = verdict > 0 ? attrs.read(Number(verdict) as AttrsId) : undefined;
  expect(sent?.nextHop).toEqual(want === undefined ? undefined : parseAddress(want));
});

it('a peer that connects with another AS each time leaves no judge behind', () => {
  const judges = new Judges(new AttrTable(1), { nameOf: () => '', asOf: () => 0 }, new RpkiData());
  const yaml = withPeer('import: all').replace('peer_as: 65001', 'peer_as: any');
  const [peer] = configOf(yaml).peers;
  const of = (peerAs: number) =>
    judges.importJudge(peer, { peerAs, localAddress: peer.address, extendedNextHop: neither }, []);
  const first = of(1);
  expect(of(1)).toBe(first);
  of(2);
  expect(of(1)).not.toBe(first);
});
