import { PeerFlag } from '#bmp/constants.ts';
import { writePeerDown, writePeerUp } from '#bmp/messages.ts';
import { type Clock, wallAt } from '#clock.ts';
import type { MonitoredTable } from '#config/config.ts';
import { none, type PathId, type PrefixId } from '#policy/ids.ts';
import {
  type FollowedTable,
  followedTables,
  type GoneRoute,
  RouteChanges,
} from '#rib/route-changes.ts';
import type { FamilyView, RibView } from '#rib/view.ts';
import { families, type Family } from '#wire/constants.ts';
import { OctetWriter } from '#wire/octet-writer.ts';
import { Fifo } from './fifo.ts';
import type { LocRibPeer } from './loc-rib-peer.ts';
import type { MonitoredSession, MonitoredSessions } from './monitored-session.ts';
import { type RouteOwner, RouteRuns } from './route-runs.ts';

export interface CollectorFeedParts {
  readonly clock: Pick<Clock, 'monotonic' | 'wall'>;
  readonly view: RibView;
  readonly sessions: MonitoredSessions;
  readonly monitor: readonly MonitoredTable[];
  readonly locRib: LocRibPeer;
}

const tableOf = {
  received: 'adj_rib_in_pre',
  accepted: 'adj_rib_in_post',
  best: 'loc_rib',
} as const satisfies Record<FollowedTable, MonitoredTable>;

const flagsOf: Readonly<Record<MonitoredTable, number>> = {
  adj_rib_in_pre: 0,
  adj_rib_in_post: PeerFlag.postPolicy,
  loc_rib: 0,
  adj_rib_out_post: PeerFlag.postPolicy | PeerFlag.adjRibOut,
};

/** UPDATEs that a peer has been sent, and that the collector is to see. */
interface SentUpdates {
  readonly session: MonitoredSession;
  readonly bytes: Uint8Array;
  readonly wallMs: number;
}

/**
 * What one collector is still to be sent, and the messages that say it. Changes of routes wait as ids, however often
 * a route changes; what is copied is what peers were sent, and withdrawals. The RIB is read when it is written, in
 * steps; the tables may change between two of them, and whatever changes is written after the step that saw it.
 */
export class CollectorFeed {
  /** What the RIB tells; absent where no table of it is monitored. */
  readonly changes: RouteChanges;
  private readonly parts: CollectorFeedParts;
  private readonly runs: Readonly<Record<MonitoredTable, RouteRuns>>;
  private readonly control = new OctetWriter();
  private readonly owners = new Map<MonitoredTable, WeakMap<object, RouteOwner>>();
  private readonly monitored: ReadonlySet<MonitoredTable>;
  /** Whole messages, in order. */
  private ready: Uint8Array[] = [];
  private readyBytes = 0;
  private readonly sent = new Fifo<SentUpdates>();
  private sentBytes = 0;
  private readonly ends = new Fifo<{
    readonly session: MonitoredSession;
    readonly family: Family;
  }>();
  private walks: Iterator<unknown, void>[] = [];
  private isWalksTurn = false;
  private walked = false;
  /** From the monotonic clock to Unix time; the same for all that is written between two calls of `take`. */
  private wallOffsetMs: number;

  constructor(parts: CollectorFeedParts) {
    const { view, monitor } = parts;
    this.parts = parts;
    this.wallOffsetMs = wallAt(parts.clock, 0);
    this.monitored = new Set(monitor);
    this.runs = {
      adj_rib_in_pre: new RouteRuns(view),
      adj_rib_in_post: new RouteRuns(view),
      loc_rib: new RouteRuns(view),
      adj_rib_out_post: new RouteRuns(view),
    };
    const followed = followedTables.filter((table) => this.monitored.has(tableOf[table]));
    this.changes = new RouteChanges(view, new Set(followed), (route) => this.gone(route));
  }

  /** Whether the collector has been sent all that there was when it connected. */
  get isWhole(): boolean {
    return this.walked;
  }

  get hasWork(): boolean {
    return (
      this.sent.size > 0 ||
      !this.changes.isEmpty ||
      this.ends.size > 0 ||
      this.walks.length > 0 ||
      this.writtenBytes > 0
    );
  }

  /** Bytes of messages that `take` would return. */
  get writtenBytes(): number {
    let bytes = this.readyBytes;
    for (const table of this.monitored) bytes += this.runs[table].lengthBytes;
    return bytes;
  }

  /** Bytes of all that waits and that does not just name a route. */
  get waitingBytes(): number {
    return this.writtenBytes + this.sentBytes;
  }

  /** Every session that is up, then all tables. `first`: the message that begins the connection. */
  begin(first: Uint8Array): void {
    this.message(first);
    for (const session of this.parts.sessions.values()) this.peerUp(session);
    if (this.monitored.has('loc_rib')) {
      const { peer, up } = this.parts.locRib;
      writePeerUp(this.control, { peer, flags: 0, wallMs: undefined }, up);
      this.flushControl();
    }
    this.walks = [this.everything([...this.parts.sessions.values()])];
  }

