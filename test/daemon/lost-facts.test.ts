import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { eventView } from '#api/events/event-view.ts';
import type { EventKind } from '#api/events/events.ts';
import type { MetricsView } from '#api/views/metrics.ts';
import { atOnce } from '#daemon/in-slices.ts';
import { Bench } from './bench.ts';

interface LostFact {
  /** The name below `state_dir`. */
  readonly file: string;
  readonly event: EventKind;
  readonly degraded: string;
  readonly isLost: (metrics: MetricsView) => boolean;
}

/** Every small file that a start reads, and the report if it cannot be read. */
const facts: readonly LostFact[] = [
  {
    file: 'drains.json',
    event: 'drain_failed',
    degraded: 'drains lost',
    isLost: (metrics) => metrics.are_drains_lost,
  },
  {
    file: 'state.json',
    event: 'state_lost',
    degraded: 'peers that were up before the start are not known',
    isLost: (metrics) => metrics.is_state_lost,
  },
  {
    file: 'configs/index.json',
    event: 'config_lost',
    degraded: 'confirmed configuration lost',
    isLost: (metrics) => metrics.config.is_confirmed_lost,
  },
];

it.each(facts)(
  'a daemon whose $file cannot be read starts, is degraded, and says so as an error and in its metrics',
  async ({ file, event, degraded, isLost }) => {
    const folder = mkdtempSync(join(tmpdir(), 'fingerpost-lost-'));
    const path = join(folder, 'state', file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '{"version":1,');
    const bench = await Bench.start(`start_gate: 0\nstate_dir: ${folder}/state\n`);
    try {
      bench.daemon.events.flush();
      const told = bench.events.filter((one) => one.event === event);
      expect(told.map((one) => eventView(one, '', '').level)).toEqual(['error']);
      expect(bench.queries.ready()).toMatchObject({ ready: true, degraded: [degraded] });
      expect(isLost(atOnce(bench.queries.metrics()))).toBe(true);
    } finally {
      await bench.close();
      rmSync(folder, { recursive: true });
    }
  },
);
