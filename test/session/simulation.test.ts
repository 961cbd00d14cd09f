import { describe, expect, test } from 'vitest';
import type { SessionSettings } from '#session/settings.ts';
import { addStray, makePair, type Pair } from '../sim/pair.ts';
import type { Speaker } from '../sim/speaker.ts';
import { nodeSettings, settingsOf } from './settings.ts';

type Changes = Partial<SessionSettings>;

function pairOf(seed: number, server: Changes = {}, node: Changes = {}): Pair {
  return makePair(seed, settingsOf(server), nodeSettings(node));
}

function establishedPair(seed: number, server: Changes = {}, node: Changes = {}): Pair {
  const pair = pairOf(seed, server, node);
  pair.server.start();
  pair.node.start();
  pair.clock.advance(30_000);
  expectTogether(pair);
  for (const speaker of [pair.server, pair.node]) speaker.log.length = 0;
  return pair;
}

/** Both are Established over one connection, and there is no other. */
function expectTogether({ server, node }: Pair): void {
  expect([server.peer.state, node.peer.state]).toEqual(['Established', 'Established']);
  const [ours, theirs] = [server.ends, node.ends];
  expect([ours.length, theirs.length]).toEqual([1, 1]);
  expect(ours[0].peer).toBe(theirs[0]);
}

function downs(speaker: Speaker): string[] {
  return speaker.log.filter((line) => line.startsWith('down'));
}

/** `up` and `down` alternate, and `up` comes directly after the state. */
function expectOrderly(speaker: Speaker): void {
  const ups = speaker.log.filter((line) => line === 'up' || line.startsWith('down'));
  ups.forEach((line, index) => expect(line === 'up').toBe(index % 2 === 0));
  speaker.log.forEach((line, index) => {
    if (line === 'up') expect(speaker.log[index - 1]).toBe('state Established');
  });
}

describe('two speakers that dial each other', () => {
  const seeds = Array.from({ length: 300 }, (_, seed) => seed);
  test.each(seeds)('establish a session and keep it, schedule %i', (seed) => {
    const pair = pairOf(seed, {}, seed % 3 === 0 ? { routerId: 1 } : {});
    pair.server.start();
    pair.clock.advance(50 * pair.random() * (seed % 2));
    pair.node.start();
    pair.clock.advance(30_000);
    expectTogether(pair);
    const before = [downs(pair.server).length, downs(pair.node).length];
    pair.clock.advance(120_000);
    expectTogether(pair);
    expect([downs(pair.server).length, downs(pair.node).length]).toEqual(before);
    [pair.server, pair.node].forEach(expectOrderly);
  });

  test.each(seeds.slice(0, 60))('come together again after any trouble, schedule %i', (seed) => {
    survive(pairOf(seed, { passive: seed % 4 === 0 }));
  });

  test.each(seeds.slice(0, 60))('and so with graceful restart of both, schedule %i', (seed) => {
    const pair = pairOf(seed, { passive: seed % 4 === 0, gracefulRestart }, { gracefulRestart });
    survive(pair);
    const before = downs(pair.server).length;
    pair.clock.advance(120_000);
    expect(downs(pair.server).length).toBe(before);
    expect([
      ...pair.server.peer.gracefulRestart.stale,
      ...pair.node.peer.gracefulRestart.stale,
    ]).toEqual([]);
  });
});

const gracefulRestart = {
  kind: 'families',
  helper: true,
  restarter: true,
  restartTimeSec: 60,
  eorGraceMs: 1_000,
} as const;

function survive(pair: Pair): void {
  pair.server.start();
  pair.node.start();
  for (let trouble = 0; trouble < 12; trouble++) {
    pair.clock.advance(9_000 * pair.random());
    makeTrouble(pair);
  }
  pair.clock.advance(150_000);
  expectTogether(pair);
  [pair.server, pair.node].forEach(expectOrderly);
}

function makeTrouble({ server, node, random, clock }: Pair): void {
  const speaker = random() < 0.5 ? server : node;
  const troubles = [
    () => speaker.kill(),
    () => speaker.reboot(),
    () => speaker.run((peer) => peer.stop(speaker.now, { kind: 'reset' })),
    () => speaker.run((peer) => peer.stop(speaker.now, { kind: 'shutdown' })),
    () => speaker.freeze(),
    () => speaker.ends.forEach((end) => end.breakDown()),
  ];
  troubles[Math.floor(random() * troubles.length)]();
  clock.advance(10_000 * random());
  speaker.thaw();
  speaker.start();
}

