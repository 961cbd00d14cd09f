import { describe, expect, test } from 'vitest';
import type { StopReason } from '#session/host.ts';
import type { GracefulRestartSettings, SessionSettings } from '#session/settings.ts';
import { BenchPeer, type Remote } from './bench-peer.ts';

type Terms = Extract<GracefulRestartSettings, { readonly kind: 'families' }>;

const helper: Terms = {
  kind: 'families',
  helper: true,
  restarter: false,
  restartTimeSec: 120,
  eorGraceMs: 5_000,
};
/** The capability of a node: 60 s for both families. */
const restarter: Terms = { ...helper, restarter: true, restartTimeSec: 60 };
const notifyOnly = { kind: 'notify_only' } as const;

function benchOf(changes: Partial<Terms> = {}): BenchPeer {
  const gracefulRestart = { ...helper, ...changes };
  return new BenchPeer({ passive: true, gracefulRestart }).start();
}

function come(bench: BenchPeer, changes: Partial<SessionSettings> = {}): Remote {
  const node = bench.connect();
  node.open({ gracefulRestart: restarter, ...changes });
  node.keepalive();
  bench.take();
  return node;
}

/** Returns what the host was told about stale routes. */
function told(bench: BenchPeer): string[] {
  return bench.take().filter((line) => /^(kept|stale)/.test(line));
}

const both = ['kept 0', 'kept 1'];
const bothOver = ['stale 0 over', 'stale 1 over'];

describe('the routes of a lost session', () => {
  test('are kept for the restart time of the peer', () => {
    const bench = benchOf();
    come(bench).close();
    expect(told(bench)).toEqual(both);
    bench.advance(59_999);
    expect(told(bench)).toEqual([]);
    bench.advance(1);
    expect(told(bench)).toEqual(bothOver);
    expect(bench.peer.nextDeadline()).toBe(Infinity);
  });

  test('but no longer than for ours', () => {
    const bench = benchOf({ restartTimeSec: 20 });
    come(bench).close();
    expect(bench.peer.gracefulRestart.stale).toEqual([
      { family: 0, stage: 'restarting', untilMs: bench.now + 20_000 },
      { family: 1, stage: 'restarting', untilMs: bench.now + 20_000 },
    ]);
    bench.advance(20_000);
    expect(told(bench)).toEqual([...both, ...bothOver]);
  });

  const ends: [string, (bench: BenchPeer, node: Remote) => void, withN: boolean, not: boolean][] = [
    ['FIN', (_, node) => node.close(), true, true],
    ['RST', (_, node) => node.close('connection reset by the peer'), true, true],
    ['hold expiry', expireHold, true, false],
    ['a NOTIFICATION of the peer', (_, node) => node.notify(6, 4), true, false],
    ['a Hard Reset of the peer', (_, node) => node.notify(6, 9), false, false],
    ['an FSM error', (_, node) => node.open(), true, false],
    ['our reset', (bench) => bench.peer.stop(bench.now, { kind: 'reset' }), true, false],
    ['new settings', (bench) => bench.peer.stop(bench.now, { kind: 'configChange' }), true, false],
    ['our shutdown', (bench) => bench.peer.stop(bench.now, { kind: 'shutdown' }), false, false],
    ['removal', (bench) => bench.peer.stop(bench.now, { kind: 'deconfigured' }), false, false],
    [
      'a limit',
      (bench) => bench.peer.stop(bench.now, { kind: 'limit', family: 1, limit: 10 }),
      false,
      false,
    ],
  ];
  test.each(ends)('after %s, with the N bit of both (RFC 8538): %3$s', (_, end, isKept) => {
    const bench = benchOf();
    end(bench, come(bench));
    expect(told(bench)).toEqual(isKept ? both : []);
  });

  test.each(ends)('after %s, without it: %4$s', (_, end, __, isKept) => {
    const bench = benchOf();
    const node = bench.connect();
    node.openWithoutNotificationBit(restarter);
    node.keepalive();
    bench.take();
    end(bench, node);
    expect(told(bench)).toEqual(isKept ? both : []);
  });

  const unhelped: [string, Partial<Terms>, Partial<SessionSettings>][] = [
    ['where we are no helper', { helper: false, restarter: true }, {}],
    ['of a peer that announces no family', {}, { gracefulRestart: notifyOnly }],
    ['of a peer without the capability', {}, { gracefulRestart: { kind: 'off' } }],
    ['with a restart time of 0', {}, { gracefulRestart: { ...restarter, restartTimeSec: 0 } }],
    ['with ours of 0', { restartTimeSec: 0 }, {}],
  ];
  test.each(unhelped)('are removed %s', (_, ours, theirs) => {
    const bench = benchOf(ours);
    come(bench, theirs).close();
    expect(bench.take()).toContain('down tcp_closed: connection closed by the peer');
    expect(told(bench)).toEqual([]);
    expect(bench.peer.nextDeadline()).toBe(Infinity);
  });

  test('are not kept for a family that was not negotiated', () => {
    const bench = benchOf();
    come(bench, { families: [1] }).close();
    expect(told(bench)).toEqual(['kept 1']);
  });

  const drops: [string, (bench: BenchPeer) => void][] = [
    ['stopped by the operator', (bench) => bench.peer.stop(bench.now, { kind: 'shutdown' })],
    ['over a limit', (bench) => bench.peer.stop(bench.now, { kind: 'limit', family: 1, limit: 1 })],
    [
      'no longer helped',
      (bench) =>
        bench.peer.changeSettings(
          { ...bench.peer.settings, gracefulRestart: notifyOnly },
          bench.now,
        ),
    ],
  ];
  test.each(drops)('are removed at once when the peer is %s meanwhile', (_, drop) => {
    const bench = benchOf();
    come(bench).close();
    bench.take();
    drop(bench);
    expect(told(bench)).toEqual(bothOver);
  });

  test('are kept longer after a stall of our own', () => {
    const bench = benchOf();
    come(bench).close();
    bench.take();
    bench.peer.forgive(8_000);
    bench.advance(67_999);
    expect(told(bench)).toEqual([]);
    bench.advance(1);
    expect(told(bench)).toEqual(bothOver);
  });
});

