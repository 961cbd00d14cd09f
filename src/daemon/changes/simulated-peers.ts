import type { Config, PeerConfig } from '#config/config.ts';
import { dynamicPeer } from '#config/peer-range.ts';
import type { PeerId } from '#policy/ids.ts';
import type { AttrsInterner } from '#policy/judge.ts';
import type { RouteValidator } from '#policy/validation.ts';
import type { RibPeerSettings } from '#rib/rib-peer.ts';
import type { SimulatedPeer } from '#rib/whatif.ts';
import { RpkiData } from '#rpki/rpki-data.ts';
import type { Daemon } from '../daemon.ts';
import { Judges } from '../peers/judges.ts';
import { type RibContext, ribSettings } from '../peers/rib-settings.ts';
import type { RunningPeer } from '../peers/running-peer.ts';

/** A simulated peer and the configuration that determines it. */
export interface ConfiguredPeer extends SimulatedPeer {
  readonly config: PeerConfig;
}

/** Creates peers for a simulation: the running ones as they are, or as another configuration has them. */
export class SimulatedPeers {
  private readonly daemon: Daemon;
  private readonly contextOf: (validator: RouteValidator) => RibContext;
  /** Of the validated data in use. */
  private readonly context: RibContext;
  private readonly added = new Map<PeerId, PeerConfig>();

  constructor(daemon: Daemon, attrs: AttrsInterner) {
    const { peers } = daemon;
    this.daemon = daemon;
    const names = {
      nameOf: (id: PeerId) => peers.withId(id)?.name ?? this.added.get(id)?.name ?? '',
      asOf: (id: PeerId) => peers.withId(id)?.peerAs ?? firstAs(this.added.get(id)),
    };
    const ownAddresses = daemon.own.list();
    this.contextOf = (validator) => ({ judges: new Judges(attrs, names, validator), ownAddresses });
    this.context = this.contextOf(daemon.rpki.data);
  }

  /** Returns the running peers, including dynamic ones. */
  now(): ConfiguredPeer[] {
    return [...this.daemon.peers].map((peer) => ({
      id: peer.ribId,
      config: peer.config,
      settings: this.settings(peer, peer.config, this.context),
      isServed: peer.isUp && !peer.config.shadow,
    }));
  }

  /**
   * Returns the peers as they would be when all sessions that the change ends or begins are up again. What a new peer
   * would announce is unknown; what a peer announced counts as announced again.
   */
  under(config: Config): ConfiguredPeer[] {
    const { peers, rpki } = this.daemon;
    const validator = validatorUnder(config, rpki.data);
    const context = validator === rpki.data ? this.context : this.contextOf(validator);
    const kept = [...peers].flatMap((peer) => this.keptUnder(config, peer, context));
    const fresh = config.peers.filter(({ name }) => peers.named(name) === undefined);
    return [...kept, ...fresh.map((peer) => this.fresh(peer, context))];
  }

  private keptUnder(config: Config, peer: RunningPeer, context: RibContext): ConfiguredPeer[] {
    const { name, range, address, interface: zone } = peer.config;
    const found =
      range === undefined
        ? config.peers.find((it) => it.name === name)
        : dynamicPeer(config, address, zone);
    if (found === undefined) return [];
    const isEnabled = found.enabled && peer.disabled === undefined;
    const comesUp = isEnabled && !peer.config.enabled;
    return [
      {
        id: peer.ribId,
        config: found,
        settings: this.settings(peer, found, context),
        isServed: isEnabled && (peer.isUp || comesUp) && !found.shadow,
        isLost: !isEnabled,
      },
    ];
  }

  private fresh(config: PeerConfig, context: RibContext): ConfiguredPeer {
    const known = [...this.daemon.peers].map(({ ribId }) => ribId);
    const id = (Math.max(0, ...known) + this.added.size + 1) as PeerId;
    this.added.set(id, config);
    const settings = ribSettings(config, undefined, context, undefined);
    return { id, config, settings, isServed: config.enabled && !config.shadow };
  }

  /** For the peer, a family that the session has not negotiated is absent, even if it is configured. */
  private settings(peer: RunningPeer, config: PeerConfig, context: RibContext): RibPeerSettings {
    const settings = peer.routes.settingsUnder(config, context);
    const negotiated = peer.negotiatedFamilies;
    if (negotiated === undefined) return settings;
    const wasConfigured = (family: number): boolean =>
      peer.config.families.some((it) => it === family);
    const families = settings.families.map(
      (isWanted, family) => isWanted && (negotiated[family] || !wasConfigured(family)),
    );
    return { ...settings, families };
  }
}

/**
 * Returns the validated data by which another configuration would judge: the data in use, since that of other caches is
 * unknown, but without anything that the configuration does not ask for.
 */
function validatorUnder({ rpki }: Config, data: RpkiData): RouteValidator {
  if (rpki === undefined) return new RpkiData();
  if (rpki.aspa || data.aspaCount === 0) return data;
  const nothing = new RpkiData();
  return {
    get renumberings() {
      return data.renumberings;
    },
    originClass: (prefix) => data.originClass(prefix),
    originState: (originClass, origin) => data.originState(originClass, origin),
    pathState: (asPath, role) => nothing.pathState(asPath, role),
  };
}

function firstAs(config: PeerConfig | undefined): number {
  return config?.peerAs.kind === 'list' ? config.peerAs.asns[0] : 0;
}