describe('silence', () => {
  test('a frozen node is sent 4/0 when its hold time is over, and is accepted again when it wakes', () => {
    const pair = establishedPair(1, { passive: true });
    pair.node.freeze();
    pair.clock.advance(3_900);
    expect(downs(pair.server)).toEqual([]);
    pair.clock.advance(2_200);
    expect(downs(pair.server)).toEqual(['down hold_timer_expired']);
    expect(pair.server.log).toContain('sent 4/0');
    pair.node.thaw();
    pair.clock.advance(6_000);
    expectTogether(pair);
  });

  test.each([0.7, 3, 5.5, 8, 60])(
    'our own stall of %d s drops no session that the peer kept',
    (seconds) => {
      const pair = establishedPair(2, { passive: true });
      pair.node.isPatient = true;
      pair.server.freeze();
      pair.clock.advance(seconds * 1_000);
      pair.server.thaw();
      pair.clock.advance(60_000);
      expect(downs(pair.server)).toEqual([]);
      expect(downs(pair.node)).toEqual([]);
    },
  );

  test('nor one of the whole machine, with empty sockets when it continues', () => {
    const pair = establishedPair(3, { passive: true });
    pair.server.freeze();
    pair.node.freeze();
    pair.clock.advance(8_000);
    pair.server.thaw();
    pair.clock.advance(300);
    pair.node.thaw();
    pair.clock.advance(60_000);
    expect(downs(pair.server)).toEqual([]);
    expect(pair.server.ticker.stalls).toBe(1);
  });

  test('a pulled cable: the hold time expires, and the node connects again when the cable is back', () => {
    const pair = establishedPair(4);
    pair.node.cutOff();
    pair.clock.advance(6_500);
    expect(downs(pair.server)).toEqual(['down hold_timer_expired']);
    pair.node.isCutOff = false;
    pair.clock.advance(30_000);
    expectTogether(pair);
  });
});

describe('second connections', () => {
  test('a stray second node with a higher identifier never disturbs the session', () => {
    const pair = establishedPair(5, { passive: true });
    const stray = addStray(pair, nodeSettings({ routerId: 0xdfffffff, idleHoldMaxMs: 5_000 }));
    stray.start();
    pair.clock.advance(600_000);
    expect(downs(pair.server)).toEqual([]);
    expect(pair.server.log.filter((line) => line === 'sent 6/7').length).toBeGreaterThan(50);
    expect(stray.log).not.toContain('up');
    expectTogether(pair);
  });

  test('a node that rebooted is back long before its old hold time is over', () => {
    const hold = { holdTimeSec: 90 };
    const pair = establishedPair(6, { passive: true, ...hold }, hold);
    pair.node.reboot();
    pair.node.start();
    pair.clock.advance(6_000);
    expect(downs(pair.server)).toEqual(['down tcp_closed']);
    expectTogether(pair);
  });

  test('a node that is killed and comes back never has to wait', () => {
    const pair = establishedPair(7, { passive: true });
    for (let round = 0; round < 20; round++) {
      pair.node.kill();
      pair.clock.advance(100);
      pair.node.start();
      pair.clock.advance(500);
      expectTogether(pair);
    }
  });
});

describe('refusals', () => {
  test('a node with the wrong AS is accepted within idle_hold after it was corrected', () => {
    const pair = pairOf(8, { passive: true }, { localAs: 65009 });
    pair.server.start();
    pair.node.start();
    pair.clock.advance(20_000);
    expect(pair.server.log).toContain('sent 2/2');
    expect(pair.server.log).toContain('sent 6/5');
    pair.node.run((peer) => {
      peer.changeSettings(nodeSettings(), pair.node.now);
      peer.stop(pair.node.now, { kind: 'configChange' });
    });
    pair.clock.advance(125_000);
    expectTogether(pair);
  });

  test('connection attempts to a peer without a listener never end, and its own connection is accepted', () => {
    const pair = pairOf(9);
    pair.node.isListening = false;
    pair.server.start();
    pair.clock.advance(120_000);
    expect(pair.server.peer.state).toBe('Active');
    pair.node.start();
    pair.clock.advance(200);
    expectTogether(pair);
  });
});
