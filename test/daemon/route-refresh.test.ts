import { afterEach, beforeEach, expect, it } from 'vitest';
import { nodeAttributes, routeRefresh, update } from '#support/raw-message.ts';
import { Bench, openFields } from './bench.ts';

/** RFC 7313 §3.1. */
const enhancedRefresh = [70, []] as const;

const peers =
  'start_gate: 0\npeers: [{ name: W1, address: 127.0.1.1, peer_as: 65001, passive: true, import: all, accept_next_hop: any, ' +
  'refresh_stale_time: 1s }]\n';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.start(peers);
});
afterEach(() => bench.close());

const attributes = nodeAttributes([10, 0, 0, 1]);
const both = Buffer.from([32, 192, 0, 2, 1, 32, 192, 0, 2, 2]);
const none = Buffer.alloc(0);

it('an EoRR that never comes does not keep stale routes forever', async () => {
  const capabilities = [...openFields.capabilities, enhancedRefresh];
  const speaker = await bench.establish('127.0.1.1', { capabilities });
  speaker.send(update(attributes, both, none));
  await bench.until('both', () => bench.peer('W1').prefixes.received === 2);
  speaker.send(routeRefresh(1, 1));
  speaker.send(update(attributes, both.subarray(0, 5), none));
  await bench.until('the sweep', () => bench.peer('W1').prefixes.received === 1);
  expect(bench.warnings(/EoRR/).map(({ text }) => text)).toEqual([
    'no EoRR within refresh_stale_time of its BoRR: ipv4_unicast routes that were not announced again are removed (RFC 7313)',
  ]);
  expect(bench.peer('W1').state).toBe('established');
});
