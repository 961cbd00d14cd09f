import { describe, expect, test } from 'vitest';
import { ManualClock } from '../sim/manual-clock.ts';
import { seededRandom } from '../sim/random.ts';
import { Speaker } from '../sim/speaker.ts';
import { nodeSettings, settingsOf } from './settings.ts';

function pair(seed: number, node = {}, server = {}) {
  const clock = new ManualClock();
  const random = seededRandom(seed);
  const options = {
    clock,
    random,
    latencyMs: () => 1 + 20 * random(),
    chunkBytes: () => 1 + Math.floor(60 * random()),
  };
  const a = new Speaker(settingsOf(server), options);
  const b = new Speaker(nodeSettings(node), options);
  Speaker.link(a, b);
  return { clock, a, b };
}

describe('two speakers', () => {
  test.each(Array.from({ length: 400 }, (_, seed) => seed))('meet, seed %i', (seed) => {
    const { clock, a, b } = pair(seed);
    a.start();
    clock.advance(seed * 1.5);
    b.start();
    clock.advance(60_000);
    if ([...a.log, ...b.log].some((l) => l.startsWith('down') || /[1-5]\//.test(l)))
      console.log(seed, a.log.join(' | '), '///', b.log.join(' | '));
    expect([a.peer.state, b.peer.state]).toEqual(['Established', 'Established']);
  });
});
