import type { PathId } from '#policy/ids.ts';
import { families, type Family } from '#wire/constants.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';
import { naiveImport } from '../oracle/policy-oracle.ts';
import {
  lastResort,
  messageBytes,
  type NaivePath,
  type NaivePeer,
  RibOracle,
} from '../oracle/rib-oracle.ts';
import { canonical } from '../policy/given.ts';
import { prefixText } from '../rib/router-table.ts';
import { Finding, type FuzzPeer } from './fuzz-peer.ts';
import type { World } from './world.ts';

/** Compares the RIB, and what routers hold, with the naive RIB of what all peers must have announced by now. */
export class Comparison {
  private readonly world: World;
  private readonly oracle: RibOracle;
  private readonly naive = new Map<FuzzPeer, NaivePeer>();

  constructor(world: World) {
    this.world = world;
    this.oracle = new RibOracle(world.daemon.config.decision);
    for (const peer of world.peers) {
      if (peer.known !== undefined) this.addPeer(peer);
      else if (peer.memory.routes.length > 0) throw new Finding(`${peer.name} is forgotten`);
    }
    for (const peer of world.peers) this.addPaths(peer);
  }

  /** Throws a Finding. */
  run(): void {
    for (const { family } of families) this.compareFamily(family);
    for (const [peer, naive] of this.naive) this.comparePeer(peer, naive);
  }

  private addPeer(peer: FuzzPeer): void {
    const { config } = peer.running;
    const negotiated = peer.expected?.negotiated;
    const naive: NaivePeer = {
      name: peer.name,
      imported: peer.importSettings,
      exported: peer.exportSettings,
      acceptedLimit: [undefined, undefined],
      receivedLimit: [undefined, undefined],
      honours: config.gracefulShutdown === 'honour',
      routerId: peer.memory.last?.peerRouterId ?? 0,
      isUp: peer.isUp,
      isDrained: false,
      silent: new Set(),
      takesAnyNextHop: negotiated?.extendedNextHop[0] === true,
      takesStale: negotiated?.longLived !== undefined,
      messageBytes: (route, family) =>
        messageBytes(route, family, negotiated?.asnBytes ?? 4) +
        (negotiated?.addPathSend[family] === true ? 4 : 0),
      maxMessageBytes: negotiated?.extendedMessage === true ? 65_535 : 4096,
      takesSeveral: [negotiated?.addPathSend[0] === true, negotiated?.addPathSend[1] === true],
    };
    this.naive.set(peer, naive);
    this.oracle.peers.push(naive);
  }

  private addPaths(peer: FuzzPeer): void {
    const naive = this.naive.get(peer);
    if (naive === undefined) return;
    for (const { prefix, pathId, route, stale } of peer.memory.routes) {
      const judged =
        route.malformed === undefined
          ? naiveImport(naive.imported, route.attributes, prefix)
          : { reason: 'malformed' };
      const kept = stale === undefined ? {} : { stale };
      const path = { peer: naive, prefix, pathId, received: route, receivedAt: 0, ...kept };
      const accepted = 'route' in judged && stale === 'long_lived' && lastResort(judged.route);
      const outcome =
        'route' in judged ? this.limited(peer, path, accepted || judged.route) : judged;
      this.oracle.paths.push({ ...path, ...outcome });
    }
  }

  /**
   * Which of the accepted paths come in under `block` or `max_paths_per_prefix` depends on their order of arrival:
   * there the RIB is believed, and its choice is checked against the limit.
   */
  private limited(
    peer: FuzzPeer,
    { prefix, pathId }: Omit<NaivePath, 'accepted'>,
    accepted: PathAttributes,
  ): Pick<NaivePath, 'accepted' | 'reason'> {
    const { maxPrefix, addPath } = peer.running.config;
    const isBlocking = maxPrefix[0]?.action === 'block';
    if (!isBlocking && !addPath.receive) return { accepted };
    const { tables } = this.world.daemon.rib.families[prefix.family];
    const path = tables.paths.find(tables.prefixes.find(prefix), peer.running.ribId, pathId);
    const reason = isBlocking ? 'limit_blocked' : 'limit_paths';
    return tables.paths.accepted(path) === 0 ? { reason } : { accepted };
  }

