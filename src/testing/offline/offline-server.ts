import { type ExplainView, wholeExplanation } from '#api/views/explain.ts';
import type { Config, PeerConfig } from '#config/config.ts';
import { guardedAddresses } from '#daemon/drains/guard-facts.ts';
import { atOnce } from '#daemon/in-slices.ts';
import { Judges, peerNames } from '#daemon/peers/judges.ts';
import { ribSettings } from '#daemon/peers/rib-settings.ts';
import { ValidityViews } from '#daemon/rpki/validity-views.ts';
import { AddressAudits } from '#daemon/services/address-audits.ts';
import { ServiceAddresses } from '#daemon/services/service-addresses.ts';
import { bandsOf } from '#daemon/services/service-patterns.ts';
import { AddressComparison } from '#daemon/siblings/address-comparison.ts';
import type { SiblingRoute } from '#daemon/siblings/sibling-routes.ts';
import { ExplainViews } from '#daemon/views/explain-views.ts';
import { type AttributesView, attributesView, PathViews } from '#daemon/views/path-views.ts';
import { ServiceViews } from '#daemon/views/service-views.ts';
import { none, type PathId } from '#policy/ids.ts';
import { rejectReasons } from '#policy/reasons.ts';
import { Rib } from '#rib/rib.ts';
import { RibView } from '#rib/view.ts';
import type { ServiceState } from '#services/audit.ts';
import type { Comparison } from '#services/coherence.ts';
import { guardDrain } from '#services/drain-guard.ts';
import { formatAddress } from '#text/address.ts';
import { families, type Family, headerBytes } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';
import { factsOf, OfflinePeer, OfflinePeers, routerIdOf } from './offline-peer.ts';
import { OfflineRpki, type ValidatedGiven } from './offline-rpki.ts';
import { OfflineSiblings } from './offline-siblings.ts';
import { StoppedClock } from './stopped-clock.ts';

/** Any seed will do: no attacker here chooses prefixes whose hashes collide. */
const seed = 1;
/** The number of prefixes in a slice of work; there is nothing else to be served meanwhile. */
const slice = 65_536;

/** A change of the best path of a prefix. A path is absent if there was none, or is none any longer. */
export interface Move {
  readonly prefix: string;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export interface PathCounts {
  accepted: number;
  /** By reason. */
  refused: Record<string, number>;
}

/**
 * The part of the daemon that decides, with nothing around it: the RIB and the judges of a configuration.
 * Sessions go up and down, and time passes, only when a step says so. Every enabled peer is up at the
 * beginning.
 */
export class OfflineServer {
  readonly config: Config;
  readonly peers = new OfflinePeers();
  private readonly rib: Rib;
  private readonly view: RibView;
  private readonly clock = new StoppedClock();
  private readonly context;
  private readonly addresses: ServiceAddresses;
  private readonly services: ServiceViews;
  private readonly explains: ExplainViews;
  private readonly siblings = new OfflineSiblings();
  private readonly validated = new OfflineRpki();
  private readonly comparison: AddressComparison;

  /** `moved` is called for every change of the best path of an address of a service. */
  constructor(config: Config, moved?: (move: Move) => void) {
    this.config = config;
    this.rib = new Rib({
      seed,
      decision: config.decision,
      output: { send: () => undefined, sendRouteRefresh: () => undefined },
      events: {
        bestChanged: (family, prefix, from, to) => {
          const address = this.addresses.see(family, prefix);
          if (address === undefined || moved === undefined) return;
          moved({
            prefix: address.text,
            from: this.nameOfPath(family, from),
            to: this.nameOfPath(family, to),
          });
        },
      },
    });
    const { rib, peers, clock } = this;
    const view = new RibView(rib);
    this.view = view;
    const judges = new Judges(rib.attrs, peerNames(peers), this.validated.data);
    this.context = { judges, ownAddresses: ownAddressesOf(config) };
    const audits = new AddressAudits({ rib: view, clock, peerOf: (id) => peers.withId(id) });
    rib.setServices(bandsOf(config.services));
    this.addresses = new ServiceAddresses(view, clock);
    this.addresses.configure(config.services);
    this.services = new ServiceViews(peers, this.addresses, audits);
    const paths = new PathViews(view, clock, (id) => peers.withId(id));
    const validity = new ValidityViews(this.validated.data, () => this.validated.isGiven);
    this.explains = new ExplainViews(rib, view, peers, paths, validity);
    this.comparison = new AddressComparison({
      rib: view,
      peers,
      siblings: this.siblings,
      whyGone: () => undefined,
    });
    // The routes of a sibling are never used.
    for (const peer of config.peers) if (!peer.observer) this.peer(peer);
  }

