import { describe, expect, it } from 'vitest';
import { Causes } from '#daemon/record/causes.ts';
import { Rib } from '#rib/rib.ts';
import { ManualClock } from '#support/manual-clock.ts';

function causes() {
  const clock = new ManualClock({ startMs: 1000 });
  const { because } = new Rib({
    seed: 1,
    decision: { med: 'same_as', tieBreak: 'router_id' },
    output: { send: () => undefined, sendRouteRefresh: () => undefined },
  });
  let ids = 0;
  return { clock, causes: new Causes({ because, clock, takeId: () => String(++ids) }) };
}

const drain = { kind: 'drain', text: 'node w1 is drained' } as const;
const command = { kind: 'command', text: 'reset by an operator' } as const;

describe('a cause', () => {
  it('applies to everything within, and to nothing outside', () => {
    const { causes: known } = causes();
    expect(known.current).toBeUndefined();
    known.because(drain, () => {
      known.because(command, () => expect(known.current?.cause).toBe(command));
      expect(known.current?.cause).toBe(drain);
    });
    expect(known.current).toBeUndefined();
  });

  it('applies to each step of a change that takes several turns, and to nothing between them', () => {
    const { causes: known } = causes();
    const seen: (string | undefined)[] = [];
    function* steps(): Generator<void> {
      seen.push(known.current?.cause.kind);
      yield;
      seen.push(known.current?.cause.kind);
    }
    for (const _ of known.each(known.add({ cause: command }), steps())) {
      seen.push(known.current?.cause.kind);
    }
    expect(seen).toEqual(['command', undefined, 'command']);
  });

  it('has the time of its detection by both clocks', () => {
    const { causes: known, clock } = causes();
    const number = known.add({ cause: drain, atMs: clock.monotonic() - 5 });
    expect(known.withNumber(number)).toMatchObject({
      atMs: clock.monotonic() - 5,
      atWallMs: clock.wall() - 5,
    });
  });

  it('is forgotten when many have come after it', () => {
    const { causes: known } = causes();
    const first = known.add({ cause: drain });
    for (let count = 0; count < 5000; count++) known.add({ cause: command });
    expect(known.withNumber(first)).toBeUndefined();
  });
});
