import type { PrefixLimit } from '#policy/limit.ts';
import type { NumberRange } from '#policy/patterns.ts';
import type { ExportSettings, ImportSettings } from '#policy/policy.ts';
import type { DecisionOptions } from '#rib/decision-steps.ts';
import { encodeAttributes } from '#wire/attributes.ts';
import type { Family } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';
import { naiveExport, naiveImport } from './policy-oracle.ts';

/** The naive twin of rib/: a list of paths from which everything is computed again for each query. */

export interface NaivePeer {
  readonly name: string;
  imported: ImportSettings;
  /** Absent if the peer is not a client. */
  exported: ExportSettings | undefined;
  /** By family. */
  acceptedLimit: readonly (PrefixLimit | undefined)[];
  receivedLimit: readonly (PrefixLimit | undefined)[];
  /** The maximum number of accepted paths of one prefix. */
  readonly maxPathsPerPrefix?: number | undefined;
  honours: boolean;
  routerId: number;
  isUp: boolean;
  isDrained: boolean;
  /** The numbers of the services whose probe it does not answer. */
  readonly silent: Set<number>;
  /** Its session carries IPv4 routes over IPv6 next hops (RFC 8950). */
  takesAnyNextHop: boolean;
  /** Its session carries long-lived stale routes (RFC 9494 §4.3). */
  takesStale: boolean;
  /** The length of a message with the route and one prefix of full length, and the maximum of the session. */
  messageBytes: (route: PathAttributes, family: Family) => number;
  maxMessageBytes: number;
  /** Its session takes several paths of a prefix (RFC 7911), by family. */
  takesSeveral: readonly [boolean, boolean];
}

export interface NaivePath {
  readonly peer: NaivePeer;
  readonly prefix: Prefix;
  readonly pathId: number;
  received: NaiveRoute;
  receivedAt: number;
  /** Not announced again since it was marked. */
  stale?: 'stale' | 'long_lived';
  /** Withdrawn by the peer, and kept until then. */
  keptUntil?: number;
  /** The attributes after import policy. */
  accepted?: PathAttributes;
  reason?: string;
}

/** A route as announced; `malformed` names the attribute that spoils it (RFC 7606). */
export interface NaiveRoute {
  readonly attributes: PathAttributes;
  readonly malformed?: string;
}

/** Services are numbered from 1. */
export interface NaiveService {
  readonly prefixes: readonly Prefix[];
  readonly up: NumberRange;
  readonly disabled: NumberRange;
  /** How long the last path of an address stays after its peer has withdrawn it. */
  readonly keepMs?: number;
}

export interface NaiveNlri {
  readonly prefix: Prefix;
  readonly pathId: number;
}

/** LLGR_STALE and NO_LLGR (RFC 9494 §4.2). */
export const longLivedStale = 0xffff0006;
export const noLongLived = 0xffff0007;

export class RibOracle {
  readonly peers: NaivePeer[] = [];
  paths: NaivePath[] = [];
  options: DecisionOptions;
  services: readonly NaiveService[] = [];
  /** Where a limit has accepted prefixes in place of stale ones: the peer, the family, and what is counted. */
  private readonly credits = new Set<string>();

  constructor(options: DecisionOptions) {
    this.options = options;
  }

  remove(peer: NaivePeer): void {
    this.down(peer);
    this.peers.splice(this.peers.indexOf(peer), 1);
  }

  down(peer: NaivePeer): void {
    peer.isUp = false;
    this.paths = this.paths.filter((path) => path.peer !== peer);
    for (const family of [0, 1] as const) this.endCredit(peer, family);
  }

  /** Like `down`, except that the routes of some families are kept. */
  lose(peer: NaivePeer, kept: readonly boolean[]): void {
    peer.isUp = false;
    this.endKept((path) => path.peer === peer);
    this.paths = this.paths.filter((path) => path.peer !== peer || kept[path.prefix.family]);
    for (const path of this.pathsOf(peer)) path.stale ??= 'stale';
    for (const family of [0, 1] as const) if (!kept[family]) this.endCredit(peer, family);
  }

  markStale(peer: NaivePeer, family: Family): void {
    for (const path of this.pathsOf(peer))
      if (isIn(path, family) && path.keptUntil === undefined) path.stale ??= 'stale';
  }

