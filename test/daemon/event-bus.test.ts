import { describe, expect, it } from 'vitest';
import { EventBus } from '#daemon/event-bus.ts';
import { ManualClock } from '#support/manual-clock.ts';

const warning = (text: string) => ({ event: 'warning', text }) as const;

function watched() {
  const clock = new ManualClock({ startMs: 0, soon: 'manual' });
  const bus = new EventBus(clock);
  const told: string[] = [];
  const leave = bus.subscribe((event, at) => {
    if (event.event === 'warning') told.push(`${at.slice(17)} ${event.text}`);
  });
  return { clock, bus, told, leave };
}

describe('an event', () => {
  it('is delivered after the turn in which the RIB works, with the time at which it was emitted', () => {
    const { clock, bus, told } = watched();
    clock.nowMs = 1;
    bus.emit(warning('first'));
    clock.soon(() => bus.emit(warning('second, of the RIB')));
    clock.nowMs = 2;
    clock.turn();
    expect(told).toEqual([]);
    clock.nowMs = 3;
    clock.turn();
    expect(told).toEqual(['00.001Z first', '00.002Z second, of the RIB']);
  });

  it('that a listener emits is delivered after the earlier ones', () => {
    const { clock, bus, told } = watched();
    bus.subscribe(({ event }) => {
      if (event === 'warning' && told.length === 1) bus.emit(warning('answer'));
    });
    bus.emit(warning('question'));
    for (let turn = 0; turn < 4; turn++) clock.turn();
    expect(told).toEqual(['00.000Z question', '00.000Z answer']);
  });

  it('is delivered at once, and only once, if a state that results from it is about to be shown', () => {
    const { clock, bus, told } = watched();
    bus.emit(warning('news'));
    bus.flush();
    expect(told).toEqual(['00.000Z news']);
    for (let turn = 0; turn < 2; turn++) clock.turn();
    expect(told).toEqual(['00.000Z news']);
  });

  it('is still delivered to a subscriber that leaves, and nothing after it', () => {
    const { clock, bus, told, leave } = watched();
    bus.emit(warning('last'));
    leave();
    expect(told).toEqual(['00.000Z last']);
    bus.emit(warning('too late'));
    for (let turn = 0; turn < 2; turn++) clock.turn();
    expect(told).toEqual(['00.000Z last']);
  });

  it('waits for a later turn if earlier ones take long, and newer ones wait behind it', () => {
    const { clock, bus, told } = watched();
    bus.subscribe(() => (clock.nowMs += 2));
    for (const text of ['a', 'b', 'c']) bus.emit(warning(text));
    const texts = (): string[] => told.map((line) => line.slice(-1));
    for (let turn = 0; turn < 2; turn++) clock.turn();
    expect(texts()).toEqual(['a', 'b']);
    bus.emit(warning('d'));
    clock.turn();
    expect(texts()).toEqual(['a', 'b', 'c', 'd']);
    for (const text of ['e', 'f', 'g']) bus.emit(warning(text));
    bus.flush();
    expect(texts()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
    for (let turn = 0; turn < 2; turn++) clock.turn();
    expect(texts()).toHaveLength(7);
  });

  it('is delivered although a listener threw an error at an earlier one', () => {
    const { clock, bus, told } = watched();
    bus.subscribe((event) => {
      if (event.event === 'warning' && event.text === 'a') throw new Error('a bug');
    });
    for (const text of ['a', 'b']) bus.emit(warning(text));
    clock.turn();
    expect(() => clock.turn()).toThrow('a bug');
    bus.emit(warning('c'));
    clock.turn();
    expect(told.map((line) => line.slice(-1))).toEqual(['a', 'b', 'c']);
  });
});
