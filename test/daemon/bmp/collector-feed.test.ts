import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { PeerType } from '#bmp/constants.ts';
import { CollectorFeed } from '#daemon/bmp/collector-feed.ts';
import { locRibPeer } from '#daemon/bmp/loc-rib-peer.ts';
import type { MonitoredSession } from '#daemon/bmp/monitored-session.ts';
import type { PeerId } from '#policy/ids.ts';
import type { SendSettings } from '#rib/rib-peer.ts';
import { RibView } from '#rib/view.ts';
import { readBmp, replayBmp } from '#support/bmp-messages.ts';
import { type Dice, dice } from '#support/dice.ts';
import { address } from '../../policy/given.ts';
import { Lab, sendSettings } from '../../rib/given.ts';

const routerIds = [0x01010102, 0x01010106, 0x0101010a];
const addresses = Array.from(
  { length: 12 },
  (_, at) => `2001:db8:30::${(at + 1).toString(16)}/128`,
);
const locRib = locRibPeer({ routerId: 0x01010101, localAs: 65002 });
const clock = { monotonic: () => 0, wall: () => 0 };

/** The second router takes several paths of a prefix (RFC 7911). */
function sendSettingsOf(client: number): SendSettings {
  return client !== 1 ? sendSettings : { ...sendSettings, addPath: [true, true] };
}

/** A lab whose routers are monitored by a collector that may come at any time. */
class MonitoredLab extends Lab {
  /** Those of the lab, and a third one, which is like the first. */
  readonly monitored: readonly PeerId[];
  private readonly sessions = new Map<PeerId, MonitoredSession>();
  private feed: CollectorFeed | undefined;
  private read: Uint8Array[] = [];

  constructor() {
    super();
    const [first, several] = this.clients;
    const { settings } = this.rib.peer(first);
    const third = { ...settings, name: 'ER3', address: address('2001:db8:1::a') };
    this.monitored = [first, several, this.rib.addPeer(third)];
    this.rib.peerDown(several);
    const old = this.rib.peer(several).settings;
    this.rib.replaceSettings(several, { ...old, mayAddPath: true });
    for (const client of this.monitored.keys()) this.restart(client);
  }

  override send(peer: PeerId, bytes: Uint8Array, messages: number): void {
    super.send(peer, bytes, messages);
    const session = this.sessions.get(peer);
    if (session !== undefined) this.feed?.updatesSent(session, bytes);
  }

  /** A collector connects, and knows nothing. */
  connect(): void {
    this.read = [];
    this.feed = new CollectorFeed({
      clock,
      view: new RibView(this.rib),
      sessions: this.sessions,
      monitor: ['adj_rib_out_post'],
      locRib,
    });
    this.rib.setMonitor(this.feed.changes);
    this.feed.begin(new Uint8Array(0));
  }

  /** The session of a router ends, and is established again. */
  restart(client: number): void {
    const id = this.monitored[client];
    const old = this.sessions.get(id);
    this.rib.peerDown(id);
    this.sessions.delete(id);
    if (old !== undefined) {
      old.end = { kind: 'lost' };
      this.feed?.peerDown(old);
    }
    const session = this.sessionOf(client);
    this.sessions.set(id, session);
    this.feed?.peerUp(session);
    this.up(id, routerIds[client], sendSettingsOf(client));
  }

  /** The collector is written this many steps of what waits for it. */
  write(steps: number): void {
    const { feed } = this;
    if (feed === undefined) return;
    for (let taken = 0; taken < steps && feed.step(); taken++);
    this.read.push(...feed.take());
  }

  /** What the collector knows each router to hold, in the form of `held`. */
  known(): string[][] {
    const messages = readBmp(Buffer.concat(this.read));
    const [, several] = this.monitored.map((id) => this.hexOf(id));
    const tables = replayBmp(messages, { addPath: [`${several}/O`] });
    return this.monitored.map((id) => {
      const table = tables.get(`${this.hexOf(id)}/LO`) ?? new Map<string, { med?: number }>();
      return [...table].map(([name, { med }]) => `${name} ${med}`).toSorted();
    });
  }

  /** What the routers hold: prefix, path identifier where there is one, MED. */
  held(): string[][] {
    return this.monitored.map((id) => {
      const { routes, paths } = this.routerOf(id);
      const single = [...routes].map(([name, { med }]) => `${name} ${med}`);
      const several = [...paths].map(
        ([name, { route }]) => `${name.replace(' ', '#')} ${route.med}`,
      );
      return [...single, ...several].toSorted();
    });
  }

  private hexOf(id: PeerId): string {
    return Buffer.from(this.rib.peer(id).settings.address).toString('hex');
  }

  private sessionOf(client: number): MonitoredSession {
    const id = this.monitored[client];
    const own = this.rib.peer(id).settings.address;
    const { up } = locRib;
    return {
      ribId: id,
      peer: {
        type: PeerType.globalInstance,
        address: own,
        peerAs: 65003,
        routerId: routerIds[client],
      },
      up: { ...up, localAddress: own, localPort: 179, remotePort: 50_000 },
      upWallMs: 0,
      asnBytes: 4,
      families: [true, true],
      addPathReceive: [false, false],
      addPathSend: sendSettingsOf(client).addPath,
    };
  }
}

/** Half of the steps are before the collector connects. */
function play(seeds: readonly number[]): void {
  const it = new MonitoredLab();
  const half = seeds.length >> 1;
  for (const seed of seeds.slice(0, half)) step(it, dice(seed));
  it.connect();
  for (const seed of seeds.slice(half)) step(it, dice(seed));
  finish(it);
}

/** Everything is sent and written; then the collector must know what the routers hold. */
function finish(it: MonitoredLab): void {
  it.settle();
  for (const router of it.monitored) it.rib.setLagging(router, false);
  it.settle();
  it.write(Infinity);
  expect(it.known()).toEqual(it.held());
}

function step(it: MonitoredLab, roll: Dice): void {
  const node = 1 + roll.below(3);
  const client = roll.below(3);
  const [, act] = roll.weighted([
    [12, () => void it.announce(node, roll.pick(addresses), roll.below(3))],
    [8, () => it.withdraw(node, roll.pick(addresses))],
    [2, () => it.restart(client)],
    [3, () => it.rib.setLagging(it.monitored[client], roll.chance(0.5))],
    [2, () => it.connect()],
    [8, () => it.rib.work(1 + roll.below(4), () => true)],
    [3, () => it.settle()],
    [8, () => it.write(1 + roll.below(20))],
  ]);
  act();
}

test('a collector knows what routers hold, also one that connected while a router caught up', () => {
  const seeds = fc.array(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { maxLength: 80, size: 'max' });
  fc.assert(fc.property(seeds, play), { numRuns: 400, seed: 1 });
});

test('a collector is not told of a route while it is not known whether a router that catches up awaits it', () => {
  const it = new MonitoredLab();
  it.announce(1, addresses[0], 0);
  it.settle();
  const [first, , third] = it.monitored;
  for (const router of [first, third]) it.rib.setLagging(router, true);
  it.announce(1, addresses[1], 0);
  it.connect();
  it.rib.work(1, () => true);
  it.write(100);
  it.settle();
  it.withdraw(1, addresses[1]);
  finish(it);
});