function lostAndBack(ours: Partial<Terms> = {}, theirs: Partial<SessionSettings> = {}) {
  const bench = benchOf(ours);
  come(bench).close();
  bench.take();
  bench.advance(10_000);
  const node = bench.connect();
  node.open({ gracefulRestart: restarter, ...theirs });
  node.keepalive();
  return { bench, node };
}

describe('the peer is back', () => {
  test('each family is swept at its End-of-RIB', () => {
    const { bench, node } = lostAndBack({ eorGraceMs: 0 });
    expect(told(bench)).toEqual([]);
    node.endOfRibIpv6();
    expect(told(bench)).toEqual(['stale 1 over']);
    expect(bench.peer.gracefulRestart.stale).toMatchObject([{ stage: 'resynchronizing' }]);
    node.update();
    expect(told(bench)).toEqual(['stale 0 over']);
  });

  const refusals: [string, Partial<SessionSettings>][] = [
    ['the capability', { gracefulRestart: { kind: 'off' } }],
    ['a family in it', { gracefulRestart: notifyOnly }],
    ['a common family', { families: [0] }],
  ];
  test.each(refusals)('without %s: swept at once', (_, theirs) => {
    const { bench } = lostAndBack({}, theirs);
    expect(told(bench)).toContain('stale 1 over');
  });

  test('with the F bit clear: swept at once', () => {
    const bench = benchOf();
    come(bench).close();
    bench.take();
    const node = bench.connect();
    node.openWithoutForwarding(restarter);
    node.keepalive();
    expect(told(bench)).toEqual(bothOver);
  });

  test('without an End-of-RIB they are removed after our restart time', () => {
    const { bench, node } = lostAndBack({ restartTimeSec: 30 });
    expect(told(bench)).toEqual([]);
    for (let seconds = 0; seconds < 29; seconds++) {
      bench.advance(1_000);
      node.keepalive();
    }
    expect(told(bench)).toEqual([]);
    bench.advance(1_000);
    expect(told(bench)).toEqual(bothOver);
  });

  test('an End-of-RIB before any route waits until the peer has been silent for eor_grace', () => {
    const { bench, node } = lostAndBack();
    node.update();
    for (let updates = 0; updates < 3; updates++) {
      bench.advance(4_000);
      node.announceIpv4();
    }
    bench.advance(4_999);
    expect(told(bench)).toEqual([]);
    bench.advance(1);
    expect(told(bench)).toEqual(['stale 0 over']);
  });

  test('but not forever', () => {
    const { bench, node } = lostAndBack({ restartTimeSec: 20 });
    node.update();
    for (let seconds = 0; seconds < 19; seconds++) {
      bench.advance(1_000);
      node.announceIpv4();
    }
    expect(told(bench)).toEqual([]);
    bench.advance(1_000);
    expect(told(bench)).toEqual(bothOver);
  });

  test('an End-of-RIB after routes takes effect at once', () => {
    const { bench, node } = lostAndBack();
    node.announceIpv4();
    node.update();
    expect(told(bench)).toEqual(['stale 0 over']);
  });

  test('lost again before End-of-RIB: stale routes are removed, and new ones are kept', () => {
    const { bench, node } = lostAndBack();
    node.endOfRibIpv6();
    node.close();
    expect(told(bench)).toEqual([...bothOver, ...both]);
  });

  test('its connection replaces a session that we believed to be up, which ends without a NOTIFICATION', () => {
    const bench = benchOf();
    const first = come(bench);
    first.take();
    const second = bench.connect();
    expect(first.take()).toEqual([]);
    second.open({ gracefulRestart: restarter });
    expect(first.take()).toEqual(['FIN']);
    expect(bench.take()).toEqual([
      'down tcp_closed: the peer has restarted and opened a new connection',
      ...both,
      'Established > OpenSent',
      'OpenSent > OpenConfirm',
    ]);
    second.keepalive();
    expect(bench.take()).toEqual(['OpenConfirm > Established', 'up']);
  });

  test('but the other connection of a collision does not', () => {
    const bench = new BenchPeer({ gracefulRestart: helper }).start();
    const theirs = bench.connect();
    const ours = bench.connect('outgoing');
    ours.open({ gracefulRestart: restarter });
    ours.keepalive();
    theirs.take();
    theirs.open({ gracefulRestart: restarter });
    expect(theirs.take()).toEqual(['NOTIFICATION 6/7', 'FIN']);
    expect(bench.peer.state).toBe('Established');
  });
});