  /** Returns true if a limit must end the session, as all methods that may remove paths do. */
  endStale(peer: NaivePeer, family: Family): boolean {
    this.paths = this.paths.filter(
      (path) => path.peer !== peer || !isIn(path, family) || path.stale === undefined,
    );
    return this.admitWaiting(peer, family) || this.endCredit(peer, family);
  }

  keepLongLived(peer: NaivePeer, family: Family): boolean {
    this.paths = this.paths.filter(
      (path) =>
        path.peer !== peer ||
        !isIn(path, family) ||
        path.stale !== 'stale' ||
        path.accepted?.communities.includes(noLongLived) !== true,
    );
    for (const path of this.pathsOf(peer)) {
      if (!isIn(path, family) || path.stale === undefined) continue;
      path.stale = 'long_lived';
      if (path.accepted !== undefined) path.accepted = lastResort(path.accepted);
    }
    return this.admitWaiting(peer, family) || this.endCredit(peer, family);
  }

  /** `announced` are the prefixes of the same UPDATE, which are replaced while paths wait for space. */
  withdraw(
    peer: NaivePeer,
    routes: readonly NaiveNlri[],
    now: number,
    announced: readonly NaiveNlri[] = [],
  ): boolean {
    const family = routes[0].prefix.family;
    const isFull = this.prefixesOf(peer, family, isBlocked).size > 0;
    for (const nlri of routes) {
      const path = this.paths.find((it) => it.peer === peer && is(it, nlri));
      const stays = isFull && announced.some((it) => is(nlri, it));
      if (path !== undefined && !stays) this.withdrawPath(path, now);
    }
    // The path that replaces a withdrawn one may be among those announced.
    const isOver = announced.length === 0 && this.admitPaths(peer, family);
    return isOver || this.admitBlocked(peer, family) || this.endCredit(peer, family);
  }

  /** Returns true if a limit must end the session. */
  announce(peer: NaivePeer, routes: readonly NaiveNlri[], route: NaiveRoute, now: number): boolean {
    const { family } = routes[0].prefix;
    for (const nlri of routes) {
      const known = this.paths.find((path) => path.peer === peer && is(path, nlri));
      const isMarked = known?.stale === 'long_lived' || known?.keptUntil !== undefined;
      delete known?.stale;
      delete known?.keptUntil;
      if (known !== undefined && sameText(known.received, route) && !isMarked) continue;
      const used = this.prefixesOf(peer, family).size;
      const path = known ?? { peer, ...nlri, received: route, receivedAt: now };
      if (known === undefined) this.paths.push(path);
      path.received = route;
      path.receivedAt = now;
      const isNew = this.prefixesOf(peer, family).size > used;
      if (isNew && this.isTripped(peer, family, 'receivedLimit')) return true;
      if (this.judge(path)) return true;
    }
    return this.admitWaiting(peer, family) || this.endCredit(peer, family);
  }

  /** Judges everything that the peer sent by its present settings. Returns true if a limit must end the session. */
  settingsChanged(peer: NaivePeer): boolean {
    for (const path of this.pathsOf(peer)) {
      const wasIn = path.accepted !== undefined;
      this.applyPolicy(path);
      if (!wasIn && path.accepted !== undefined) refuse(path, 'limit_blocked');
    }
    this.endKept((path) => path.peer === peer && path.accepted === undefined);
    return [0, 1].some((family) => this.admitBlocked(peer, family as Family));
  }

  /** Returns the accepted paths of a prefix, the best first. */
  ranked(prefix: Prefix): NaivePath[] {
    const left = this.paths.filter(
      (path) => path.accepted !== undefined && sameText(path.prefix, prefix),
    );
    const ranked: NaivePath[] = [];
    while (left.length > 0) ranked.push(...left.splice(left.indexOf(this.best(left)), 1));
    return ranked;
  }

  /**
   * Returns what a client holds of each prefix: the first path that it may have or, if it takes several, every one,
   * but drained ones only if none of the others is of the best class.
   */
  sentTo(client: NaivePeer, family: Family): { prefix: Prefix; route: PathAttributes }[] {
    const { exported, takesSeveral } = client;
    if (exported === undefined) return [];
    return this.prefixes(family).flatMap((prefix) => {
      const offers = this.ranked(prefix).flatMap((path) => {
        const route = offer(path, client, exported);
        return route === undefined ? [] : [{ prefix, route, path }];
      });
      if (!takesSeveral[family]) return offers.slice(0, 1);
      const isServed = offers.some(({ path }) => this.classOf(path) === 0);
      return offers.filter(({ path }) => !isServed || !this.isDrained(path));
    });
  }

