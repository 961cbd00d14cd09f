import { expect, it } from 'vitest';
import type { Work } from '#api/changes.ts';
import { systemClock } from '#clock.ts';
import { mostUrgent, tally } from '#daemon/siblings/differences.ts';
import { parsePrefix } from '#text/prefix.ts';
import { Bench } from '../bench.ts';

const peers = 200;
const config = `
start_gate: 0
peers:
${Array.from({ length: peers }, (_, at) => `  - { name: W${at}, address: 127.0.2.${at + 1}, peer_as: 65001, passive: true }`).join('\n')}
`;

/** How often the daemon may do its own work in between. */
function slicesOf(work: Work<unknown>): number {
  let slices = 1;
  while (work.next().done !== true) slices++;
  return slices;
}

it('a list of peers and what a scrape reads are made in slices, a few peers in each', async () => {
  let ticks = 0;
  // Each look at the time takes a millisecond: a slice of 3 ms has three steps.
  const clock = { ...systemClock, monotonic: () => ++ticks };
  const bench = await Bench.start(config, { clock });
  try {
    const lists = { peers: bench.queries.peers(), metrics: bench.queries.metrics() };
    for (const [name, work] of Object.entries(lists)) {
      expect(slicesOf(work), name).toBeGreaterThanOrEqual(peers / 3);
    }
  } finally {
    await bench.close();
  }
});

it('addresses that differ from those of siblings are counted and ranked a few at a time', () => {
  const addresses = 10_000;
  const differing = Array.from({ length: addresses }, (_, at) => {
    const view = { peer: 'RS4', state: at % 2 === 0 ? 'missing_there' : 'unknown' } as const;
    const item = {
      prefix: parsePrefix('192.0.2.1/32'),
      ours: undefined,
      siblings: [{ view, sinceMs: 0 }],
    };
    return [`address ${at}`, item] as const;
  });
  expect(slicesOf(tally(differing, ['RS4'], () => true))).toBeGreaterThan(addresses / 100);
  expect(slicesOf(mostUrgent(differing, 10))).toBeGreaterThan(addresses / 100);
});