  peerUp({ peer, up, upWallMs }: MonitoredSession): void {
    writePeerUp(this.control, { peer, flags: 0, wallMs: upWallMs }, up);
    this.flushControl();
  }

  /** Routes of the session that wait are not written any more: the collector forgets them all. */
  peerDown({ peer, end }: MonitoredSession): void {
    if (end === undefined) return;
    writePeerDown(this.control, { peer, flags: 0, wallMs: this.parts.clock.wall() }, end);
    this.flushControl();
  }

  /** All that the peer has announced is to be written, again or for the first time. */
  sendAgain(session: MonitoredSession): void {
    this.walks.push(this.pathsOf(session));
  }

  /** The peer has been sent these UPDATEs; the bytes are never changed. */
  updatesSent(session: MonitoredSession, bytes: Uint8Array): void {
    if (!this.monitored.has('adj_rib_out_post')) return;
    this.sent.push({ session, bytes, wallMs: this.parts.clock.wall() });
    this.sentBytes += bytes.length;
  }

  /** The peer has sent End-of-RIB. */
  endOfRib(session: MonitoredSession, family: Family): void {
    this.ends.push({ session, family });
  }

  /** A whole message, after all that is written by now. */
  message(bytes: Uint8Array): void {
    this.flushRuns();
    this.push(bytes);
  }

  /** Writes a little of what waits; changes and the tables as they are take turns. False: nothing waits. */
  step(): boolean {
    this.isWalksTurn = !this.isWalksTurn;
    if (this.isWalksTurn && this.stepWalk()) return true;
    return this.stepSent() || this.stepChange() || this.stepEnd() || this.stepWalk();
  }

  /** Returns the messages that were written since the last call. The RIB may change afterwards. */
  take(): Uint8Array[] {
    this.flushRuns();
    const { ready } = this;
    this.ready = [];
    this.readyBytes = 0;
    this.wallOffsetMs = wallAt(this.parts.clock, 0);
    return ready;
  }

  private stepSent(): boolean {
    const next = this.sent.shift();
    if (next === undefined) return false;
    this.sentBytes -= next.bytes.length;
    const { session, bytes, wallMs } = next;
    if (session.end === undefined) {
      this.runs.adj_rib_out_post.forward(this.ownerOf('adj_rib_out_post', session), wallMs, bytes);
    }
    return true;
  }

  private stepChange(): boolean {
    for (const { family } of families) {
      const received = this.changes.takePath('received', family);
      if (received !== none) return this.writePath('received', family, received);
      const accepted = this.changes.takePath('accepted', family);
      if (accepted !== none) return this.writePath('accepted', family, accepted);
      const prefix = this.changes.takePrefix(family);
      if (prefix !== none) return this.writeBest(family, prefix);
    }
    return false;
  }

  /** Once all that came before it is written. */
  private stepEnd(): boolean {
    const next = this.ends.shift();
    if (next === undefined) return false;
    if (next.session.end === undefined) {
      this.writeEnd('adj_rib_in_pre', next.session, next.family);
      this.writeEnd('adj_rib_in_post', next.session, next.family);
    }
    return true;
  }

  private stepWalk(): boolean {
    const [walk] = this.walks;
    if (walk === undefined) return false;
    if (walk.next().done === true) this.walks.shift();
    return true;
  }

  /** `sessions`: those that are up at the beginning; each table of them ends with End-of-RIB. */
  private *everything(sessions: readonly MonitoredSession[]): Generator<void, void> {
    yield* this.paths();
    if (this.monitored.has('loc_rib')) yield* this.bestPaths();
    if (this.monitored.has('adj_rib_out_post')) {
      for (const session of sessions) yield* this.advertised(session);
    }
    for (const session of sessions) {
      if (session.end !== undefined) continue;
      for (const { family } of families) {
        if (!session.families[family]) continue;
        this.writeEnd('adj_rib_in_pre', session, family);
        this.writeEnd('adj_rib_in_post', session, family);
        this.writeEnd('adj_rib_out_post', session, family);
      }
      yield;
    }
    for (const { family } of families) this.writeEnd('loc_rib', this.parts.locRib, family);
    this.walked = true;
  }

  private *paths(): Generator<void, void> {
    for (const view of this.parts.view.families) {
      for (let path = 1 as PathId; path < view.pathRows; path++) {
        if (view.peerOf(path) !== none) this.writeTables(view, path);
        yield;
      }
    }
  }

  private *pathsOf({ ribId }: MonitoredSession): Generator<void, void> {
    for (const view of this.parts.view.families) {
      let path = view.nextPathOf(ribId, none as PathId);
      for (; path !== none; path = view.nextPathOf(ribId, path)) {
        this.writeTables(view, path);
        yield;
      }
    }
  }