  /** Returns every prefix that has a path. */
  prefixes(family: Family): Prefix[] {
    const byText = new Map(this.paths.map(({ prefix }) => [text(prefix), prefix]));
    return [...byText.values()].filter((prefix) => prefix.family === family);
  }

  /** Returns the numbers of prefixes, and of stale paths. */
  pathCounts(peer: NaivePeer, family: Family) {
    return {
      received: this.prefixesOf(peer, family).size,
      accepted: this.prefixesOf(peer, family, isAccepted).size,
      blocked: this.prefixesOf(peer, family, isBlocked).size,
      stale: this.staleOf(peer, family),
    };
  }

  counts(peer: NaivePeer, family: Family) {
    return {
      ...this.pathCounts(peer, family),
      best: this.prefixes(family).filter((prefix) => this.ranked(prefix)[0]?.peer === peer).length,
      advertised: peer.isUp ? this.sentTo(peer, family).length : 0,
    };
  }

  /** Whether all accepted paths of the family are of one neighbour AS, or MED is compared among all. */
  comparesAllMeds(family: Family): boolean {
    const accepted = this.paths.filter((path) => isIn(path, family) && path.accepted !== undefined);
    return this.options.med === 'always' || new Set(accepted.map(neighbour)).size <= 1;
  }

  /** Returns the candidates that remain after each step of RFC 4271 §9.1.2.2. */
  private best(candidates: readonly NaivePath[]): NaivePath {
    const { med, tieBreak } = this.options;
    let left = candidates;
    left = lowest(left, (path) => this.classOf(path));
    left = lowest(left, (path) => -(attributesOf(path).localPref ?? 100));
    left = lowest(left, pathLength);
    left = lowest(left, (path) => attributesOf(path).origin);
    left = left.filter((path) =>
      left.every((other) => {
        const comparable = med === 'always' || neighbour(other) === neighbour(path);
        return !comparable || (attributesOf(path).med ?? 0) <= (attributesOf(other).med ?? 0);
      }),
    );
    if (tieBreak === 'oldest') left = lowest(left, (path) => path.receivedAt);
    left = lowest(left, (path) => path.peer.routerId);
    const addresses = left.map(({ peer }) => addressText(peer)).sort();
    left = left.filter(({ peer }) => addressText(peer) === addresses[0]);
    return lowest(left, (path) => path.pathId)[0];
  }

  /** Returns the number of the service that the prefix belongs to, or 0. */
  serviceOf(prefix: Prefix): number {
    const has = (it: NaiveService): boolean => it.prefixes.some((one) => sameText(one, prefix));
    return this.services.findIndex(has) + 1;
  }

  /** 0: the MED says that the node is up; 1: that it is disabled; 2: that it is down, or nothing known. */
  bandOf(path: NaivePath): number {
    const service = this.services[this.serviceOf(path.prefix) - 1];
    const med = attributesOf(path).med ?? 0;
    if (med >= service.up.min && med <= service.up.max) return 0;
    return med >= service.disabled.min && med <= service.disabled.max ? 1 : 2;
  }

  /**
   * Of a service: 0 up, 1 up and drained, 2 up and not answering, 3 disabled, 4 down, 5 long-lived stale. Elsewhere
   * 1 for a drained path, 2 for a long-lived stale one.
   */
  classOf(path: NaivePath): number {
    const { peer, prefix } = path;
    const { communities } = attributesOf(path);
    const service = this.serviceOf(prefix);
    const isStale = communities.includes(longLivedStale);
    const isDrained = this.isDrained(path);
    if (service === 0) return isStale ? 2 : Number(isDrained);
    if (isStale) return 5;
    const band = this.bandOf(path);
    if (band > 0) return 2 + band;
    return peer.silent.has(service) ? 2 : Number(isDrained);
  }

  /** By an operator, or by the peer itself (RFC 8326). */
  isDrained({ peer, accepted }: NaivePath): boolean {
    return peer.isDrained || (peer.honours && accepted?.communities.includes(0xffff0000) === true);
  }

