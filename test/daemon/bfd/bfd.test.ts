import { beforeEach, describe, expect, it } from 'vitest';
import type { DaemonEvent } from '#api/events/events.ts';
import type { BrakeReason } from '#bfd/brake.ts';
import type { BfdMove } from '#bfd/session.ts';
import type { BfdReport, BfdRequest } from '#daemon/bfd/bfd-messages.ts';
import type { BfdPeer } from '#daemon/bfd/bfd-settings.ts';
import { Bfd } from '#daemon/bfd/bfd.ts';
import { EventBus } from '#daemon/event-bus.ts';
import type { ThreadHandlers } from '#daemon/kept-thread.ts';
import { ManualClock } from '#support/manual-clock.ts';
import { configOf, minimal } from '../../config/files.ts';

const peersText = `
peer_groups: { all: { peer_as: 65001, bfd: true } }
peers:
  - { name: NEAR, address: 192.0.2.1, group: all }
  - { name: FAR, address: 198.51.100.1, group: all, multihop: 10, gtsm: true }
  - { name: QUICK, address: "2001:db8::1", group: all, bfd: { min_tx: 50ms, multiplier: 5 } }
  - { name: WITHOUT, address: 192.0.2.9, group: all, bfd: false }
`;

const terms = { maxShare: 0.5, withinMs: 1000, atLeast: 3 };

/** The daemon's side of BFD, with a thread that only records its requests. */
class Stage {
  readonly clock = new ManualClock();
  readonly events = new EventBus(this.clock);
  readonly told: DaemonEvent[] = [];
  readonly ended: string[] = [];
  readonly asked: BfdRequest[] = [];
  peers: BfdPeer[] = configOf(minimal(peersText)).peers.map((config) => ({
    name: config.name,
    config,
    isEnabled: true,
    isStranger: false,
    bfdDown: (text) => void this.ended.push(`${config.name}: ${text}`),
  }));
  threads = 0;
  threadEnded: Promise<unknown> = Promise.resolve();
  thread: ThreadHandlers<BfdReport> = { report: () => undefined, failed: () => undefined };
  readonly bfd: Bfd;

  constructor() {
    this.events.subscribe((event) => this.told.push(event));
    this.bfd = new Bfd(
      { bfdBrake: terms },
      {
        clock: this.clock,
        events: this.events,
        peers: { [Symbol.iterator]: () => this.peers[Symbol.iterator]() },
        own: { isConnected: (address) => address[0] !== 198 },
        startThread: (handlers) => {
          this.threads++;
          this.thread = handlers;
          return {
            post: (request) => void this.asked.push(request),
            ended: this.threadEnded,
            terminate: () => undefined,
          };
        },
      },
    );
  }

  moved(peer: string, move: Partial<BfdMove>, brake?: BrakeReason): void {
    this.thread.report({
      kind: 'moved',
      peer,
      move: { ...timeout, ...move },
      ...(brake !== undefined && { brake }),
    });
  }

  up(peer: string): void {
    this.moved(peer, { from: 'init', to: 'up', by: 'peer', diagnostic: 'none', silentMs: 0 });
  }
}

const timeout: BfdMove = {
  from: 'up',
  to: 'down',
  by: 'timeout',
  diagnostic: 'control_detection_time_expired',
  remoteState: 'up',
  silentMs: 301,
};

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});