  private writeTables(view: FamilyView, path: PathId): void {
    const isMalformed = this.parts.view.isMalformed(view.received(path));
    if (!isMalformed) this.writePath('received', view.family, path);
    if (view.accepted(path) !== none) this.writePath('accepted', view.family, path);
  }

  private *bestPaths(): Generator<void, void> {
    for (const view of this.parts.view.families) {
      for (const prefix of view.decidedPrefixes()) {
        this.writeBest(view.family, prefix);
        yield;
      }
    }
  }

  /**
   * What the peer holds. What it is still to be sent is seen when it is sent: a route that is withdrawn before would
   * never be withdrawn from the collector either.
   */
  private *advertised(session: MonitoredSession): Generator<void, void> {
    for (const rib of this.parts.view.families) {
      if (!session.families[rib.family]) continue;
      for (const prefix of rib.everyPrefix()) {
        while (rib.isDeferring) yield;
        if (session.end !== undefined || this.isShadow(session)) return;
        this.writeHeld(session, rib, prefix);
        yield;
      }
    }
  }

  private isShadow({ ribId }: MonitoredSession): boolean {
    return this.parts.view.peer(ribId).settings.isShadow;
  }

  private writeHeld(session: MonitoredSession, rib: FamilyView, prefix: PrefixId): void {
    const { ribId } = session;
    const owner = this.ownerOf('adj_rib_out_post', session);
    for (const { path, attrs } of rib.sentRoutes(prefix, ribId)) {
      if (rib.isUnheld(prefix, ribId, path)) continue;
      const words = rib.prefix(prefix);
      this.runs.adj_rib_out_post.announce(owner, rib.family, attrs, undefined, words, path);
    }
  }

  private writePath(table: 'received' | 'accepted', family: Family, path: PathId): true {
    const view = this.parts.view.families[family];
    const session = this.parts.sessions.get(view.peerOf(path));
    const name = tableOf[table];
    if (session === undefined || view.isLeaving(path) || !this.monitored.has(name)) return true;
    const prefix = view.prefix(view.prefixOf(path));
    this.runs[name].announce(
      this.ownerOf(name, session),
      family,
      view[table](path),
      this.wallOf(view.receivedAtMs(path)),
      prefix,
      view.pathIdOf(path),
    );
    return true;
  }

  private writeBest(family: Family, prefix: PrefixId): true {
    const view = this.parts.view.families[family];
    const best = view.best(prefix);
    if (best === none) return true;
    const owner = this.ownerOf('loc_rib', this.parts.locRib);
    const wallMs = this.wallOf(view.receivedAtMs(best));
    const attrs = view.accepted(best);
    this.runs.loc_rib.announce(owner, family, attrs, wallMs, view.prefix(prefix), 0);
    return true;
  }

  private writeEnd(table: MonitoredTable, of: MonitoredSession | LocRibPeer, family: Family): void {
    if (!this.monitored.has(table)) return;
    this.runs[table].endOfRib(this.ownerOf(table, of), family, this.parts.clock.wall());
  }

  private gone({ table, family, prefix, peer, pathId }: GoneRoute): void {
    const of = table === 'best' ? this.parts.locRib : this.parts.sessions.get(peer);
    if (of === undefined) return;
    const name = tableOf[table];
    const words = this.parts.view.families[family].prefix(prefix);
    const wallMs = this.parts.clock.wall();
    this.runs[name].withdraw(this.ownerOf(name, of), family, wallMs, words, pathId);
  }

  /** The same object each time, so that runs are of one owner. */
  private ownerOf(table: MonitoredTable, of: MonitoredSession | LocRibPeer): RouteOwner {
    const known = this.owners.get(table) ?? new WeakMap<object, RouteOwner>();
    this.owners.set(table, known);
    let owner = known.get(of);
    if (owner === undefined) known.set(of, (owner = makeOwner(table, of)));
    return owner;
  }

  private flushControl(): void {
    this.message(this.control.take());
  }

  private flushRuns(): void {
    for (const table of this.monitored) {
      const runs = this.runs[table];
      runs.end();
      if (runs.out.lengthBytes > 0) this.push(runs.out.take());
    }
  }

  private push(bytes: Uint8Array): void {
    this.ready.push(bytes);
    this.readyBytes += bytes.length;
  }

  private wallOf(atMs: number): number {
    return atMs + this.wallOffsetMs;
  }
}

function makeOwner(table: MonitoredTable, of: MonitoredSession | LocRibPeer): RouteOwner {
  const { peer } = of;
  const flags = flagsOf[table];
  if (!('ribId' in of)) return { peer, flags, addPath: [false, false], asnBytes: 4 };
  if (table !== 'adj_rib_out_post') {
    return { peer, flags, addPath: of.addPathReceive, asnBytes: 4 };
  }
  const { asnBytes, addPathSend: addPath } = of;
  const isNarrow = asnBytes === 2;
  return { peer, flags: isNarrow ? flags | PeerFlag.twoOctetAs : flags, addPath, asnBytes };
}
