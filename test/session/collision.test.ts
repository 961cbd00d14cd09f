import { describe, expect, test } from 'vitest';
import { type Direction, judgeCollision, type Verdict } from '#session/collision.ts';
import { type State, states } from '#session/fsm.ts';
import { BenchPeer } from './bench-peer.ts';

const higherPeer = { localId: 1, localAs: 65002, peerId: 2, peerAs: 65001 };
const lowerPeer = { ...higherPeer, localId: 3 };
const sameIdHigherUs = { ...higherPeer, peerId: 1 };
const sameIdHigherPeer = { ...sameIdHigherUs, peerAs: 65003 };

const rows: [string, typeof higherPeer, Direction, Verdict][] = [
  ['their identifier is higher: their connection stays', higherPeer, 'incoming', 'closeOther'],
  ['their identifier is higher: ours goes', higherPeer, 'outgoing', 'closeThis'],
  ['our identifier is higher: their connection goes', lowerPeer, 'incoming', 'closeThis'],
  ['our identifier is higher: ours stays', lowerPeer, 'outgoing', 'closeOther'],
  ['same identifier, our AS is higher (RFC 6286)', sameIdHigherUs, 'outgoing', 'closeOther'],
  ['same identifier, our AS is higher (RFC 6286)', sameIdHigherUs, 'incoming', 'closeThis'],
  ['same identifier, their AS is higher (RFC 6286)', sameIdHigherPeer, 'outgoing', 'closeThis'],
  ['same identifier, their AS is higher (RFC 6286)', sameIdHigherPeer, 'incoming', 'closeOther'],
  ['identifiers are unsigned', { ...higherPeer, peerId: 0xc0000001 }, 'incoming', 'closeOther'],
];
test.each(rows)('two in OpenConfirm: %s', (_, ends, direction, verdict) => {
  expect(judgeCollision(direction, 'OpenConfirm', ends)).toBe(verdict);
});

const others: [State, Verdict][] = states.map((state) => {
  if (state === 'Established') return [state, 'closeThis'];
  return [state, state === 'OpenConfirm' ? 'closeOther' : 'keepBoth'];
});
test.each(others)('the other one in %s: %s', (other, verdict) => {
  expect(judgeCollision('incoming', other, higherPeer)).toBe(verdict);
});

/** Our identifier is 1.1.1.9: below that of a node, above that of `low`. */
const low = { routerId: 0x01010101 };

describe('both ends dial', () => {
  const orders: [string, object, ('incoming' | 'outgoing')[], 'incoming' | 'outgoing'][] = [
    ['node first on its own', {}, ['incoming', 'outgoing'], 'incoming'],
    ['node first on ours', {}, ['outgoing', 'incoming'], 'incoming'],
    ['low peer first on its own', low, ['incoming', 'outgoing'], 'outgoing'],
    ['low peer first on ours', low, ['outgoing', 'incoming'], 'outgoing'],
  ];
  test.each(orders)(
    '%s: the connection of the higher identifier stays',
    (_, ids, order, winner) => {
      const bench = new BenchPeer().start();
      const remotes = { outgoing: bench.connect('outgoing'), incoming: bench.connect('incoming') };
      for (const direction of order) remotes[direction].open(ids);
      const loser = winner === 'incoming' ? 'outgoing' : 'incoming';
      expect(remotes[loser].take().slice(-2)).toEqual(['NOTIFICATION 6/7', 'FIN']);
      expect(remotes[winner].take()).toEqual(['OPEN', 'KEEPALIVE']);
      remotes[winner].keepalive();
      expect(bench.peer.state).toBe('Established');
      expect(bench.log).not.toContain('down collision');
    },
  );

  test('a silent first connection does not delay the second', () => {
    const bench = new BenchPeer().start();
    const silent = bench.connect('outgoing');
    bench.establish('incoming');
    expect(bench.peer.state).toBe('Established');
    expect(silent.take()).toEqual(['OPEN']);
    silent.open();
    expect(silent.take()).toEqual(['NOTIFICATION 6/7', 'FIN']);
    expect(bench.peer.state).toBe('Established');
  });

  test('the loser costs no back-off and no error', () => {
    const bench = new BenchPeer().start();
    const ours = bench.connect('outgoing');
    const theirs = bench.connect('incoming');
    ours.open();
    theirs.open();
    expect(bench.peer.lastError).toBeUndefined();
    expect(bench.peer.mayAccept()).toBe(true);
    theirs.keepalive();
    expect([...bench.peer.counters.drops]).toEqual([]);
  });

  test('losing both leads to another connection attempt', () => {
    const bench = new BenchPeer().start();
    const ours = bench.connect('outgoing');
    const theirs = bench.connect('incoming');
    ours.open();
    theirs.open();
    theirs.notify(6, 7);
    bench.take();
    bench.advance(5_001);
    expect(bench.take()).toEqual(['dial', 'Active > Connect']);
  });
});

