import { afterEach, describe, expect, it } from 'vitest';
import { LoopTurns } from '#net/turns.ts';
import { ManualClock } from '#support/manual-clock.ts';
import { Closer, hear, own, pair, Recorder, takeAll, until } from './support.ts';

const closer = new Closer();
afterEach(() => closer.close());

describe('Outbox', () => {
  it('writes in order and reports when the kernel has accepted everything', async () => {
    const { near, far } = await pair(closer);
    const owner = new Recorder();
    const connection = own(near, owner);
    const heard = hear(far);
    for (const word of ['one ', 'two ', 'three']) connection.write(Buffer.from(word));
    expect(connection.queuedBytes).toBe(13);
    await until(() => heard.text === 'one two three');
    await until(() => owner.count('wrote') > 0);
    expect(owner.told).toEqual(['wrote']);
    expect(owner.queued).toEqual([0]);
    expect(connection.queuedBytes).toBe(0);
  });

  it('remembers when the kernel accepted the bytes of the last system calls', async () => {
    const { near, far } = await pair(closer);
    hear(far);
    const clock = new ManualClock();
    const connection = own(near, new Recorder(), { clock });
    expect(connection.sentAtMs(1)).toBeUndefined();
    const turns = 20;
    for (let turn = 1; turn <= turns; turn++) {
      clock.advance(1000);
      connection.write(Buffer.from('one '));
      connection.write(Buffer.from('two'));
      expect(connection.sentAtMs(turn * 7)).toBeUndefined();
      await until(() => connection.queuedBytes === 0);
    }
    const nowMs = clock.nowMs;
    for (const bytes of [turns * 7, turns * 7 - 6]) expect(connection.sentAtMs(bytes)).toBe(nowMs);
    expect(connection.sentAtMs(turns * 7 - 7)).toBe(nowMs - 1000);
    expect(connection.sentAtMs(turns * 7 + 1)).toBeUndefined();
    expect(connection.sentAtMs(1)).toBeUndefined();
  });

  it('the same bytes go to many peers', async () => {
    const shared = Buffer.alloc(200_000, 'route ');
    const pairs = await Promise.all([1, 2, 3].map(() => pair(closer)));
    const heard = pairs.map(({ far }) => hear(far));
    for (const { near } of pairs) own(near, new Recorder()).write(shared);
    await until(() => heard.every(({ text }) => text.length === shared.length));
    expect(heard.every(({ text }) => text === shared.toString())).toBe(true);
  });

  it('what is written to many peers at once leaves in turns of a few ms, and loses nothing', async () => {
    const clock = new ManualClock({ soon: 'manual' });
    const turns = new LoopTurns(clock);
    const pairs = await Promise.all([1, 2, 3].map(() => pair(closer)));
    const heard = pairs.map(({ far }) => hear(far));
    // The other sockets have used the whole time of this turn.
    takeAll(turns, clock);
    const connections = pairs.map(({ near }) => own(near, new Recorder(), { clock, turns }));
    for (const connection of connections) connection.write(Buffer.from('route '));
    await Promise.resolve();
    expect(turns.writing.backlog).toBe(3);
    for (const connection of connections) connection.write(Buffer.from('again'));
    expect(connections.map(({ queuedBytes }) => queuedBytes)).toEqual([11, 11, 11]);
    for (let turn = 0; turn < 2; turn++) clock.turn();
    await until(() => heard.every(({ text }) => text === 'route again'));
    expect(turns.writing.backlog).toBe(0);
  });

  it('what waits for its turn is written when the connection is closed', async () => {
    const clock = new ManualClock({ soon: 'manual' });
    const turns = new LoopTurns(clock);
    const { near, far } = await pair(closer);
    const heard = hear(far);
    takeAll(turns, clock);
    const connection = own(near, new Recorder(), { clock, turns });
    connection.write(Buffer.from('notification'));
    await Promise.resolve();
    connection.close();
    await until(() => heard.text === 'notification');
    clock.turn();
  });

  it('a peer that does not read lags above the mark, after the flush, and continues when drained', async () => {
    const { near, far } = await pair(closer);
    far.pause();
    const owner = new Recorder();
    const connection = own(near, owner, { highWaterBytes: 1_000_000 });
    for (let i = 0; i < 200; i++) connection.write(Buffer.alloc(100_000));
    expect(owner.told).toEqual([]);
    await until(() => owner.told.includes('lagging'));
    expect(connection.queuedBytes).toBeGreaterThan(1_000_000);
    expect(owner.count('drained')).toBe(0);
    far.resume();
    await until(() => owner.told.includes('drained'));
    expect(owner.count('lagging')).toBe(1);
    await until(() => connection.queuedBytes === 0);
    expect(far.bytesRead).toBeLessThanOrEqual(20_000_000);
    expect(owner.queued.at(-1)).toBe(0);
  });

  it('the kernel accepts little for a peer that reads nothing; the remaining bytes stay in buffers that all share', async () => {
    const { near, far } = await pair(closer);
    far.pause();
    const connection = own(near, new Recorder());
    const piece = Buffer.alloc(500_000);
    for (let pieces = 1; pieces <= 20; pieces++) {
      connection.write(piece);
      await until(() => connection.isAcknowledged || connection.queuedBytes > 0);
      if (connection.queuedBytes > 2_000_000) break;
    }
    expect(connection.writtenBytes - connection.queuedBytes).toBeLessThan(2_000_000);
  });

  it('below the mark no peer lags', async () => {
    const { near, far } = await pair(closer);
    hear(far);
    const owner = new Recorder();
    const connection = own(near, owner);
    connection.write(Buffer.alloc(4 * 1024 * 1024));
    await until(() => connection.queuedBytes === 0);
    expect(owner.count('lagging')).toBe(0);
  });

  it('partial acceptance of one large write is progress; no acceptance is none', async () => {
    const { near, far } = await pair(closer);
    far.pause();
    const clock = new ManualClock({ soon: 'real' });
    const owner = new Recorder();
    const connection = own(near, owner, { clock });
    connection.write(Buffer.alloc(30_000_000));
    await until(() => clock.pendingTimers === 1);
    let stuckAt = -1;
    await until(() => stuckAt === (stuckAt = connection.queuedBytes));
    clock.advance(1000);
    const told = owner.count('wrote');
    clock.advance(1000);
    clock.advance(1000);
    expect(owner.count('wrote')).toBe(told);
    far.once('data', () => undefined);
    far.resume();
    await until(() => connection.queuedBytes < stuckAt);
    far.pause();
    clock.advance(1000);
    expect(owner.count('wrote')).toBeGreaterThan(told);
  });

  it('keeps no timer once everything is written', async () => {
    const { near, far } = await pair(closer);
    hear(far);
    const clock = new ManualClock({ soon: 'real' });
    const connection = own(near, new Recorder(), { clock });
    connection.write(Buffer.alloc(8_000_000));
    await until(() => connection.queuedBytes === 0);
    clock.advance(1000);
    expect(clock.pendingTimers).toBe(0);
  });
});
