import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  attribute,
  fourOctetAsCapability,
  ipv4UnicastCapability,
  MessageType,
  open,
  update,
} from '#support/raw-message.ts';
import type { RawSpeaker } from '#support/raw-speaker.ts';
import { Bench } from './bench.ts';

/** IPv4 unicast with next hops of AFI 2 (RFC 8950 §4). */
const extendedNextHop = [5, [0, 1, 0, 1, 0, 2]] as const;
const ipv4Only = [ipv4UnicastCapability, fourOctetAsCapability(65001)];
const both = [...ipv4Only, extendedNextHop];

const prefix = [24, 198, 51, 100];
const ipv6NextHop = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
const none = Buffer.alloc(0);
const pathAttributes = [
  attribute(0x40, 1, [0]),
  attribute(0x40, 2, [2, 1, 0, 0, 65001 >> 8, 65001 & 255]),
];
const overIpv6 = update(
  [attribute(0x80, 14, [0, 1, 1, 16, ...ipv6NextHop, 0, ...prefix]), ...pathAttributes],
  none,
  none,
);
const overIpv4 = update(
  [...pathAttributes, attribute(0x40, 3, [192, 0, 2, 1])],
  Buffer.from(prefix),
  none,
);

const config = `
start_gate: 0
peer_groups:
  all: { passive: true, peer_as: 65001, import: all, export: all }
peers:
  - { name: SIX, address: "::1", group: all, rs_client: false, accept_next_hop: ["2001:db8::/32"] }
  - { name: FOUR, address: 127.0.1.2, group: all, accept_next_hop: any }
`;

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.start(config, { listen: ['127.0.0.9', '[::1]'] });
});
afterEach(() => bench.close());

it.each([
  ['::1', true],
  ['127.0.1.2', false],
])('over %s the capability is offered: %s', async (address, isOffered) => {
  const speaker = bench.call(address);
  speaker.send(open({ as: 65001, holdTimeSec: 30, routerId: '1.1.1.1', capabilities: both }));
  const { body } = await speaker.next(MessageType.open);
  expect(body.includes(Buffer.from([5, 6, 0, 1, 0, 1, 0, 2]))).toBe(isOffered);
});

it('an IPv4 route with an IPv6 next hop is accepted, and is not sent to clients that cannot use it', async () => {
  const six = await bench.establish('::1', { capabilities: both });
  const four = await bench.establish('127.0.1.2', { capabilities: ipv4Only });
  six.send(overIpv6);
  await bench.until('the route', () => bench.peer('SIX').prefixes.accepted === 1);
  expect(bench.explain('198.51.100.0/24')?.best?.next_hop).toBe('2001:db8::1');
  six.send(update([], none, Buffer.from(prefix)));
  await bench.until('its end', () => bench.peer('SIX').prefixes.accepted === 0);
  expect(announcements(four)).toEqual([]);
});

it('without the capability such a route ends the session (RFC 7606 §5.3)', async () => {
  const six = await bench.establish('::1', { capabilities: ipv4Only });
  six.send(overIpv6);
  const { body } = await six.next(MessageType.notification);
  expect([...body.subarray(0, 2)]).toEqual([3, 9]);
});

it('an IPv4 route with next hop self is not sent to a peer that accepts no IPv6 next hop', async () => {
  await bench.establish('::1', { capabilities: ipv4Only });
  const four = await bench.establish('127.0.1.2', { capabilities: ipv4Only });
  four.send(overIpv4);
  await bench.until('the route', () => bench.peer('FOUR').prefixes.accepted === 1);
  const [row] = bench.explain('198.51.100.0/24', 'SIX')?.exports ?? [];
  expect(row.reason).toBe('next_hop_unusable');
});

/** Returns the bodies of the UPDATEs that announce something. */
function announcements(speaker: RawSpeaker): Buffer[] {
  const bodies = speaker.of(MessageType.update).map(({ body }) => body);
  return bodies.filter((body) => body.readUInt16BE(0) === 0 && body.includes(Buffer.from(prefix)));
}