describe('a second connection of an Established peer', () => {
  test.each([{}, low])(
    'gets our OPEN, then 6/7 for its own; the first gets a KEEPALIVE at once',
    (ids) => {
      const bench = new BenchPeer({ passive: true }).start();
      const first = bench.establish();
      first.take();
      bench.take();
      const second = bench.connect();
      expect(second.take()).toEqual(['OPEN']);
      expect(first.take()).toEqual([]);
      second.open(ids);
      expect(second.take()).toEqual(['NOTIFICATION 6/7', 'FIN']);
      expect(first.take()).toEqual(['KEEPALIVE']);
      expect(bench.take()).toEqual(['sent 6/7']);
      first.update();
      expect(bench.take()).toEqual(['update']);
    },
  );

  test('with a bad OPEN does not affect the first', () => {
    const bench = new BenchPeer({ passive: true }).start();
    bench.establish();
    const second = bench.connect();
    second.open({ localAs: 65009 });
    expect(second.take()).toEqual(['OPEN', 'NOTIFICATION 2/2', 'FIN']);
    expect(bench.peer.state).toBe('Established');
    expect(bench.peer.mayAccept()).toBe(true);
  });

  test('a peer that rebooted: RST on the first, and its next connection is accepted at once', () => {
    const bench = new BenchPeer({ passive: true }).start();
    const first = bench.establish();
    bench.connect().open();
    first.close('connection reset by the peer');
    expect(bench.log).toContain('down tcp_closed: connection reset by the peer');
    bench.establish();
    expect(bench.peer.state).toBe('Established');
  });

  test('that still waits when the first ends becomes the session', () => {
    const bench = new BenchPeer({ passive: true }).start();
    const first = bench.establish();
    const second = bench.connect();
    first.close();
    expect(bench.peer.state).toBe('OpenSent');
    second.open();
    second.keepalive();
    expect(bench.peer.state).toBe('Established');
  });

  test('a third connection replaces the second: never more than one waits', () => {
    const bench = new BenchPeer({ passive: true }).start();
    bench.establish();
    const calls = Array.from({ length: 50 }, () => bench.connect());
    const last = calls.pop();
    for (const call of calls) expect(call.take()).toEqual(['OPEN', 'NOTIFICATION 6/7', 'FIN']);
    expect(last?.take()).toEqual(['OPEN']);
    expect(bench.peer.state).toBe('Established');
  });
});

test('a peer that connects again before its OPEN has abandoned its first connection', () => {
  const bench = new BenchPeer({ passive: true }).start();
  const first = bench.connect();
  const second = bench.connect();
  expect(first.take()).toEqual(['OPEN', 'NOTIFICATION 6/7', 'FIN']);
  expect(bench.peer.lastError).toBeUndefined();
  second.open();
  second.keepalive();
  expect(bench.peer.state).toBe('Established');
});
