import { describe, expect, test } from 'vitest';
import { Ticker } from '#session/ticker.ts';
import { BenchPeer } from './bench-peer.ts';

/** Established with hold 6, keepalive 2, one second ago; the ticker armed. */
function established() {
  const bench = new BenchPeer({ passive: true }).start();
  const node = bench.establish();
  bench.advance(1_000);
  node.take();
  bench.take();
  const ticker = new Ticker();
  return { bench, node, ticker, due: ticker.arm(bench.peer) };
}

describe('a stall of our own', () => {
  test('the hold deadline moves once by the delay, and keepalives are sent first', () => {
    const { bench, node, ticker, due } = established();
    const holdBefore = bench.peer.holdDeadline;
    bench.now += 8_000;
    ticker.tick([bench.peer], bench.now);
    expect(node.take()).toEqual(['KEEPALIVE']);
    expect(bench.peer.holdDeadline).toBe(holdBefore + bench.now - due);
    expect(ticker).toMatchObject({ stalls: 1, longestStallMs: 7_000 });
  });

  test('is allowed for once: the session of a silent peer ends after its remaining time', () => {
    const { bench, node, ticker } = established();
    bench.now += 8_000;
    ticker.tick([bench.peer], bench.now);
    bench.advance(4_000);
    node.readDry();
    expect(bench.take()).toContain('sent 4/0');
  });

  test('a delay of up to 500 ms is no stall', () => {
    const { bench, ticker, due } = established();
    const holdBefore = bench.peer.holdDeadline;
    ticker.tick([bench.peer], due + 500);
    expect(bench.peer.holdDeadline).toBe(holdBefore);
    expect(ticker.stalls).toBe(0);
  });

  test('all peers get their keepalive before any hold time is judged', () => {
    const first = established();
    const second = established();
    const order: string[] = [];
    first.node.connection.readUntilDry = () => order.push('judge first');
    second.node.connection.write = () => order.push('keepalive second');
    const peers = [first.bench.peer, second.bench.peer];
    const ticker = new Ticker();
    ticker.tick(peers, Math.min(...peers.map((peer) => ticker.arm(peer))) + 499);
    first.bench.now += 20_000;
    new Ticker().tick(peers, first.bench.now);
    expect(order.slice(-2)).toEqual(['keepalive second', 'judge first']);
  });
});

test('armed for the earliest deadline of all', () => {
  const a = established();
  const b = established();
  b.bench.advance(500);
  const peers = [a.bench.peer, b.bench.peer];
  const earliest = Math.min(...peers.map((peer) => peer.nextDeadline()));
  const ticker = new Ticker();
  expect(ticker.tick([], 0)).toBe(Infinity);
  expect(ticker.arm(a.bench.peer)).toBe(a.bench.peer.nextDeadline());
  expect(ticker.arm(b.bench.peer)).toBe(earliest);
  expect(new Ticker().tick(peers, 0)).toBe(earliest);
});
