import { expect, test } from 'vitest';
import { Bench } from './bench.ts';
import { ShiftedClock } from './shifted-clock.ts';

const peers = `
start_gate: 0
peers:
  - { name: W1, address: 127.0.1.1, peer_as: 65001, passive: true, hold_time: 30 }
`;
const day = 86_400_000;

test.each([day, -day, -40_000 * day])(
  'the wall clock set by %d ms ends no session and makes no time pass',
  async (step) => {
    const clock = new ShiftedClock();
    const bench = await Bench.start(peers, { clock });
    try {
      const speaker = await bench.establish('127.0.1.1', { holdTimeSec: 30 });
      await bench.until('the session', () => bench.peer('W1').state === 'established');
      clock.stepWall(step);
      const before = bench.queries.status().uptime_s;
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      const passed = bench.queries.status().uptime_s - before;
      expect(passed).toBeGreaterThanOrEqual(1);
      expect(passed).toBeLessThan(3600);
      expect(bench.peer('W1')).toMatchObject({ state: 'established', flaps: 0 });
      expect(bench.peer('W1').hold_remaining_s).toBeLessThanOrEqual(30);
      expect(speaker.isClosed).toBe(false);
      expect(bench.told('internal_error')).toEqual([]);
    } finally {
      await bench.close();
    }
  },
);

test('the wall clock set by an hour moves the time until which a reload is to be confirmed', async () => {
  const clock = new ShiftedClock();
  const bench = await Bench.start(peers, { clock });
  try {
    await bench.commands.reload({ confirmS: 600 });
    clock.stepWall(3_600_000);
    const leftMs = Date.parse(bench.queries.status().config.confirm_by ?? '') - clock.wall();
    expect(leftMs).toBeGreaterThan(0);
    expect(leftMs).toBeLessThanOrEqual(600_000);
  } finally {
    await bench.close();
  }
});