describe('long-lived (RFC 9494)', () => {
  const longLived = { longLivedSec: 3_600 };
  const node = { gracefulRestart: { ...restarter, longLivedSec: 600 } };

  test('begins when the restart time is over, and lasts as long as both allow', () => {
    const bench = benchOf(longLived);
    come(bench, node).close();
    bench.take();
    bench.advance(60_000);
    expect(told(bench)).toEqual(['stale 0 long_lived', 'stale 1 long_lived']);
    expect(bench.peer.gracefulRestart.stale).toMatchObject([
      { stage: 'long_lived', untilMs: bench.now + 600_000 },
      { stage: 'long_lived' },
    ]);
    bench.advance(599_999);
    expect(told(bench)).toEqual([]);
    bench.advance(1);
    expect(told(bench)).toEqual(bothOver);
  });

  test('begins at once with a restart time of 0', () => {
    const bench = benchOf(longLived);
    come(bench, { gracefulRestart: { ...node.gracefulRestart, restartTimeSec: 0 } }).close();
    expect(told(bench)).toEqual([...both, 'stale 0 long_lived', 'stale 1 long_lived']);
  });

  test.each([
    ['we', {}, node],
    ['the peer', longLived, {}],
  ])('is not used if %s do not want it', (_, ours, theirs) => {
    const bench = benchOf(ours);
    come(bench, theirs).close();
    bench.take();
    bench.advance(60_000);
    expect(told(bench)).toEqual(bothOver);
  });

  function longLost(): BenchPeer {
    const bench = benchOf(longLived);
    come(bench, node).close();
    bench.advance(60_000 + 100_000);
    bench.take();
    return bench;
  }

  test('ends with End-of-RIB when the peer is back', () => {
    const bench = longLost();
    const remote = come(bench, node);
    remote.announceIpv4();
    remote.update();
    expect(told(bench)).toEqual(['stale 0 over']);
  });

  test('ends at once when the peer no longer lists the family', () => {
    const bench = longLost();
    const remote = bench.connect();
    remote.open({ gracefulRestart: restarter });
    remote.keepalive();
    expect(told(bench)).toEqual(bothOver);
  });

  test('its timer continues over a session that ends before End-of-RIB', () => {
    const bench = longLost();
    come(bench, node).close();
    expect(told(bench)).toEqual(both);
    bench.advance(60_000);
    expect(told(bench)).toEqual(['stale 0 long_lived', 'stale 1 long_lived']);
    bench.advance(600_000 - 100_000 - 60_000 - 1);
    expect(told(bench)).toEqual([]);
    bench.advance(1);
    expect(told(bench)).toEqual(bothOver);
  });

  test('out of time before End-of-RIB: swept, and another loss keeps nothing', () => {
    const bench = new BenchPeer({
      passive: true,
      holdTimeSec: 0,
      sendHoldTimeMs: Infinity,
      gracefulRestart: { ...helper, ...longLived },
    }).start();
    come(bench, node).close();
    bench.advance(60_000);
    const remote = come(bench, node);
    bench.advance(600_000);
    expect(told(bench)).toEqual(bothOver);
    remote.close();
    expect(told(bench)).toEqual([]);
  });
});

