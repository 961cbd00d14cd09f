import { describe, expect, test } from 'vitest';
import { BenchPeer } from './bench-peer.ts';

const passive = { passive: true };

describe('keepalives', () => {
  test('are sent every third of the hold time', () => {
    const bench = new BenchPeer(passive).start();
    const node = bench.establish();
    node.take();
    bench.advance(5_900);
    expect(node.take()).toEqual(['KEEPALIVE', 'KEEPALIVE']);
    expect(bench.lateness).toEqual([
      { timer: 'keepalive', latenessMs: 0 },
      { timer: 'keepalive', latenessMs: 0 },
    ]);
  });

  test('are sent in OpenConfirm too', () => {
    const bench = new BenchPeer(passive).start();
    const node = bench.connect();
    node.open();
    node.take();
    bench.advance(2_000);
    expect(node.take()).toEqual(['KEEPALIVE']);
  });

  test('are neither sent nor expected without a hold time', () => {
    const bench = new BenchPeer({ ...passive, holdTimeSec: 0 }).start();
    const node = bench.establish();
    node.take();
    bench.peer.wrote(node.handle ?? raise(), 0, bench.now);
    expect(bench.peer.nextDeadline()).toBe(Infinity);
    expect(bench.peer.holdDeadline).toBe(Infinity);
  });

  test('keepAlive sends what is due, and checks no other timer', () => {
    const bench = new BenchPeer(passive).start();
    const node = bench.establish();
    node.take();
    bench.now += 7_000;
    bench.peer.keepAlive(bench.now);
    bench.peer.keepAlive(bench.now);
    expect(node.take()).toEqual(['KEEPALIVE']);
    expect(bench.lateness).toEqual([{ timer: 'keepalive', latenessMs: 5_000 }]);
  });
});

describe('the hold timer', () => {
  test('expiry sends 4/0 and leads to Active, once everything in the socket has been read', () => {
    const bench = new BenchPeer(passive).start();
    const node = bench.establish();
    node.take();
    bench.take();
    bench.advance(6_000);
    expect(node.take()).toEqual(['KEEPALIVE', 'KEEPALIVE', 'KEEPALIVE', 'read until dry?']);
    expect(bench.peer.state).toBe('Established');
    node.readDry();
    expect(node.take()).toEqual(['NOTIFICATION 4/0', 'FIN']);
    expect(bench.take()).toEqual([
      'sent 4/0',
      'down hold_timer_expired: Hold Timer Expired',
      'Established > Active',
    ]);
  });

  test('what was still in the socket keeps the session', () => {
    const bench = new BenchPeer(passive).start();
    const node = bench.establish();
    bench.advance(6_000);
    node.keepalive();
    node.readDry();
    expect(bench.peer.state).toBe('Established');
    expect(bench.peer.holdDeadline).toBe(bench.now + 6_000);
  });

  test('reading the socket before the deadline is not enough', () => {
    const bench = new BenchPeer(passive).start();
    const node = bench.establish();
    bench.advance(5_999);
    node.readDry();
    expect(bench.peer.state).toBe('Established');
  });

  test('the socket is read once for each deadline, and no tick is requested meanwhile', () => {
    const bench = new BenchPeer({ ...passive, keepaliveSec: 2 }).start();
    const node = bench.establish();
    node.take();
    bench.advance(20_000);
    expect(node.take().filter((line) => line === 'read until dry?')).toHaveLength(1);
    node.keepalive();
    bench.advance(6_000);
    expect(node.take()).toContain('read until dry?');
  });

  const alive: [string, (node: ReturnType<BenchPeer['connect']>) => void][] = [
    ['KEEPALIVE', (node) => node.keepalive()],
    ['UPDATE', (node) => node.update()],
    ['ROUTE-REFRESH', (node) => node.routeRefresh(2)],
  ];
  test.each(alive)('%s restarts it', (_, send) => {
    const bench = new BenchPeer(passive).start();
    const node = bench.establish();
    bench.advance(5_000);
    send(node);
    expect(bench.peer.holdDeadline).toBe(bench.now + 6_000);
  });

  test('half a message does not', () => {
    const bench = new BenchPeer(passive).start();
    const node = bench.establish();
    const before = bench.peer.holdDeadline;
    bench.advance(5_000);
    node.send(new Uint8Array(18).fill(0xff));
    expect(bench.peer.holdDeadline).toBe(before);
  });

  test('a connection that stays silent ends after four minutes', () => {
    const bench = new BenchPeer(passive).start();
    const silent = bench.connect();
    bench.advance(239_999);
    expect(silent.take()).toEqual(['OPEN']);
    bench.advance(1);
    silent.readDry();
    expect(silent.take()).toEqual(['read until dry?', 'NOTIFICATION 4/0', 'FIN']);
  });

  test('an OPEN without the KEEPALIVE after it ends after the hold time', () => {
    const bench = new BenchPeer(passive).start();
    const node = bench.connect();
    node.open();
    bench.advance(6_000);
    node.readDry();
    expect(bench.take()).toContain('sent 4/0');
    expect(bench.peer.state).toBe('Active');
  });
});