  private compareFamily(family: Family): void {
    const { rib } = this.world.daemon;
    const { tables } = rib.families[family];
    const prefixes = this.oracle.prefixes(family);
    const paths = this.oracle.paths.filter((path) => path.prefix.family === family);
    same(`paths of family ${family}`, tables.paths.size, paths.length);
    if (!this.world.peers.some((peer) => peer.isLagging)) {
      same(`prefixes of family ${family}`, tables.prefixes.size, prefixes.length);
    }
    const nameOf = (path: PathId) =>
      `${rib.peer(tables.paths.peer(path)).settings.name}#${tables.paths.pathId(path)}`;
    for (const prefix of prefixes) {
      const id = tables.prefixes.find(prefix);
      const ranked = this.oracle.ranked(prefix).map((it) => `${it.peer.name}#${it.pathId}`);
      const given = id === 0 ? [] : tables.decision.ranked(tables.paths.first(id)).map(nameOf);
      same(`ranks of ${prefixText(prefix)}`, given.join(), ranked.join());
      const best = id === 0 ? 0 : tables.locRib.bestOf(id);
      same(`best of ${prefixText(prefix)}`, best === 0 ? undefined : nameOf(best), ranked[0]);
    }
  }

  private comparePeer(peer: FuzzPeer, naive: NaivePeer): void {
    const { rib } = this.world.daemon;
    const { ribId, config } = peer.running;
    for (const { family } of families) {
      const { received, accepted, blocked, stale } = rib.peer(ribId).counts[family];
      const want = this.oracle.counts(naive, family);
      same(`received of ${peer.name}/${family}`, received, want.received);
      same(`accepted of ${peer.name}/${family}`, accepted, want.accepted);
      same(`blocked of ${peer.name}/${family}`, blocked, want.blocked);
      same(`stale of ${peer.name}/${family}`, stale, want.stale);
      const limit = config.maxPrefix[family];
      const isFull = limit?.action !== 'block' || accepted === limit.limit;
      if (blocked > 0 && !isFull) throw new Finding(`${peer.name} is blocked, and there is room`);
      if (config.addPath.receive) this.comparePaths(peer, naive, family);
      if (peer.table !== undefined && !peer.isLagging) this.compareTable(peer, naive, family);
    }
  }

  /** Of each prefix as many paths are in as are allowed: no more, and no fewer while others wait. */
  private comparePaths({ name, running }: FuzzPeer, naive: NaivePeer, family: Family): void {
    const { maxPathsPerPrefix } = running.config;
    const own = this.oracle.paths.filter(
      ({ peer, prefix }) => peer === naive && prefix.family === family,
    );
    for (const [prefix, paths] of Map.groupBy(own, (path) => prefixText(path.prefix))) {
      const accepted = paths.filter((path) => path.accepted !== undefined).length;
      const waiting = paths.filter(({ reason }) => reason === 'limit_paths').length;
      const most = Math.min(accepted + waiting, maxPathsPerPrefix);
      same(`accepted paths of ${prefix} from ${name}`, accepted, most);
    }
  }

  private compareTable(peer: FuzzPeer, naive: NaivePeer, family: Family): void {
    const { table, expected } = peer;
    if (table === undefined || expected === undefined) return;
    const { negotiated } = expected;
    const rows = negotiated.addPathSend[family]
      ? [...table.paths.values()].map(({ prefix, route }) => rowText(prefix, route))
      : [...table.routes].map(([prefix, route]) => rowText(prefix, route));
    const held = rows.filter((row) => row.split(' ')[0].includes(':') === (family === 1));
    const wanted = this.oracle.sentTo(naive, family);
    const want = wanted.map(({ prefix, route }) => rowText(prefixText(prefix), route));
    same(`table of ${peer.name}/${family}`, held.toSorted().join('\n'), want.toSorted().join('\n'));
  }
}

/** Attributes are sent in the order of their types, whatever their order on arrival. */
function rowText(prefix: string, route: PathAttributes): string {
  const { partial, unknown } = route;
  const inOrder = {
    ...route,
    unknown: unknown.toSorted((a, b) => a.type - b.type),
    ...(partial !== undefined && { partial: partial.toSorted((a, b) => a - b) }),
  };
  return `${prefix} ${canonical(inOrder)}`;
}

function same(what: string, given: unknown, wanted: unknown): void {
  if (given !== wanted) throw new Finding(`${what}:\n  given  ${given}\n  wanted ${wanted}`);
}
