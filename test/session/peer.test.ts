import { describe, expect, test } from 'vitest';
import type { StopReason } from '#session/host.ts';
import { NotificationError } from '#wire/notification.ts';
import { BenchPeer } from './bench-peer.ts';
import { settingsOf } from './settings.ts';

const passive = { passive: true };

describe('the way up', () => {
  test('a connection from a node: OPEN, OPEN, KEEPALIVE, KEEPALIVE', () => {
    const bench = new BenchPeer(passive).start();
    const node = bench.connect();
    expect(node.take()).toEqual(['OPEN']);
    node.open();
    expect(node.take()).toEqual(['KEEPALIVE']);
    node.keepalive();
    expect(node.take()).toEqual([]);
    expect(bench.take()).toEqual([
      'Idle > Active',
      'Active > OpenSent',
      'OpenSent > OpenConfirm',
      'OpenConfirm > Established',
      'up',
    ]);
  });

  test('our own dial', () => {
    const bench = new BenchPeer().start();
    const node = bench.connect('outgoing');
    node.open();
    node.keepalive();
    expect(bench.take()).toEqual([
      'dial',
      'Idle > Connect',
      'Connect > OpenSent',
      'OpenSent > OpenConfirm',
      'OpenConfirm > Established',
      'up',
    ]);
  });

  test('a passive peer never dials', () => {
    const bench = new BenchPeer(passive).start();
    bench.advance(600_000);
    expect(bench.take()).toEqual(['Idle > Active']);
    expect(bench.peer.nextDeadline()).toBe(Infinity);
  });

  test('the OPENs settle hold time and keepalives', () => {
    const bench = new BenchPeer().start();
    bench.establish();
    expect(bench.peer.negotiated).toMatchObject({ holdTimeSec: 6, keepaliveSec: 2 });
    expect(bench.peer.holdDeadline).toBe(bench.now + 6000);
  });

  test('the messages of both ways are counted', () => {
    const bench = new BenchPeer(passive).start();
    const node = bench.establish();
    node.update();
    node.routeRefresh(2);
    bench.peer.send(new Uint8Array(0), 3, bench.now);
    bench.peer.sendRouteRefresh(1, 'request', bench.now);
    bench.peer.sendRouteRefresh(1, 'begin', bench.now);
    const { received, sent, establishedTransitions } = bench.peer.counters;
    expect(received).toEqual({
      open: 1,
      keepalive: 1,
      update: 1,
      routeRefresh: 1,
      notification: 0,
    });
    expect(sent).toEqual({ open: 1, keepalive: 1, update: 3, routeRefresh: 2, notification: 0 });
    expect(establishedTransitions).toBe(1);
  });
});

describe('dialling', () => {
  test('a refused connection is no error, and is tried again after connect_retry', () => {
    const bench = new BenchPeer().start();
    bench.peer.dialFailed('connection refused', bench.now);
    expect(bench.peer.state).toBe('Active');
    expect(bench.peer.lastError).toBeUndefined();
    expect(bench.peer.lastDialFailure?.text).toBe('connection refused');
    bench.take();
    bench.advance(5_001);
    expect(bench.take()).toEqual(['dial', 'Active > Connect']);
  });

  test('an attempt that is not answered within connect_retry has failed, and is begun again', () => {
    const bench = new BenchPeer().start();
    bench.take();
    bench.advance(5_001);
    expect(bench.peer.lastDialFailure?.text).toBe('no answer to the connection attempt');
    expect(bench.peer.lastError).toBeUndefined();
    expect(bench.take()).toEqual(['cancel dial', 'dial']);
  });

  test('refused connections do not back off', () => {
    const bench = new BenchPeer().start();
    for (let tries = 0; tries < 20; tries++) {
      bench.peer.dialFailed('connection refused', bench.now);
      bench.advance(5_000);
    }
    expect(bench.take().filter((line) => line === 'dial')).toHaveLength(21);
  });

  test('an attempt without an answer is abandoned after connect_retry', () => {
    const bench = new BenchPeer().start();
    bench.take();
    bench.advance(5_001);
    expect(bench.take()).toEqual(['cancel dial', 'dial']);
  });

  test('an answer that comes too late is closed', () => {
    const bench = new BenchPeer().start();
    bench.peer.stop(bench.now, { kind: 'shutdown' });
    const late = bench.connect('outgoing');
    expect(late.handle).toBeUndefined();
    expect(late.take()).toEqual(['FIN']);
  });

  test('it stops when the connection from the peer has reached OpenConfirm, and not earlier', () => {
    const bench = new BenchPeer().start();
    const node = bench.connect();
    expect(bench.take()).not.toContain('cancel dial');
    node.open();
    expect(bench.take()).toContain('cancel dial');
  });

  test('made passive by a reload: no more attempts, and the other way round', () => {
    const bench = new BenchPeer().start();
    bench.take();
    bench.peer.changeSettings(settingsOf(passive), bench.now);
    expect(bench.take()).toEqual(['cancel dial', 'Connect > Active']);
    bench.peer.changeSettings(settingsOf(), bench.now);
    expect(bench.take()).toEqual(['dial', 'Active > Connect']);
  });
});

