import { afterEach, describe, expect, it } from 'vitest';
import type { PeerConnection } from '#net/peer-connection.ts';
import { LoopTurns } from '#net/turns.ts';
import { ManualClock } from '#support/manual-clock.ts';
import { Closer, hear, own, pair, Recorder, takeAll, until } from './support.ts';

const closer = new Closer();
afterEach(() => closer.close());

/** A connection of which each piece that is handed over takes a whole turn. */
async function slow(soon: 'real' | 'manual') {
  const { near, far } = await pair(closer);
  const clock = new ManualClock({ soon });
  const turns = new LoopTurns(clock);
  const owner = new Recorder();
  owner.onReceived = () => (clock.nowMs += 100);
  own(near, owner, { clock, turns });
  return { far, clock, turns, owner };
}

/** A connection in a turn that others have used up. */
async function waiting() {
  const { near, far } = await pair(closer);
  const clock = new ManualClock({ soon: 'manual' });
  const turns = new LoopTurns(clock);
  takeAll(turns, clock);
  const owner = new Recorder();
  const connection = own(near, owner, { clock, turns });
  return { near, far, clock, turns, owner, connection };
}

describe('reading', () => {
  it('passes on what arrives, in order', async () => {
    const { near, far } = await pair(closer);
    const owner = new Recorder();
    own(near, owner);
    far.write('one ');
    far.write('two');
    await until(() => owner.text === 'one two');
  });

  it('passes on bytes whose slices are copies, so that a kept part of a chunk does not keep all of it', async () => {
    const { near, far } = await pair(closer);
    const owner = new Recorder();
    const kept: Uint8Array[] = [];
    owner.onReceived = (_, chunk) => kept.push(chunk.slice(0, 1));
    const connection = own(near, owner);
    far.end('abc');
    await connection.gone;
    expect(kept.map(({ buffer }) => buffer.byteLength)).toEqual([1]);
  });

  it('passes on nothing after close, not even what is being read', async () => {
    const { near, far } = await pair(closer);
    const owner = new Recorder();
    owner.onReceived = (connection) => connection.close();
    const connection = own(near, owner);
    far.write('x'.repeat(300_000));
    far.end();
    await connection.gone;
    expect(owner.told).toEqual(['received']);
  });

  it('waits, paused, beyond the time of a turn, and loses nothing', async () => {
    const { far, owner } = await slow('real');
    const sent = Buffer.alloc(1_000_000, 'abcdefg');
    far.write(sent);
    await until(() => owner.text.length === sent.length);
    expect(owner.text).toBe(sent.toString());
  });

  it('what was read at once is handed over in pieces, which wait in the middle when the turn is over', async () => {
    const { far, clock, owner } = await slow('manual');
    const sent = 'abcdefg'.repeat(4000);
    far.write(sent);
    await until(() => owner.text !== '');
    while (owner.text.length < sent.length) {
      const pieces = owner.count('received');
      clock.turn();
      expect(owner.count('received')).toBeLessThanOrEqual(pieces + 1);
      await until(() => owner.count('received') > pieces);
    }
    expect(owner.text).toBe(sent);
    for (const { length } of owner.chunks) expect(length).toBeLessThanOrEqual(8192);
  });

  it('a peer that sends without end leaves another its turn', async () => {
    const { far: flood, clock, turns, owner: flooded } = await slow('manual');
    const quiet = await pair(closer);
    const heard = new Recorder();
    own(quiet.near, heard, { clock, turns });
    flood.write(Buffer.alloc(1_000_000));
    await until(() => turns.reading.backlog === 1);
    quiet.far.write('keepalive');
    await until(() => turns.reading.backlog === 2);
    const before = flooded.count('received');
    for (let turn = 0; turn < 2; turn++) clock.turn();
    expect(heard.text).toBe('keepalive');
    expect(flooded.count('received') - before).toBeLessThanOrEqual(2);
  });
});

describe('readUntilDry', () => {
  it('answers after everything in the receive buffer has been passed on', async () => {
    const { near, far } = await pair(closer);
    const owner = new Recorder();
    const connection = own(near, owner);
    far.write('keepalive');
    connection.readUntilDry();
    await until(() => owner.count('readDry') === 1);
    expect(owner.told).toEqual(['received', 'readDry']);
  });

  it('answers soon if there is nothing', async () => {
    const { near } = await pair(closer);
    const owner = new Recorder();
    own(near, owner).readUntilDry();
    await until(() => owner.count('readDry') === 1);
    expect(owner.told).toEqual(['readDry']);
  });

  it('answers once, however often it is called', async () => {
    const { near, far } = await pair(closer);
    const owner = new Recorder();
    const connection = own(near, owner);
    connection.readUntilDry();
    connection.readUntilDry();
    await until(() => owner.count('readDry') > 0);
    far.write('x');
    await until(() => owner.count('received') > 0);
    expect(owner.count('readDry')).toBe(1);
  });

  it('counts what waits for its turn', async () => {
    const { far, clock, turns, owner, connection } = await waiting();
    far.write('held back');
    await until(() => turns.reading.backlog === 1);
    connection.readUntilDry();
    clock.turn();
    expect(owner.told).toEqual(['received', 'readDry']);
  });

  it('is not delayed by a peer that keeps sending single bytes', async () => {
    const { near, far } = await pair(closer);
    const owner = new Recorder();
    const connection = own(near, owner);
    owner.onReceived = () => void far.write('.');
    far.write('.');
    await until(() => owner.count('received') > 3);
    connection.readUntilDry();
    await until(() => owner.count('readDry') === 1);
  });
});

