import type { Config } from '#config/config.ts';
import { none } from '#policy/ids.ts';
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
  readonly isHeldBack: () => boolean;
}

/** What the observers have sent, by sibling. */
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
    return this.parts.isHeldBack() ? 'the start gate of this server is closed' : undefined;
  }

  route(name: string, prefix: Prefix): SiblingRoute | undefined {
    const { view } = this.parts.observed;
    const family = view.families[prefix.family];
    const peer = this.observer(name)?.routes.observedId;
    const id = family.find(prefix);
    const path = peer === undefined || id === none ? none : family.pathOf(id, peer);
    const attrs = path === none ? none : family.accepted(path);
    if (attrs === none) return undefined;
    return { nextHop: view.attributes(attrs).nextHop, ...view.decisionValues(attrs) };
  }

  *prefixes(
    name: string,
    isWanted: (nextHop: Uint8Array) => boolean,
  ): Iterable<Prefix | undefined> {
    const { view } = this.parts.observed;
    const peer = this.observer(name)?.routes.observedId;
    if (peer === undefined) return;
    for (const family of view.families) {
      for (const id of family.everyPrefix()) {
        const path = family.pathOf(id, peer);
        const attrs = path === none ? none : family.accepted(path);
        const isFound = attrs !== none && isWanted(view.attributes(attrs).nextHop);
        yield isFound ? family.prefix(id) : undefined;
      }
    }
  }

  private observer(name: string): RunningPeer | undefined {
    const peer = this.parts.peers.named(name);
    return peer?.config.observer === true ? peer : undefined;
  }
}