  /** Applies import policy, then limits. Returns true if one must end the session. */
  private judge(path: NaivePath): boolean {
    const { peer } = path;
    const { family } = path.prefix;
    const wasIn = path.accepted !== undefined;
    this.applyPolicy(path);
    if (path.accepted === undefined || wasIn) return false;
    const { accepted } = path;
    if (this.hasAllPaths(path)) {
      refuse(path, 'limit_paths');
      return false;
    }
    refuse(path, 'limit_blocked');
    if (!this.prefixesOf(peer, family, isAccepted).has(text(path.prefix))) {
      if (!this.hasRoom(path)) return false;
      if (this.isTripped(peer, family, 'acceptedLimit')) return true;
    }
    path.accepted = accepted;
    delete path.reason;
    this.endKept((it) => it !== path && sameText(it.prefix, path.prefix));
    return false;
  }

  /** Removes one path, unless it is the last one of an address that keeps it. */
  private withdrawPath(path: NaivePath, now: number): void {
    if (path.keptUntil !== undefined) return;
    const keepMs = this.services[this.serviceOf(path.prefix) - 1]?.keepMs;
    if (keepMs === undefined || !this.isWorthKeeping(path)) {
      this.paths = this.paths.filter((it) => it !== path);
      return;
    }
    path.keptUntil = now + keepMs;
    delete path.stale;
    path.accepted = pushedAway(attributesOf(path));
  }

  /** Returns whether it is the only accepted path, and not disabled, drained, silent or long-lived stale. */
  private isWorthKeeping(path: NaivePath): boolean {
    const ranked = this.ranked(path.prefix);
    if (ranked.length !== 1 || ranked[0] !== path) return false;
    if (this.isDrained(path) || path.peer.silent.has(this.serviceOf(path.prefix))) return false;
    return [0, 4].includes(this.classOf(path));
  }

  /** Removes the kept paths for which this holds. */
  endKept(isOver: (path: NaivePath) => boolean): void {
    this.paths = this.paths.filter((path) => path.keptUntil === undefined || !isOver(path));
  }

  private applyPolicy(path: NaivePath): void {
    const { attributes, malformed } = path.received;
    if (malformed !== undefined) return refuse(path, `malformed:${malformed}`);
    const outcome = naiveImport(path.peer.imported, attributes, path.prefix);
    if ('reason' in outcome) return refuse(path, outcome.reason);
    path.accepted = path.stale === 'long_lived' ? lastResort(outcome.route) : outcome.route;
    if (path.keptUntil !== undefined) path.accepted = pushedAway(path.accepted);
    delete path.reason;
  }

  private used(peer: NaivePeer, family: Family, which: 'acceptedLimit' | 'receivedLimit'): number {
    return which === 'acceptedLimit'
      ? this.prefixesOf(peer, family, isAccepted).size
      : this.prefixesOf(peer, family).size;
  }

  /** Removes kept paths of the peer that a limit needs the space of. */
  private makeRoom(peer: NaivePeer, family: Family): void {
    this.endKept((path) => path.peer === peer && isIn(path, family));
  }

  /** Returns whether one more prefix, which is blocked now, fits under the limits that block. */
  private hasRoom(path: NaivePath): boolean {
    if (!this.isRoomFor(path)) this.makeRoom(path.peer, path.prefix.family);
    return this.isRoomFor(path);
  }

  private isRoomFor({ peer, prefix: { family } }: NaivePath): boolean {
    const accepted = this.prefixesOf(peer, family, isAccepted);
    const blocked = this.prefixesOf(peer, family, isBlocked);
    const others = this.prefixesOf(peer, family).size - blocked.size;
    return (
      isFree(peer.acceptedLimit[family], accepted.size) &&
      isFree(peer.receivedLimit[family], others)
    );
  }

  /**
   * Returns whether one more prefix exceeds the limit. Prefixes may come in place of stale ones: as many as are
   * stale, at most the limit.
   */
  private isTripped(
    peer: NaivePeer,
    family: Family,
    which: 'acceptedLimit' | 'receivedLimit',
  ): boolean {
    const limit = peer[which][family];
    if (limit === undefined || limit.action === 'block') return false;
    // The new prefix is already among those received.
    const own = which === 'receivedLimit' ? 1 : 0;
    const beyond = (): number => this.used(peer, family, which) - own - limit.limit;
    if (endsSession(limit) && beyond() >= 0) this.makeRoom(peer, family);
    if (beyond() < 0) return false;
    // It has already warned.
    if (limit.action === 'warning' && beyond() > 0) return false;
    const isCredited = beyond() < Math.min(this.staleOf(peer, family), limit.limit);
    if (isCredited) this.credits.add(`${peer.name} ${family} ${which}`);
    return !isCredited && endsSession(limit);
  }

