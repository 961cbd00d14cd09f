import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  attribute,
  fourOctetAsCapability,
  ipv6UnicastCapability,
  ipv6Update,
  MessageType,
  open,
} from '#support/raw-message.ts';
import type { RawSpeaker } from '#support/raw-speaker.ts';
import { Bench } from './bench.ts';
import { wholeListing } from './whole-listing.ts';

const provider = '127.0.1.1';
const customer = '127.0.1.2';
const lateral = '127.0.1.3';

const config = `
start_gate: 0
peer_groups:
  all: { passive: true, import: all, export: all, accept_next_hop: any }
peers:
  - { name: UP, address: ${provider}, peer_as: 65001, group: all, role: customer }
  - { name: DOWN, address: ${customer}, peer_as: 65003, group: all, role: provider }
  - { name: STRICT, address: 127.0.1.4, peer_as: 65005, group: all, export: none, role: rs, role_strict: true }
  - { name: SIDE, address: ${lateral}, peer_as: 65004, group: all, role: peer }
`;

/** RFC 9234 §4.1. */
const role = { provider: 0, rs: 1, rs_client: 2, customer: 3, peer: 4 } as const;

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.start(config);
});
afterEach(() => bench.close());

function fields(as: number, ...roles: number[]) {
  const named = roles.map((value) => [9, [value]] as const);
  return { as, capabilities: [ipv6UnicastCapability, fourOctetAsCapability(as), ...named] };
}

it.each([
  ['its counterpart', [role.provider], undefined],
  ['none: the mode is not strict', [], undefined],
  ['another', [role.customer], [2, 11]],
  ['two that differ', [role.provider, role.peer], [2, 11]],
  ['one that nobody knows', [9], [2, 11]],
])('a peer that sends %s', async (_, roles, refusal) => {
  const speaker = bench.call(provider);
  speaker.send(open({ holdTimeSec: 30, routerId: provider, ...fields(65001, ...roles) }));
  const ours = await speaker.next(MessageType.open);
  expect(ours.body.includes(Buffer.from([9, 1, role.customer]))).toBe(true);
  if (refusal === undefined) {
    await speaker.next(MessageType.keepalive);
    return;
  }
  const { body } = await speaker.next(MessageType.notification);
  expect([...body.subarray(0, 2)]).toEqual(refusal);
  await bench.until('the error', () => bench.peer('UP').last_error?.subcode === 11);
});

it('a peer that sends no role is refused with role_strict', async () => {
  const speaker = bench.call('127.0.1.4');
  speaker.send(open({ holdTimeSec: 30, routerId: '127.0.1.4', ...fields(65005) }));
  const { body } = await speaker.next(MessageType.notification);
  expect([...body.subarray(0, 2)]).toEqual([2, 11]);
  await bench.until('the error', () => bench.peer('STRICT').last_error?.subcode === 11);
});

it('a route from a provider is marked, and is sent to customers only', async () => {
  const up = await bench.establish(provider, fields(65001, role.provider));
  const down = await bench.establish(customer, fields(65003, role.customer));
  await bench.establish(lateral, fields(65004, role.peer));
  up.send(ipv6Update({ prefix: '2001:db8:1::/48', nextHop: '2001:db8::1', asPath: [65001] }));
  await bench.until('the route', () => bench.peer('DOWN').prefixes.advertised === 1);
  expect(reasons('2001:db8:1::/48')).toEqual({ UP: 'own_route', DOWN: 'sent', SIDE: 'otc_leak' });
  expect(bench.explain('2001:db8:1::/48')?.best?.otc).toBe(65001);
  await bench.until('UPDATE', () => sentOtc(down) !== undefined);
  expect(sentOtc(down)).toBe(65001);
});

it('a marked route from a customer is a leak', async () => {
  const down = await bench.establish(customer, fields(65003, role.customer));
  const leak = { prefix: '2001:db8:2::/48', nextHop: '2001:db8::1', asPath: [65003] };
  down.send(marked(ipv6Update(leak), 65001));
  await bench.until('the route', () => bench.peer('DOWN').prefixes.rejected === 1);
  expect(reasonsOfRejected('DOWN')).toEqual(['otc_leak']);
});

it('a marked route from a lateral peer must bear its own AS', async () => {
  const side = await bench.establish(lateral, fields(65004, role.peer));
  const route = { nextHop: '2001:db8::1', asPath: [65004] };
  side.send(marked(ipv6Update({ ...route, prefix: '2001:db8:3::/48' }), 65004));
  side.send(marked(ipv6Update({ ...route, prefix: '2001:db8:4::/48' }), 65001));
  await bench.until('the routes', () => bench.peer('SIDE').prefixes.received === 2);
  expect(reasonsOfRejected('SIDE')).toEqual(['otc_leak']);
  expect(bench.peer('SIDE').prefixes.accepted).toBe(1);
});

it('a route from a customer is sent everywhere, marked with our AS toward customers and peers', async () => {
  const down = await bench.establish(customer, fields(65003, role.customer));
  const side = await bench.establish(lateral, fields(65004, role.peer));
  await bench.establish(provider, fields(65001, role.provider));
  down.send(ipv6Update({ prefix: '2001:db8:5::/48', nextHop: '2001:db8::1', asPath: [65003] }));
  await bench.until('UPDATE', () => sentOtc(side) !== undefined);
  expect(sentOtc(side)).toBe(65002);
  expect(reasons('2001:db8:5::/48')).toEqual({ UP: 'sent', DOWN: 'own_route', SIDE: 'sent' });
});

function reasons(prefix: string): Record<string, string> {
  const rows = bench.explain(prefix)?.exports ?? [];
  return Object.fromEntries(rows.map(({ peer, reason }) => [peer, reason]));
}

function reasonsOfRejected(peer: string): (string | undefined)[] {
  const rejected = wholeListing((page) => bench.queries.peerRoutes(peer, 'rejected', page));
  return rejected.map(({ reason }) => reason);
}

/** The UPDATE with OTC (35) as its last attribute. */
function marked(message: Buffer, asn: number): Buffer {
  const otc = attribute(0xc0, 35, [0, 0, asn >> 8, asn & 255]);
  const out = Buffer.concat([message, otc]);
  out.writeUInt16BE(out.length, 16);
  out.writeUInt16BE(out.length - 23, 21);
  return out;
}

/** The value of OTC in the UPDATEs that a speaker was sent. */
function sentOtc(speaker: RawSpeaker): number | undefined {
  for (const { body } of speaker.of(MessageType.update)) {
    const at = body.indexOf(Buffer.from([0xc0, 35, 4]));
    if (at >= 0) return body.readUInt32BE(at + 3);
  }
  return undefined;
}