describe('idle_hold', () => {
  test('after a FIN our own attempt waits, twice as long after each session up to the maximum', () => {
    const bench = new BenchPeer().start();
    const waits: number[] = [];
    for (let round = 0; round < 6; round++) {
      bench.establish('outgoing').close();
      const endedAt = bench.now;
      waits.push(bench.peer.nextDeadline() - endedAt);
      bench.advance(bench.peer.nextDeadline() - endedAt);
    }
    expect(waits).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
  });

  test('a session that lasted as long as the maximum resets it', () => {
    const bench = new BenchPeer({ holdTimeSec: 0, minHoldTimeSec: 0 }).start();
    bench.establish('outgoing').close();
    bench.advance(5_000);
    const node = bench.establish('outgoing');
    bench.advance(60_000);
    node.close();
    expect(bench.peer.nextDeadline() - bench.now).toBe(5_000);
  });

  const welcome: [string, (bench: BenchPeer) => void][] = [
    ['FIN', (bench) => bench.establish().close()],
    ['RST', (bench) => bench.establish().close('connection reset by the peer')],
    ['FIN before the OPEN', (bench) => bench.connect().close()],
    ['a NOTIFICATION of the peer', (bench) => bench.establish().notify(6, 2)],
    ['a NOTIFICATION about our OPEN', (bench) => bench.connect().notify(2, 2)],
    ['an FSM error', (bench) => bench.connect().keepalive()],
    ['hold expiry', expireHold],
    ['a dial that failed', (bench) => bench.peer.dialFailed('no route', bench.now)],
    ['an administrative reset', (bench) => bench.peer.stop(bench.now, { kind: 'reset' })],
  ];
  test.each(welcome)('after %s a connection from the peer is accepted at once', (_, end) => {
    const bench = new BenchPeer().start();
    end(bench);
    expect(bench.peer.mayAccept()).toBe(true);
    bench.establish();
    expect(bench.peer.state).toBe('Established');
  });

  const refused: [string, string, (bench: BenchPeer) => void][] = [
    ['an OPEN', '2/2', (bench) => bench.connect().open({ localAs: 65009 })],
    ['a header', '1/1', (bench) => bench.connect().send(new Uint8Array(19))],
    ['an UPDATE', '3/1', (bench) => failUpdate(bench, 'malformedAttributeList')],
    ['a limit', '6/1', (bench) => failUpdate(bench, 'maximumNumberOfPrefixesReached')],
  ];
  test.each(refused)(
    'after our NOTIFICATION for %s (%s) calls get 6/5 until it is over',
    (_, sent, end) => {
      const bench = new BenchPeer(passive).start();
      end(bench);
      expect(bench.take()).toContain(`sent ${sent}`);
      expect(bench.peer.state).toBe('Idle');
      bench.advance(4_999);
      expect(bench.connect().take()).toEqual(['NOTIFICATION 6/5', 'FIN']);
      expect(bench.take()).toEqual(['sent 6/5']);
      bench.advance(2);
      expect(bench.take()).toEqual(['Idle > Active']);
      bench.establish();
      expect(bench.peer.state).toBe('Established');
    },
  );
});