  /** Returns, once nothing is stale any more, whether the prefixes that came in place of stale ones are too many. */
  private endCredit(peer: NaivePeer, family: Family): boolean {
    if (this.staleOf(peer, family) > 0) return false;
    return (['acceptedLimit', 'receivedLimit'] as const)
      .map((which) => {
        const limit = peer[which][family];
        const hadCredit = this.credits.delete(`${peer.name} ${family} ${which}`);
        const isOver = (): boolean =>
          hadCredit && endsSession(limit) && this.used(peer, family, which) > limit.limit;
        if (isOver()) this.makeRoom(peer, family);
        return isOver();
      })
      .includes(true);
  }

  private staleOf(peer: NaivePeer, family: Family): number {
    return this.pathsOf(peer).filter((path) => isIn(path, family) && path.stale !== undefined)
      .length;
  }

  /** Returns whether the maximum of other paths of the prefix is accepted; a kept one does not count. */
  private hasAllPaths({ peer, prefix, pathId }: NaivePath): boolean {
    const others = this.pathsOf(peer).filter(
      (it) => it.pathId !== pathId && sameText(it.prefix, prefix) && it.keptUntil === undefined,
    );
    return others.filter(isAccepted).length >= (peer.maxPathsPerPrefix ?? Infinity);
  }

  private admitWaiting(peer: NaivePeer, family: Family): boolean {
    return this.admitPaths(peer, family) || this.admitBlocked(peer, family);
  }

  /**
   * Accepts paths that were refused because of others of their prefix, the lowest identifier first. Returns true if a
   * limit ends the session.
   */
  private admitPaths(peer: NaivePeer, family: Family): boolean {
    const waiting = (): NaivePath | undefined =>
      this.pathsOf(peer)
        .filter((it) => isIn(it, family) && it.reason === 'limit_paths' && !this.hasAllPaths(it))
        .sort(inOrder)[0];
    for (let path = waiting(); path !== undefined; path = waiting())
      if (this.judge(path)) return true;
    return false;
  }

  private admitBlocked(peer: NaivePeer, family: Family): boolean {
    for (;;) {
      const accepted = this.prefixesOf(peer, family, isAccepted);
      const first = this.pathsOf(peer)
        .filter((it) => it.prefix.family === family && it.reason === 'limit_blocked')
        .sort(inOrder)[0];
      if (first === undefined) return false;
      if (!accepted.has(text(first.prefix)) && !this.hasRoom(first)) return false;
      if (this.judge(first)) return true;
      if (first.reason === 'limit_blocked') throw new Error('room, and not let in');
    }
  }

  private pathsOf(peer: NaivePeer): NaivePath[] {
    return this.paths.filter((path) => path.peer === peer);
  }

  /** Prefixes of the peer's paths as text. */
  private prefixesOf(
    peer: NaivePeer,
    family: Family,
    counts: (path: NaivePath) => boolean = () => true,
  ): ReadonlySet<string> {
    const wanted = this.pathsOf(peer).filter((it) => it.prefix.family === family && counts(it));
    return new Set(wanted.map((path) => text(path.prefix)));
  }
}

/** Returns what the client would be sent of this path, if anything (RFC 7947 §2.3, RFC 4271 §5.1.3). */
function offer(
  path: NaivePath,
  client: NaivePeer,
  exported: ExportSettings,
): PathAttributes | undefined {
  if (path.peer === client) return undefined;
  const { peerName, peerAs } = path.peer.imported;
  const outcome = naiveExport(
    exported,
    attributesOf(path),
    { peer: peerName, peerAs },
    path.prefix,
  );
  if ('reason' in outcome) return undefined;
  const isOwn = outcome.route.nextHop.join() === client.imported.peerAddress.join();
  return isOwn || !carries(client, outcome.route, path.prefix.family) ? undefined : outcome.route;
}