describe('the thread of BFD', () => {
  it('is given the peers that use BFD, each with its distance and its timers', () => {
    stage.bfd.start();
    expect(stage.asked).toMatchObject([
      {
        kind: 'sessions',
        brake: terms,
        sessions: [
          {
            peer: 'NEAR',
            isMultihop: false,
            minTtl: 255,
            terms: { minTxMs: 300, minRxMs: 300, multiplier: 3 },
          },
          {
            peer: 'FAR',
            isMultihop: true,
            minTtl: 246,
            terms: { minTxMs: 1000, minRxMs: 1000, multiplier: 3 },
          },
          {
            peer: 'QUICK',
            isMultihop: false,
            terms: { minTxMs: 50, minRxMs: 300, multiplier: 5 },
          },
        ],
      },
    ]);
  });

  it('runs only while a peer uses BFD', () => {
    const all = stage.peers;
    stage.peers = all.filter(({ name }) => name === 'WITHOUT');
    stage.bfd.start();
    expect(stage.threads).toBe(0);
    stage.peers = all;
    stage.bfd.applyConfig({ bfdBrake: terms });
    expect(stage.threads).toBe(1);
    stage.peers = [];
    stage.bfd.applyConfig({ bfdBrake: terms });
    expect(stage.asked.at(-1)).toEqual({ kind: 'stop' });
    expect(stage.bfd.list()).toEqual({ items: [] });
  });

  it('delays the end of the daemon by a second at most if it hangs', async () => {
    stage.threadEnded = new Promise(() => undefined);
    stage.bfd.start();
    const stopped = stage.bfd.stop();
    stage.clock.advance(1000);
    await stopped;
    expect(stage.asked.at(-1)).toEqual({ kind: 'stop' });
  });

  it('is not given a peer from a range that was never Established', () => {
    stage.peers = stage.peers.map((peer) => ({ ...peer, isStranger: peer.name === 'NEAR' }));
    stage.bfd.start();
    expect(stage.asked).toMatchObject([{ sessions: [{ peer: 'FAR' }, { peer: 'QUICK' }] }]);
  });

  it('sends AdminDown to a peer that is disabled', () => {
    stage.bfd.start();
    stage.peers = stage.peers.map((peer) =>
      peer.name === 'NEAR' ? { ...peer, isEnabled: false } : peer,
    );
    stage.events.emit({
      event: 'peer_state',
      peer: 'NEAR',
      old_state: 'established',
      new_state: 'idle',
    });
    stage.clock.advance(10);
    const last = stage.asked.at(-1);
    expect(last?.kind === 'sessions' && last.sessions[0].isAdminDown).toBe(true);
  });

  it('is restarted after it has failed, and hold timers decide meanwhile', () => {
    stage.bfd.start();
    stage.thread.failed(new Error('a bug'));
    expect(stage.bfd.view('NEAR')).toBeUndefined();
    stage.clock.advance(5000);
    expect(stage.threads).toBe(2);
    expect(stage.told.at(-1)).toMatchObject({ event: 'warning' });
    expect(stage.ended).toEqual([]);
  });
});

describe('a peer that BFD has lost', () => {
  const lost = 'NEAR: BFD: no packet for 301 ms';
  it.each([
    ['by timeout', 10_000, {}, undefined, [lost]],
    [
      'because the peer no longer hears us',
      10_000,
      { by: 'peer', remoteState: 'down' },
      undefined,
      ['NEAR: BFD: the peer reports that it no longer receives our packets'],
    ],
    ['that had been up for less than 10 s', 9_999, {}, undefined, []],
    ['while the brake is on', 60_000, {}, 'share', []],
    ['that has switched BFD off', 60_000, { by: 'peer', remoteState: 'admin_down' }, undefined, []],
    ['that was switched off here', 60_000, { to: 'admin_down', by: 'operator' }, undefined, []],
  ] as const)('%s', (_, upForMs, move, brake, ended) => {
    stage.bfd.start();
    stage.up('NEAR');
    stage.clock.advance(upForMs);
    stage.moved('NEAR', move, brake);
    stage.clock.advance(10);
    expect(stage.ended).toEqual(ended);
    expect(stage.bfd.view('NEAR')).toMatchObject({ downs: 1 });
    expect(stage.told.filter(({ event }) => event === 'brake')).toHaveLength(brake ? 1 : 0);
  });

  it('that is one of several with one cause on our side: the brake is reported once', () => {
    stage.bfd.start();
    for (const peer of ['NEAR', 'FAR', 'QUICK']) stage.up(peer);
    stage.clock.advance(60_000);
    for (const peer of ['NEAR', 'FAR', 'QUICK']) {
      stage.moved(peer, {}, 'carrier');
      stage.clock.advance(100);
    }
    expect(stage.ended).toEqual([]);
    expect(stage.told.filter(({ event }) => event === 'brake')).toHaveLength(1);
    expect(stage.bfd.list().brake).toMatchObject({ reason: 'carrier', applied: 1 });
  });
});