describe('the ends of a session', () => {
  test('FIN: down at once, nothing is sent', () => {
    const bench = new BenchPeer(passive).start();
    const node = bench.establish();
    node.take();
    bench.take();
    node.close();
    expect(bench.take()).toEqual([
      'down tcp_closed: connection closed by the peer',
      'Established > Active',
    ]);
    expect(node.take()).toEqual(['FIN']);
  });

  test('a NOTIFICATION is reported and never answered with one', () => {
    const bench = new BenchPeer(passive).start();
    const node = bench.establish();
    node.take();
    bench.take();
    node.notify(6, 2);
    expect(bench.take()).toEqual([
      'received 6/2',
      'down notification_received: Cease/Administrative Shutdown',
      'Established > Active',
    ]);
    expect(node.take()).toEqual(['FIN']);
    expect(bench.peer.lastError).toMatchObject({ code: 6, subcode: 2, direction: 'received' });
  });

  test('the NOTIFICATION of the peer remains the last error when it then closes the connection', () => {
    const bench = new BenchPeer(passive).start();
    bench.establish().notify(6, 2);
    bench.connect().close();
    const opened = bench.connect();
    opened.open();
    opened.close();
    expect(bench.peer.lastError).toMatchObject({ code: 6, subcode: 2, direction: 'received' });
    bench.establish().close();
    expect(bench.peer.lastError?.text).toBe('connection closed by the peer');
  });

  test('so does ours for what the peer sent, when it then closes what we dial', () => {
    const bench = new BenchPeer().start();
    bench.connect('outgoing').open({ localAs: 65009 });
    bench.advance(5_000);
    bench.connect('outgoing').close();
    expect(bench.peer.lastError).toMatchObject({ code: 2, subcode: 2, direction: 'sent' });
  });

  test('but not ours for what an operator ordered', () => {
    const bench = new BenchPeer(passive).start();
    bench.establish();
    bench.peer.stop(bench.now, { kind: 'reset' });
    bench.start().connect().close();
    expect(bench.peer.lastError?.text).toBe('connection closed by the peer');
  });

  test('and also when it sends it on one of two connections and closes the other', () => {
    const bench = new BenchPeer().start();
    const dialled = bench.connect('outgoing');
    const call = bench.connect();
    call.notify(2, 2);
    dialled.close();
    expect(bench.peer.lastError).toMatchObject({ code: 2, subcode: 2, direction: 'received' });
  });

  test('a change of settings forgets what failed with the settings before', () => {
    const bench = new BenchPeer().start();
    bench.connect('outgoing').open({ localAs: 65009 });
    bench.peer.dialFailed('connection refused', bench.now);
    bench.peer.stop(bench.now, { kind: 'configChange' });
    expect(bench.peer.lastError).toBeUndefined();
    expect(bench.peer.lastDialFailure).toBeUndefined();
    expect(bench.peer.mayAccept()).toBe(true);
  });

  test('while connections are refused, the remaining time and the reason can be queried', () => {
    const bench = new BenchPeer(passive).start();
    expect(bench.peer.refusal(bench.now)).toBeUndefined();
    bench.connect().open({ localAs: 65009 });
    expect(bench.peer.refusal(bench.now)).toBe('5 s after 2/2, because the peer sent AS 65009');
    bench.advance(4_500);
    expect(bench.peer.refusal(bench.now)).toBe('1 s after 2/2, because the peer sent AS 65009');
    bench.advance(500);
    expect(bench.peer.refusal(bench.now)).toBeUndefined();
    bench.peer.stop(bench.now, { kind: 'shutdown' });
    expect(bench.peer.refusal(bench.now)).toBeUndefined();
  });

  const stops: [StopReason, string, number[], string][] = [
    [
      { kind: 'shutdown', text: 'back at 9' },
      '6/2',
      [9, ...new TextEncoder().encode('back at 9')],
      'admin_shutdown',
    ],
    [{ kind: 'shutdown' }, '6/2', [], 'admin_shutdown'],
    [{ kind: 'reset' }, '6/4', [], 'admin_reset'],
    [{ kind: 'deconfigured' }, '6/3', [], 'config'],
    [{ kind: 'configChange' }, '6/6', [], 'config'],
    [{ kind: 'limit', family: 1, limit: 10 }, '6/1', [0, 2, 1, 0, 0, 0, 10], 'max_prefix'],
  ];
  test.each(stops)('%o sends %s', (reason, sent, data, kind) => {
    const bench = new BenchPeer(passive).start();
    const node = bench.establish();
    node.take();
    bench.peer.stop(bench.now, reason);
    expect(node.take()).toEqual([`NOTIFICATION ${sent}`, 'FIN']);
    expect(node.connection.data).toEqual(data);
    expect([...bench.peer.counters.drops]).toEqual([[kind, 1]]);
  });

  test('stopped: connections are refused and no attempt is made until start', () => {
    const bench = new BenchPeer().start();
    bench.establish();
    bench.peer.stop(bench.now, { kind: 'shutdown' });
    bench.take();
    bench.advance(600_000);
    expect(bench.connect().take()).toEqual(['NOTIFICATION 6/5', 'FIN']);
    expect(bench.peer.state).toBe('Idle');
    bench.take();
    bench.start();
    expect(bench.take()).toEqual(['dial', 'Idle > Connect']);
  });

  test.each(['reset', 'configChange'] as const)('%s connects again at once', (kind) => {
    const bench = new BenchPeer().start();
    bench.establish();
    bench.take();
    bench.peer.stop(bench.now, { kind });
    expect(bench.take()).toContain('dial');
  });

  test('a limit with restart_after: back by itself when the time is over', () => {
    const bench = new BenchPeer().start();
    bench.establish();
    bench.peer.stop(bench.now, { kind: 'limit', family: 1, limit: 10, restartAfterMs: 60_000 });
    bench.take();
    bench.advance(59_999);
    expect(bench.connect().take()).toEqual(['NOTIFICATION 6/5', 'FIN']);
    bench.advance(1);
    expect(bench.take()).toEqual(['sent 6/5', 'dial', 'Idle > Connect']);
  });

  test('a limit without it: Idle until the operator starts the peer', () => {
    const bench = new BenchPeer(passive).start();
    bench.establish();
    bench.peer.stop(bench.now, { kind: 'limit', family: 1, limit: 10 });
    bench.advance(10_000_000);
    expect(bench.peer.mayAccept()).toBe(false);
    bench.start();
    expect(bench.peer.mayAccept()).toBe(true);
  });

  test('stopped during an UPDATE: the remaining part of the chunk is not read', () => {
    const bench = new BenchPeer(passive).start();
    const node = bench.establish();
    bench.onUpdate = () =>
      bench.peer.stop(bench.now, { kind: 'limit', family: 1, limit: 10, restartAfterMs: 1000 });
    node.take();
    bench.take();
    const twoUpdates = new Uint8Array(46).fill(0xff);
    for (const at of [0, 23]) twoUpdates.set([0, 23, 2, 0, 0, 0, 0], at + 16);
    node.send(twoUpdates);
    expect(bench.take()).toEqual([
      'update',
      'sent 6/1',
      'down max_prefix: Cease/Maximum Number of Prefixes Reached',
      'Established > Idle',
    ]);
  });

  test('a bug in the RIB is passed on, and does not affect the session', () => {
    const bench = new BenchPeer(passive).start();
    const node = bench.establish();
    bench.onUpdate = () => {
      throw new TypeError('a bug');
    };
    expect(() => node.update()).toThrow('a bug');
    expect(bench.peer.state).toBe('Established');
  });

  test('a bug during decoding ends this session, is reported, and does not block new connections', () => {
    const bench = new BenchPeer(passive).start();
    const broken = {
      ...settingsOf(passive),
      get peerAs(): never {
        throw new TypeError('a bug');
      },
    };
    bench.peer.changeSettings(broken, bench.now);
    const node = bench.connect();
    node.open();
    expect(node.take()).toEqual(['OPEN', 'NOTIFICATION 6/0', 'FIN']);
    expect(bench.take()).toContain('internal error: TypeError: a bug');
    expect(bench.peer.lastError?.text).toBe('internal error');
    expect(bench.peer.mayAccept()).toBe(true);
  });

  test('data for a connection that has ended has no effect', () => {
    const bench = new BenchPeer(passive).start();
    const node = bench.establish();
    bench.peer.stop(bench.now, { kind: 'reset' });
    bench.take();
    node.update();
    node.readDry();
    node.wrote(7);
    node.close();
    expect(bench.take()).toEqual([]);
    expect(bench.peer.nextDeadline()).toBe(Infinity);
  });
});