describe('the time for an EoRR after its BoRR (RFC 7313 §4)', () => {
  test('its end makes the refresh overdue, once', () => {
    const { bench } = begun(600_000);
    bench.advance(599_999);
    expect(bench.take()).toEqual([]);
    bench.advance(1);
    expect(bench.take()).toEqual(['refresh 1 overdue']);
    bench.advance(6_000_000);
    expect(bench.take()).toEqual([]);
  });

  test('an EoRR in time stops it, another BoRR restarts it', () => {
    const { bench, node } = begun(10_000);
    bench.advance(9_000);
    node.routeRefresh(2, 1);
    bench.advance(9_000);
    expect(bench.take()).toEqual(['refresh 1 begin']);
    node.routeRefresh(2, 2);
    bench.advance(60_000);
    expect(bench.take()).toEqual(['refresh 1 end']);
  });

  test('it does not outlive the session', () => {
    const { bench, node } = begun(10_000);
    node.close();
    bench.take();
    bench.advance(60_000);
    expect(bench.take().filter((line) => line.startsWith('refresh'))).toEqual([]);
  });
});

describe('the send hold timer (RFC 9687)', () => {
  const noHold = { ...passive, holdTimeSec: 0 };

  test('a peer that reads nothing is dropped with RST after send_hold_time', () => {
    const bench = new BenchPeer(noHold).start();
    const node = bench.establish();
    node.wrote(1_000);
    node.take();
    bench.advance(479_999);
    expect(node.take()).toEqual([]);
    bench.advance(1);
    expect(node.take()).toEqual(['NOTIFICATION 8/0', 'RST']);
    expect(bench.take()).toContain('sent 8/0');
  });

  test('send_hold_time 0 never drops a peer, whether it reads or not', () => {
    const bench = new BenchPeer({ ...noHold, sendHoldTimeMs: 0 }).start();
    const node = bench.establish();
    node.wrote(1_000);
    bench.advance(40_000_000);
    expect(bench.peer.state).toBe('Established');
  });

  test('progress restarts it, an empty queue stops it', () => {
    const bench = new BenchPeer(noHold).start();
    const node = bench.establish();
    bench.advance(400_000);
    node.wrote(500);
    bench.advance(400_000);
    node.wrote(0);
    bench.advance(4_000_000);
    expect(bench.peer.state).toBe('Established');
  });
});

function raise(): never {
  throw new Error('refused');
}

/** A session in which the peer has sent BoRR. */
function begun(refreshStaleTimeMs: number) {
  const bench = new BenchPeer({
    ...passive,
    families: [1],
    holdTimeSec: 0,
    sendHoldTimeMs: 0,
    refreshStaleTimeMs,
  });
  const node = bench.start().establish();
  node.endOfRibIpv6();
  node.routeRefresh(2, 1);
  bench.take();
  return { bench, node };
}
