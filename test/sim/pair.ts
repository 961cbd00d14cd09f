import type { SessionSettings } from '#session/settings.ts';
import { ManualClock } from '#support/manual-clock.ts';
import { seededRandom } from './random.ts';
import { Speaker } from './speaker.ts';

export interface Pair {
  readonly clock: ManualClock;
  readonly random: () => number;
  readonly server: Speaker;
  readonly node: Speaker;
}

/** Two speakers on one clock, 1 to 21 ms apart, with messages cut at random; the seed determines everything. */
export function makePair(seed: number, server: SessionSettings, node: SessionSettings): Pair {
  const clock = new ManualClock();
  const random = seededRandom(seed);
  const options = {
    clock,
    random,
    latencyMs: () => 1 + 20 * random(),
    chunkBytes: () => 1 + Math.floor(60 * random()),
  };
  const pair = {
    clock,
    random,
    server: new Speaker(server, options),
    node: new Speaker(node, options),
  };
  Speaker.link(pair.server, pair.node);
  return pair;
}

/**
 * A third speaker in the same network, at the address of the node: it connects to the server, and no one connects to
 * it.
 */
export function addStray({ clock, random, server }: Pair, settings: SessionSettings): Speaker {
  const stray = new Speaker(settings, {
    clock,
    random,
    latencyMs: () => 1 + 20 * random(),
    chunkBytes: () => 4096,
  });
  stray.callsTo(server);
  return stray;
}