describe('unexpected messages', () => {
  const rows: [string, 'OpenSent' | 'OpenConfirm' | 'Established', string, number][] = [
    ['keepalive', 'OpenSent', '5/1', 4],
    ['update', 'OpenSent', '5/1', 2],
    ['refresh', 'OpenSent', '5/1', 5],
    ['open', 'OpenConfirm', '5/2', 1],
    ['update', 'OpenConfirm', '5/2', 2],
    ['refresh', 'OpenConfirm', '5/2', 5],
    ['open', 'Established', '5/3', 1],
  ];
  test.each(rows)('%s in %s: %s with its type as data (RFC 6608)', (what, state, sent, type) => {
    const bench = new BenchPeer(passive).start();
    const node = bench.connect();
    if (state !== 'OpenSent') node.open();
    if (state === 'Established') node.keepalive();
    node.take();
    const send = {
      keepalive: () => node.keepalive(),
      update: () => node.update(),
      refresh: () => node.routeRefresh(2),
      open: () => node.open(),
    };
    send[what as keyof typeof send]();
    expect(node.take()).toEqual([`NOTIFICATION ${sent}`, 'FIN']);
    expect(node.connection.data).toEqual([type]);
  });

  test('a refresh for a family that was not negotiated is ignored and reported', () => {
    const bench = new BenchPeer({ passive: true, families: [1] }).start();
    const node = bench.establish();
    bench.take();
    node.routeRefresh(1);
    node.routeRefresh(7);
    node.routeRefresh(2, 9);
    node.routeRefresh(2);
    expect(bench.take()).toEqual([
      'warning: ROUTE-REFRESH for AFI 1 SAFI 1, which was not negotiated',
      'warning: ROUTE-REFRESH for AFI 7 SAFI 1, which was not negotiated',
      'refresh 1 request',
    ]);
  });

  const nextHopSelf = '4-byte next hop for an IPv6 route: `next-hop self` on an IPv4 session?';

  test('a family that the peer spoils is disabled for the session, and enabled in the next', () => {
    const bench = new BenchPeer({ passive: true, families: [0, 1] }).start();
    const node = bench.connect();
    node.open({ families: [0, 1] });
    node.keepalive();
    bench.take();
    node.spoilIpv6();
    expect(bench.take()).toEqual([`off 1 ${nextHopSelf}`, 'update']);
    expect(bench.peer.disabledFamilies).toEqual([
      { family: 1, atMs: bench.now, text: nextHopSelf },
    ]);
    node.spoilIpv6();
    expect(bench.take()).toEqual(['update']);
    bench.peer.stop(bench.now, { kind: 'reset' });
    expect(bench.peer.disabledFamilies).toEqual([]);
    const again = bench.connect();
    again.open({ families: [0, 1] });
    again.keepalive();
    bench.take();
    again.spoilIpv6();
    expect(bench.take()).toEqual([`off 1 ${nextHopSelf}`, 'update']);
  });

  test('the only family of a session is not disabled: the session ends with the reason', () => {
    const bench = new BenchPeer({ passive: true, families: [1] }).start();
    const node = bench.establish();
    bench.take();
    node.spoilIpv6();
    expect(bench.take()).toEqual([
      'sent 3/9',
      `down notification_sent: UPDATE Message Error/Optional Attribute Error: ${nextHopSelf}`,
      'Established > Idle',
    ]);
  });

  test('BoRR and EoRR before End-of-RIB are ignored, as RFC 7313 §4 says', () => {
    const bench = new BenchPeer({ passive: true, families: [1] }).start();
    const node = bench.establish();
    bench.take();
    node.routeRefresh(2, 1);
    node.routeRefresh(2, 2);
    node.endOfRibIpv6();
    node.routeRefresh(2, 1);
    node.routeRefresh(2, 2);
    expect(bench.take()).toEqual([
      'warning: BoRR or EoRR before End-of-RIB is ignored (RFC 7313)',
      'update',
      'refresh 1 begin',
      'refresh 1 end',
    ]);
  });

  test('but not from a peer without graceful restart, which need not send one', () => {
    const bench = new BenchPeer({ passive: true, families: [1] }).start();
    const node = bench.connect();
    node.open({ gracefulRestart: { kind: 'off' } });
    node.keepalive();
    bench.take();
    node.routeRefresh(2, 1);
    expect(bench.take()).toEqual(['refresh 1 begin']);
  });
});

function expireHold(bench: BenchPeer): void {
  const node = bench.establish();
  bench.advance(6_000);
  node.readDry();
}

function failUpdate(
  bench: BenchPeer,
  kind: 'malformedAttributeList' | 'maximumNumberOfPrefixesReached',
) {
  const node = bench.establish();
  bench.onUpdate = () => {
    throw new NotificationError(kind);
  };
  node.update();
}