describe('our last message when we stop', () => {
  const asRestarter = { restarter: true, helper: true };
  const rows: [string, StopReason, Partial<SessionSettings>, string[], number[]][] = [
    ['shutdown', { kind: 'shutdown' }, {}, ['NOTIFICATION 6/9', 'FIN'], [6, 2]],
    ['removal', { kind: 'deconfigured' }, {}, ['NOTIFICATION 6/9', 'FIN'], [6, 3]],
    ['reset', { kind: 'reset' }, {}, ['NOTIFICATION 6/4', 'FIN'], []],
    ['restart', { kind: 'restart' }, {}, ['FIN'], []],
    [
      'restart, the peer without the capability',
      { kind: 'restart' },
      { gracefulRestart: { kind: 'off' } },
      ['NOTIFICATION 6/2', 'FIN'],
      [],
    ],
    [
      'shutdown, the peer without the N bit',
      { kind: 'shutdown' },
      { gracefulRestart: notifyOnly },
      ['NOTIFICATION 6/2', 'FIN'],
      [],
    ],
  ];
  test.each(rows)('%s', (_, reason, theirs, sent, data) => {
    const bench = benchOf(asRestarter);
    const node = come(bench, theirs);
    node.take();
    bench.peer.stop(bench.now, reason);
    expect(node.take()).toEqual(sent);
    expect(node.connection.data).toEqual(data);
  });

  test('a restart of ours is a shutdown to peers that are not asked to keep anything', () => {
    const bench = benchOf();
    const node = come(bench);
    node.take();
    bench.peer.stop(bench.now, { kind: 'restart' });
    expect(node.take()).toEqual(['NOTIFICATION 6/9', 'FIN']);
  });
});

function expireHold(bench: BenchPeer, node: Remote): void {
  bench.advance(6_000);
  node.readDry();
}
