import { expect, it } from 'vitest';
import { Bench } from '../bench.ts';
import { ShiftedClock } from '../shifted-clock.ts';

const peers = `
start_gate: 0
peers:
  - { name: W1, address: 127.0.1.1, peer_as: 65001, passive: true, hold_time: 30 }
`;

it('a session that was lost in a stall of this daemon is shown beside it', async () => {
  const clock = new ShiftedClock();
  const bench = await Bench.start(peers, { clock });
  try {
    const speaker = await bench.establish('127.0.1.1', { holdTimeSec: 30 });
    bench.daemon.stalls.start();
    clock.pass(8_000);
    speaker.close();
    await bench.until('the loss', () => bench.peer('W1').state !== 'established');
    expect(bench.warnings(/^this daemon did not run for /).length).toBe(1);
    const { sessions } = await bench.queries.trouble('1h');
    expect(sessions.common).toMatch(/^this daemon did not run for /);
  } finally {
    bench.daemon.stalls.stop();
    await bench.close();
  }
});