/** RFC 8950, RFC 9494 §4.3, RFC 4271 §9.2. */
function carries(client: NaivePeer, route: PathAttributes, family: Family): boolean {
  const isForeign = route.nextHop.length !== (family === 0 ? 4 : 16);
  if (isForeign && !client.takesAnyNextHop) return false;
  if (route.communities.includes(longLivedStale) && !client.takesStale) return false;
  return client.messageBytes(route, family) <= client.maxMessageBytes;
}

/** The length of an UPDATE with the route for one prefix of full length, in its shortest form. */
export function messageBytes(route: PathAttributes, family: Family, asnBytes: 2 | 4): number {
  const { nextHop } = route;
  const block = encodeAttributes(route, { asnBytes, inlineNextHop: true });
  const isClassic = family === 0 && nextHop.length === 4;
  const reach = isClassic ? 0 : 3 + 5 + nextHop.length;
  return 19 + 4 + block.length + reach + 1 + (family === 0 ? 4 : 16);
}

/** Returns the attributes with which a long-lived stale route is used (RFC 9494 §4.2). */
export function lastResort(route: PathAttributes): PathAttributes {
  const { communities } = route;
  if (communities.includes(longLivedStale)) return route;
  return { ...route, communities: [...communities, longLivedStale] };
}

/** Returns the attributes with which a path is sent that its peer has withdrawn. */
function pushedAway(route: PathAttributes): PathAttributes {
  return { ...route, med: 4_294_967_295 };
}

function isIn({ prefix }: NaivePath, family: Family): boolean {
  return prefix.family === family;
}

function isAccepted(path: NaivePath): boolean {
  return path.accepted !== undefined;
}

function isBlocked(path: NaivePath): boolean {
  return path.reason === 'limit_blocked';
}

function refuse(path: NaivePath, reason: string): void {
  path.reason = reason;
  delete path.accepted;
}

function isFree(limit: PrefixLimit | undefined, used: number): boolean {
  return limit?.action !== 'block' || used < limit.limit;
}

function endsSession(limit: PrefixLimit | undefined): limit is PrefixLimit {
  return limit?.action === 'restart' || limit?.action === 'shutdown';
}

function lowest(paths: readonly NaivePath[], value: (path: NaivePath) => number): NaivePath[] {
  const least = Math.min(...paths.map(value));
  return paths.filter((path) => value(path) === least);
}

function pathLength(path: NaivePath): number {
  const lengths = attributesOf(path).asPath.map(({ kind, asns }) =>
    kind === 'set' ? 1 : asns.length,
  );
  return lengths.reduce((sum, length) => sum + length, 0);
}

/** 0 if the path does not begin with a sequence. */
function neighbour(path: NaivePath): number {
  const [first] = attributesOf(path).asPath;
  return first?.kind === 'sequence' ? first.asns[0] : 0;
}

function attributesOf(path: NaivePath): PathAttributes {
  if (path.accepted === undefined) throw new Error('not accepted');
  return path.accepted;
}

/** Sorts IPv4 before IPv6, then by number. */
function addressText({ imported: { peerAddress } }: NaivePeer): string {
  const digits = [...peerAddress].map((byte) => byte.toString(16).padStart(2, '0'));
  return `${peerAddress.length === 4 ? 4 : 6}${digits.join('')}`;
}

function inOrder(a: NaivePath, b: NaivePath): number {
  const [keyOfA, keyOfB] = [a, b].map(({ prefix, pathId }) => {
    const { word0, word1, word2, word3, lengthBits } = prefix;
    const numbers = [word0 >>> 0, word1 >>> 0, word2 >>> 0, word3 >>> 0, lengthBits, pathId];
    return numbers.map((it) => it.toString(16).padStart(8, '0')).join();
  });
  return keyOfA < keyOfB ? -1 : 1;
}

function is(path: NaiveNlri, nlri: NaiveNlri): boolean {
  return path.pathId === nlri.pathId && text(path.prefix) === text(nlri.prefix);
}

function sameText(a: object, b: object): boolean {
  return text(a) === text(b);
}

const texts = new WeakMap<object, string>();

/** Returns equal texts for equal values. */
function text(value: object): string {
  let known = texts.get(value);
  if (known === undefined) texts.set(value, (known = JSON.stringify(value)));
  return known;
}
