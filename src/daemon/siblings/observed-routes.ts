import type { Config } from '#config/config.ts';
import { none, type PrefixId } from '#policy/ids.ts';
import { scratchPrefix } from '#rib/tables/prefix-table.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { RunningPeer } from '../peers/running-peer.ts';
import type { RunningPeers } from '../peers/running-peers.ts';
import type { ObservedRib } from './observed-rib.ts';
import type { SiblingRoute, SiblingRoutes } from './sibling-routes.ts';

interface ObservedParts {
  readonly observed: ObservedRib;
  readonly peers: RunningPeers;
  readonly config: () => Pick<Config, 'siblings'>;
  /** After our own start nothing is compared yet. */
  readonly isGateClosed: () => boolean;
}

/** What the observers have sent, sibling by sibling. */
export class ObservedRoutes implements SiblingRoutes {
  private readonly parts: ObservedParts;

  constructor(parts: ObservedParts) {
    this.parts = parts;
  }

  names(): Iterable<string> {
    const { peers, config } = this.parts;
    const observers = [...peers].filter((peer) => peer.config.observer).map(({ name }) => name);
    return new Set([...observers, ...config().siblings]);
  }

  unknown(name: string): string | undefined {
    const peer = this.observer(name);
    if (peer === undefined) return 'is not observed';
    if (!peer.isUp) return 'its observer session is down';
    if (!peer.routes.hasWholeTable) return 'it has not sent its End-of-RIB yet';
    return this.parts.isGateClosed() ? 'the start gate of this server is closed' : undefined;
  }

  route(name: string, prefix: Prefix): SiblingRoute | undefined {
    const { rib } = this.parts.observed;
    const { paths, prefixes } = rib.families[prefix.family].tables;
    const peer = this.observer(name)?.routes.observedId;
    const id = prefixes.find(prefix);
    if (peer === undefined || id === none) return undefined;
    const path = paths.find(id, peer, 0);
    if (path === none || paths.accepted(path) === none) return undefined;
    const attrs = paths.accepted(path);
    return {
      nextHop: rib.attrs.read(attrs).nextHop,
      asPathLength: rib.attrs.asPathLength(attrs),
      origin: rib.attrs.origin(attrs),
      med: rib.attrs.med(attrs),
      neighbourAs: rib.attrs.neighbourAs(attrs),
    };
  }

  *prefixes(name: string, isWanted: (nextHop: Uint8Array) => boolean): Iterable<Prefix> {
    const { rib } = this.parts.observed;
    const peer = this.observer(name)?.routes.observedId;
    if (peer === undefined) return;
    for (const { tables } of rib.families) {
      const { paths, prefixes, family } = tables;
      for (let id = 1 as PrefixId; id < prefixes.limit; id++) {
        const path = prefixes.has(id) ? paths.find(id, peer, 0) : none;
        if (path === none || paths.accepted(path) === none) continue;
        if (!isWanted(rib.attrs.read(paths.accepted(path)).nextHop)) continue;
        yield { ...prefixes.read(id, scratchPrefix(family)) };
      }
    }
  }

  private observer(name: string): RunningPeer | undefined {
    const peer = this.parts.peers.named(name);
    return peer?.config.observer === true ? peer : undefined;
  }
}