  /** Returns the running peer; a peer of a range is made when it is first named. */
  peer(config: PeerConfig): OfflinePeer {
    const known = this.peers.named(config.name);
    if (known !== undefined) return known;
    const settings = ribSettings(config, factsOf(config), this.context, undefined);
    const peer = new OfflinePeer(this.rib.addPeer(settings), config);
    this.peers.add(peer);
    if (config.enabled) this.bringUp(peer);
    return peer;
  }

  /** Brings the session up. `routerId` is by default the last four octets of the peer's address. */
  bringUp(peer: OfflinePeer, routerId = routerIdOf(peer.config)): void {
    if (peer.isUp) this.takeDown(peer);
    peer.isUp = true;
    peer.endedBy = undefined;
    this.rib.peerUp(peer.ribId, routerId, peer.send);
  }

  /** Ends the session. Graceful restart keeps nothing here, because a test asks for the state after it. */
  takeDown(peer: OfflinePeer): void {
    peer.isUp = false;
    peer.downAtMs = this.clock.monotonic();
    this.rib.peerDown(peer.ribId);
  }

  /**
   * Receives an UPDATE, header included, from the peer, which is up; the decoder is that of the daemon. Throws the
   * NotificationError that would end the session.
   */
  receive(peer: OfflinePeer, bytes: Uint8Array, asnBytes: 2 | 4 = 4, addPath = false): void {
    const { families: inUse, extendedNextHop } = peer.send;
    const update = peer.decoder.decode(bytes, headerBytes, bytes.length, {
      asnBytes,
      families: inUse,
      addPath: families.map(() => addPath),
      extendedNextHop,
    });
    const reached = this.rib.update(peer.ribId, update, this.clock.monotonic());
    if (reached === undefined) return;
    peer.endedBy = reached;
    this.takeDown(peer);
  }

  /** Returns why the guard would refuse to drain the node; empty if it would not. */
  drainRefusals(node: string): string[] {
    const targets = new Set(this.peersOf(node).map(({ ribId }) => ribId));
    const addresses = guardedAddresses(this.view, this.peers, targets, this.config.services);
    const { refused } = atOnce(guardDrain(addresses));
    return refused.map(({ prefix, text }) => `${prefix}: ${text}`);
  }

  setDrained(node: string, isDrained: boolean): void {
    for (const { ribId } of this.peersOf(node)) this.rib.setDrained(ribId, isDrained);
  }

  /** Makes the caches contain exactly this; what is absent stays as it was. */
  setValidated(given: ValidatedGiven): void {
    this.rib.revalidate(this.validated.set(given));
  }

  /** Sets whether the node answers the probe of a service, given by its index in the configuration. */
  setAnswering(node: string, service: number, isAnswering: boolean): void {
    for (const { ribId } of this.peersOf(node)) {
      this.rib.setAnswering(ribId, service + 1, isAnswering);
    }
  }

  /** Advances the time to `ms`, of any one clock; an earlier time than the present changes nothing. */
  advanceTo(ms: number): void {
    this.clock.nowMs = Math.max(this.clock.nowMs, ms);
  }

  /** Returns how many paths of each peer are accepted, and how many are refused for each reason. */
  pathCounts(): Map<string, PathCounts> {
    const counts = new Map<string, PathCounts>();
    for (const family of this.view.families) {
      for (const path of family.everyPath()) {
        const { peer, accepted, reason } = family.path(path);
        const name = this.peers.withId(peer)?.name ?? '';
        const row = counts.get(name) ?? { accepted: 0, refused: {} };
        counts.set(name, row);
        const why = rejectReasons[reason];
        if (accepted !== none) row.accepted++;
        else row.refused[why] = (row.refused[why] ?? 0) + 1;
      }
    }
    return counts;
  }