describe('the end', () => {
  it('FIN is reported at once, after what came before it', async () => {
    const { near, far } = await pair(closer);
    const owner = new Recorder();
    const connection = own(near, owner);
    far.end('last words');
    await connection.gone;
    expect(owner.told).toEqual(['received', 'closed']);
    expect(owner.end).toEqual({ kind: 'fin', text: 'connection closed by the peer' });
  });

  it('RST is reported as such, after what came before it', async () => {
    const { near, far } = await pair(closer);
    const owner = new Recorder();
    const connection = own(near, owner);
    far.write('notification');
    far.resetAndDestroy();
    await connection.gone;
    expect(owner.told).toEqual(['received', 'closed']);
    expect(owner.end?.kind).toBe('reset');
  });

  it('RST does not discard what waits for its turn', async () => {
    const { near, far, clock, turns, owner, connection } = await waiting();
    far.write('first');
    await until(() => turns.reading.backlog === 1);
    far.write(' second', () => far.resetAndDestroy());
    await until(() => near.socket.closed);
    expect(owner.told).toEqual([]);
    for (let turn = 0; turn < 3; turn++) clock.turn();
    await connection.gone;
    expect(owner.told.at(-1)).toBe('closed');
    expect(owner.count('closed')).toBe(1);
    expect(owner.text).toMatch(/^first/);
  });

  it('of many peers at once is reported in turns, before what is read of others', async () => {
    const { far: flood, clock, turns } = await slow('manual');
    const pairs = await Promise.all(Array.from({ length: 20 }, () => pair(closer)));
    const closed: PeerConnection[] = [];
    const connections = pairs.map(({ near }) => {
      const owner = new Recorder();
      owner.closed = (connection) => {
        closed.push(connection);
        clock.nowMs += 2;
      };
      return own(near, owner, { clock, turns });
    });
    flood.write(Buffer.alloc(1_000_000));
    await until(() => turns.reading.backlog === 1);
    for (const { far } of pairs) far.resetAndDestroy();
    await until(() => pairs.every(({ near }) => near.socket.closed));
    for (let turn = 1; closed.length < 20; turn++) {
      const before = closed.length;
      clock.turn();
      expect(closed.length - before).toBeGreaterThan(0);
      expect(closed.length - before).toBeLessThanOrEqual(3);
      expect(turn).toBeLessThan(21);
    }
    await Promise.all(connections.map(({ gone }) => gone));
  });

  it.each(['close', 'abort'] as const)(
    '%s while the end waits for its turn tells the owner nothing more',
    async (how) => {
      const { near, far, clock, owner, connection } = await waiting();
      far.resetAndDestroy();
      await until(() => near.socket.closed);
      connection[how]();
      await connection.gone;
      for (let turn = 0; turn < 3; turn++) clock.turn();
      expect(owner.told).toEqual([]);
    },
  );

  it('close sends what was written, then FIN, though the peer is still sending', async () => {
    const { near, far } = await pair(closer);
    const connection = own(near, new Recorder());
    const heard = hear(far);
    let ended = false;
    let failed = false;
    far.on('end', () => (ended = true)).on('error', () => (failed = true));
    for (let i = 0; i < 20; i++) far.write(Buffer.alloc(60_000));
    connection.write(Buffer.from('notification'));
    connection.close();
    await connection.gone;
    await until(() => ended);
    expect(heard.text).toBe('notification');
    expect(failed).toBe(false);
  });

  it('close waits three seconds for a peer that does not read, no longer', async () => {
    const { near, far } = await pair(closer);
    far.pause();
    const clock = new ManualClock({ soon: 'real' });
    const owner = new Recorder();
    const connection = own(near, owner, { clock });
    connection.write(Buffer.alloc(20_000_000));
    connection.close();
    clock.advance(3000);
    await connection.gone;
    expect(owner.count('closed')).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  it('abort sends RST', async () => {
    const { near, far } = await pair(closer);
    let code: string | undefined;
    far.on('error', (error: NodeJS.ErrnoException) => (code = error.code));
    far.resume();
    const owner = new Recorder();
    const connection = own(near, owner);
    connection.abort();
    await connection.gone;
    await until(() => code === 'ECONNRESET');
    expect(owner.told).toEqual([]);
  });
});
