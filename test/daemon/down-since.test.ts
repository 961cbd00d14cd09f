import { afterEach, beforeEach, expect, test } from 'vitest';
import { Bench } from './bench.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.start(`start_gate: 0
peers: [{ name: W1, address: 127.0.1.1, peer_as: 65001, connect_retry: 1s, idle_hold: 1s }]\n`);
});
afterEach(() => bench.close());

/** Of the present state, and of the end of the last session; in milliseconds. */
function times(): { state: number; down: number } {
  const { since, down_since: down } = bench.peer('W1');
  return { state: Date.parse(since), down: Date.parse(down ?? '') };
}

test('a peer that is down says since when, whatever state our attempts to connect put it in', async () => {
  expect(bench.peer('W1').down_since).toBeUndefined();
  const speaker = await bench.establish('127.0.1.1');
  expect(bench.peer('W1').down_since).toBeUndefined();
  speaker.close();
  await bench.until('down', () => bench.peer('W1').state !== 'established');
  const before = times();
  // A wall time is computed from the monotonic one each time and may differ by a millisecond.
  await bench.until('a new attempt', () => times().state > before.state + 500);
  expect(Math.abs(times().down - before.down)).toBeLessThan(500);
});
