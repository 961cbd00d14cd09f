import { describe, expect, it } from 'vitest';
import type { DaemonEvent } from '#api/events/events.ts';
import { EventBus } from '#daemon/event-bus.ts';
import { Recorder, type RecordQuery } from '#daemon/record/recorder.ts';
import { dice } from '#support/dice.ts';
import { ManualClock } from '#support/manual-clock.ts';

function recording() {
  const clock = new ManualClock({ startMs: 0 });
  const bus = new EventBus(clock);
  const recorder = new Recorder(clock, bus);
  const emit = (event: DaemonEvent, ms = 1): void => {
    clock.nowMs += ms;
    bus.emit(event);
    bus.flush();
  };
  const texts = (query = {}, limit = 100) =>
    recorder.query(query, limit, undefined).map(({ text }) => text);
  return { clock, bus, recorder, emit, texts };
}

const warning = (text: string, peer = 'W1') => ({ event: 'warning', peer, text }) as const;
const move = (address: number): DaemonEvent => ({
  event: 'best_changed',
  prefix: `10.0.0.${address}/32`,
  cause: { kind: 'withdrawn', peer: 'W1', text: 'withdrawn by the peer' },
});
const by = { uid: 0, user: 'alice' };

describe('the record', () => {
  it('returns matching events only, the newest first', () => {
    const { emit, texts, recorder } = recording();
    emit(warning('one'));
    emit(warning('two', 'W2'), 1000);
    emit({ event: 'note', text: 'ticket 4711', by });
    expect(texts()).toEqual([
      'note by uid 0 (says: alice): ticket 4711',
      'peer W2: two',
      'peer W1: one',
    ]);
    expect(texts({ peer: 'W1' })).toEqual(['peer W1: one']);
    expect(texts({ kind: 'note' })).toHaveLength(1);
    const [, second] = recorder.query({}, 2, undefined);
    expect(recorder.query({}, 2, second.id).map(({ text }) => text)).toEqual(['peer W1: one']);
    expect(texts({ sinceMs: Date.parse(second.at), untilMs: Date.parse(second.at) })).toEqual([
      'peer W2: two',
    ]);
  });

  it('is in the order of ids although an emitted event is delivered after one that is added directly', () => {
    const { bus, recorder } = recording();
    bus.emit(warning('emitted'));
    recorder.add({ kind: 'best_changed', level: 'info', text: 'added' });
    const [last] = recorder.query({}, 1, undefined);
    const [first] = recorder.query({}, 1, last.id);
    expect([first, last].map(({ text }) => text)).toEqual(['peer W1: emitted', 'added']);
  });

  it('is in the order of ids although a minute is summarized before an earlier event is delivered', () => {
    const { emit, bus, clock, recorder, texts } = recording();
    for (let count = 0; count < 100; count++) emit(warning('flap'));
    bus.emit(warning('late', 'W2'));
    clock.nowMs += 60_000;
    bus.flush();
    const all = texts({}, 1000);
    expect(all.slice(0, 2)).toEqual([expect.stringContaining('more events'), 'peer W2: late']);
    const [summary] = recorder.query({}, 1, undefined);
    expect(recorder.query({}, 1000, summary.id)).toHaveLength(all.length - 1);
  });

  it.each([1, 2, 3])(
    'answers what a search of all events finds, with the clock set: seed %s',
    (seed) => {
      const { below, chance, pick } = dice(seed);
      const { emit, clock, recorder } = recording();
      const startMs = clock.wall();
      for (let count = 0; count < 200; count++) {
        if (chance(0.05)) clock.wallSetMs = below(20_000) - 10_000;
        emit(
          pick([
            warning('flap', pick(['W1', 'W2'])),
            move(below(5)),
            { event: 'note', text: 'x', by },
          ]),
          below(200),
        );
      }
      const all = recorder.query({}, 1000, undefined);
      for (let count = 0; count < 200; count++) {
        const query: RecordQuery = {
          ...(chance(0.6) && { sinceMs: startMs + below(40_000) - 15_000 }),
          ...(chance(0.3) && { untilMs: startMs + below(40_000) - 15_000 }),
          ...(chance(0.6) && { kind: pick(['warning', 'best_changed', 'note'] as const) }),
          ...(chance(0.2) && { peer: pick(['W1', 'W2']) }),
          ...(chance(0.2) && { prefix: '10.0.0.1/32' }),
        };
        const wanted = all.filter((event) => {
          const atMs = Date.parse(event.at);
          return (
            atMs >= (query.sinceMs ?? atMs) &&
            atMs <= (query.untilMs ?? atMs) &&
            (['kind', 'peer', 'prefix'] as const).every(
              (key) => event[key] === (query[key] ?? event[key]),
            )
          );
        });
        expect(recorder.query(query, 1000, undefined)).toEqual(wanted);
      }
    },
  );

  it('has at most sixty rows a minute of one kind about one peer, and one that counts the others', () => {
    const { emit, texts } = recording();
    for (let count = 0; count < 100; count++) emit(warning(`flap ${count}`), 0);
    emit(warning('of another', 'W2'), 0);
    expect(texts({ peer: 'W1' })).toHaveLength(60);
    emit(warning('in the next minute'), 60_000);
    expect(texts({ peer: 'W1' }).slice(0, 2)).toEqual([
      'W1: 40 more events of the kind warning within a minute were not recorded individually',
      'peer W1: in the next minute',
    ]);
    expect(texts({ peer: 'W2' })).toEqual(['peer W2: of another']);
  });

  it('has each address at least once an hour, and otherwise sixty rows a minute per peer', () => {
    const { emit, texts } = recording();
    for (let address = 0; address < 100; address++) emit(move(address), 0);
    expect(texts()).toHaveLength(100);
    for (let address = 0; address < 100; address++) emit(move(address), 0);
    expect(texts()).toHaveLength(100);
    emit(warning('in the next minute', 'W2'), 60_000);
    expect(texts()[0]).toBe(
      'W1: 100 more events of the kind best_changed within a minute were not recorded individually',
    );
    emit(warning('in the next hour', 'W2'), 3_600_000);
    for (let address = 0; address < 100; address++) emit(move(address), 0);
    expect(texts({ kind: 'best_changed' }, 1000)).toHaveLength(201);
  });

  it('keeps what operators did, however much else happens', () => {
    const { emit, texts, recorder } = recording();
    emit({ event: 'note', text: 'before the flood', by });
    for (let count = 0; count < 20_000; count++) emit(warning('flap', `P${count}`), 0);
    expect(texts({ kind: 'note' })).toHaveLength(1);
    expect(recorder.query({}, Infinity, undefined).length).toBeLessThan(15_000);
  });

  it('continues after an event that it still has, and says where some may be missing', () => {
    const { emit, recorder } = recording();
    for (let count = 0; count < 3; count++) emit(warning(`${count}`));
    const [, , first] = recorder.query({}, 3, undefined);
    expect(recorder.after(first.id)?.map(({ text }) => text)).toEqual(['peer W1: 1', 'peer W1: 2']);
    expect(recorder.after('1')).toBeUndefined();
  });
});

describe('ids', () => {
  it('grow even if the clock is set back, and continue those before a restart', () => {
    const { bus, clock } = recording();
    clock.nowMs = 5000;
    const first = parseInt(bus.takeId(), 36);
    clock.nowMs = 1000;
    const second = parseInt(bus.takeId(), 36);
    bus.continueAfter((second + 1000).toString(36));
    const third = parseInt(bus.takeId(), 36);
    expect([first < second, third]).toEqual([true, second + 1001]);
  });
});
