import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Roa, StayRtr } from '#support/daemons/stayrtr.ts';
import { freePort } from '#support/free-port.ts';
import { ipv6Update } from '#support/raw-message.ts';
import { describeInterop } from '#support/requirements.ts';
import { Bench } from '../daemon/bench.ts';

const good: Roa = { prefix: '2001:db8:1::/48', maxLength: 48, asn: 'AS65001' };
const bad: Roa = { ...good, asn: 'AS65009' };
const other: Roa = { prefix: '192.0.2.0/24', maxLength: 28, asn: 'AS64500' };

function config(port: number, aspa: boolean): string {
  return `
start_gate: 0
rpki: { caches: [{ name: stayrtr, address: "127.0.0.1:${port}" }], aspa: ${aspa} }
policies:
  checked: [{ match: { rpki: invalid }, then: reject }, { then: accept }]
peers:
  - { name: W1, address: 127.0.1.1, peer_as: 65001, passive: true, accept_next_hop: any, import: checked }
`;
}

describeInterop('stayrtr', ['stayrtr'], () => {
  let folder: string;
  let port: number;
  let cache: StayRtr;
  let bench: Bench;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fingerpost-rtr-'));
    port = await freePort();
    cache = new StayRtr(folder, port, [good, other]);
  });
  afterEach(async () => {
    await bench.close();
    await cache.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const vrps = () => {
    const { ipv4_unicast: ipv4, ipv6_unicast: ipv6 } = bench.queries.rpki().vrps;
    return [ipv4, ipv6];
  };
  const reason = () => bench.explain('2001:db8:1::/48')?.candidates[0]?.reason;

  it.each([
    [1, false],
    [2, true],
  ])('in version %i: its VRPs and their changes are used', async (version, aspa) => {
    await cache.listening();
    bench = await Bench.start(config(port, aspa));
    await bench.until('VRPs', () => vrps().join() === '1,1');
    expect(bench.queries.rpki()).toMatchObject({
      items: [{ name: 'stayrtr', state: 'established', in_use: true, version }],
      refresh_s: 3600,
      retry_s: 600,
      expire_s: 7200,
    });
    const speaker = await bench.establish('127.0.1.1');
    speaker.send(ipv6Update({ prefix: good.prefix, nextHop: '2001:db8::1', asPath: [65001] }));
    await bench.until('the route', () => bench.peer('W1').prefixes.accepted === 1);

    const before = bench.queries.rpki().items[0].serial;
    cache.write([bad, other]);
    await bench.until('the judgement', () => reason() === 'rpki_invalid');
    expect(bench.queries.rpki().items[0].serial).not.toBe(before);
    cache.write([good, other]);
    await bench.until('the judgement', () => reason() === undefined);
    expect(vrps()).toEqual([1, 1]);
  });

  it('that was restarted with other VRPs is asked for all data, although its session id and serial are the same', async () => {
    await cache.listening();
    bench = await Bench.start(config(port, false));
    await bench.until('VRPs', () => vrps().join() === '1,1');
    await cache.stop();
    cache = new StayRtr(folder, port, [good]);
    await bench.until('the new data', () => vrps().join() === '0,1');
  });
});