  /** Decides and advertises everything that is due, then lets time pass, so that later paths are younger. */
  settle(): void {
    while (this.rib.hasWork) this.rib.work(slice);
    this.clock.nowMs += 1000;
  }

  explain(prefix: Prefix): ExplainView | undefined {
    const explanation = this.explains.explain(prefix);
    return explanation && wholeExplanation(explanation);
  }

  /**
   * Returns what each client has been sent for the prefix, from the Adj-RIB-Out; a client that was sent nothing
   * is left out.
   */
  sent(prefix: Prefix): Map<string, readonly AttributesView[]> {
    const family = this.view.families[prefix.family];
    const id = family.find(prefix);
    const sent = new Map<string, readonly AttributesView[]>();
    if (id === none) return sent;
    for (const { ribId, name, isUp, config } of this.peers) {
      if (!isUp || config.shadow || !this.rib.peer(ribId).isUp(family.family)) continue;
      const routes = family.sentRoutes(id, ribId);
      if (routes.length === 0) continue;
      sent.set(
        name,
        routes.map(({ attrs }) => attributesView(this.rib.attrs.read(attrs))),
      );
    }
    return sent;
  }

  serviceState(name: string): {
    readonly state: ServiceState;
    readonly findings: readonly string[];
  } {
    const service = this.config.services.find((row) => row.name === name);
    if (service === undefined) throw new RangeError(`no service ${name}`);
    const { state, addresses } = this.services.service(service);
    const findings = addresses.flatMap(({ prefix, findings: found }) =>
      found.map((text) => `${prefix}: ${text}`),
    );
    return { state, findings };
  }

  /**
   * Sets what a sibling offers. Attributes that `route` lacks are taken from the path here that has the same next hop.
   */
  siblingOffers(
    { name }: PeerConfig,
    prefix: Prefix,
    route: { readonly nextHop: Uint8Array; readonly med?: number } | undefined,
  ): void {
    this.siblings.say(
      name,
      prefix,
      route && { ...this.heardHere(prefix, route.nextHop), ...route },
    );
  }

  /** Returns what each sibling offers, compared with our route; a sibling that no step mentions is unknown. */
  coherence(prefix: Prefix): (Comparison & { readonly name: string })[] {
    const { comparison } = this;
    comparison.begin();
    const ours = comparison.ours(prefix);
    return this.config.peers.flatMap(({ name, observer }) =>
      observer
        ? [{ name, ...comparison.compare(name, prefix, ours, comparison.theirs(name, prefix)) }]
        : [],
    );
  }

  private heardHere(prefix: Prefix, nextHop: Uint8Array): Omit<SiblingRoute, 'nextHop'> {
    const text = formatAddress(nextHop);
    const family = this.view.families[prefix.family];
    const id = family.find(prefix);
    const paths = id === none ? [] : [...family.paths(id)];
    const heard = paths
      .map((path) => family.path(path).received)
      .find((attrs) => formatAddress(this.view.attributes(attrs).nextHop) === text);
    return heard === undefined
      ? { asPathLength: 1, origin: 0, med: 0, neighbourAs: 0 }
      : this.view.decisionValues(heard);
  }

  private nameOfPath(family: Family, path: PathId): string | undefined {
    return path === none
      ? undefined
      : this.peers.withId(this.view.families[family].peerOf(path))?.name;
  }

  private peersOf(node: string): OfflinePeer[] {
    return [...this.peers].filter(({ config }) => config.node === node);
  }
}

/** Returns our addresses in the configuration: those of this machine play no part in a test. */
function ownAddressesOf({ listen, peers }: Config): Uint8Array[] {
  const given = [
    ...listen.map(({ address }) => address),
    ...peers.flatMap(({ localAddress }) => (localAddress === undefined ? [] : [localAddress])),
  ];
  return given.filter((address) => address.some((byte) => byte !== 0));
}
