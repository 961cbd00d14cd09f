import type { PeerConfig } from '#config/config.ts';
import type { PeerId } from '#policy/ids.ts';
import type { ExportJudge, ImportJudge } from '#policy/policy.ts';
import type { PeerCounts, RibPeerSettings } from '#rib/rib-peer.ts';
import type { Negotiated } from '#session/negotiate.ts';
import type { Family } from '#wire/constants.ts';
import type { SessionFacts } from './judges.ts';
import type { PeerContext } from './peer-context.ts';
import { RefreshMarks } from './refresh-marks.ts';
import { type RibContext, ribSettings } from './rib-settings.ts';
import { sendSettings } from './session-settings.ts';

/** A peer's place in the RIB: what the RIB knows of it, and when its routes are sent again or marked stale. */
export class PeerRoutes {
  readonly ribId: PeerId;
  private readonly context: PeerContext;
  private config: PeerConfig;
  /** Addresses of this machine, as they were when the configuration was loaded: never a next hop. */
  private ownAddresses: readonly Uint8Array[];
  private facts: SessionFacts | undefined;
  private settings: RibPeerSettings;
  private readonly refreshes = new RefreshMarks();

  constructor(config: PeerConfig, ownAddresses: readonly Uint8Array[], context: PeerContext) {
    this.context = context;
    this.config = config;
    this.ownAddresses = ownAddresses;
    this.settings = ribSettings(config, undefined, this.ribContext, undefined);
    this.ribId = context.rib.addPeer(this.settings);
    this.applyDrains();
  }

  /** The AS of the session, otherwise the first that is configured, otherwise 0. */
  get peerAs(): number {
    const { peerAs } = this.config;
    return this.facts?.peerAs ?? (peerAs.kind === 'list' ? peerAs.asns[0] : 0);
  }

  /** The judges in use. */
  get judges(): readonly (ImportJudge | ExportJudge | undefined)[] {
    return [this.settings.importJudge, this.settings.exportJudge];
  }

  counts(family: Family): PeerCounts {
    return this.context.rib.peer(this.ribId).counts[family];
  }

  /** Policy and limits are applied to what was received; nothing happens where they are as they were. */
  applyConfig(config: PeerConfig, ownAddresses: readonly Uint8Array[]): void {
    this.config = config;
    this.ownAddresses = ownAddresses;
    this.replaceSettings();
    this.applyDrains();
  }

  /** What the RIB would know of the peer under another configuration, or by other judges. */
  settingsUnder(config: PeerConfig, context: RibContext): RibPeerSettings {
    return ribSettings(config, this.facts, context, this.settings);
  }

  sessionBegan(negotiated: Negotiated, localAddress: Uint8Array): void {
    const { peerAs, peerRouterId, extendedNextHop } = negotiated;
    this.facts = { peerAs, localAddress, extendedNextHop };
    this.refreshes.clear();
    this.replaceSettings();
    this.context.rib.peerUp(this.ribId, peerRouterId, sendSettings(negotiated));
  }

  /** `kept`: by `Family`, whether its routes stay as stale ones. */
  sessionEnded(kept: readonly boolean[]): void {
    this.context.rib.peerDown(this.ribId, kept);
  }

  /** `isEnhanced`: between BoRR and EoRR (RFC 7313). */
  sendAgain(family: Family, isEnhanced: boolean): void {
    this.context.rib.sendAgain(this.ribId, family, isEnhanced);
  }

  /** BoRR: marks the peer's paths as stale. False where the peer sends BoRR too often. */
  beginRefresh(family: Family): boolean {
    const { rib, view, clock } = this.context;
    const rows = view.families[family].pathRows;
    if (!this.refreshes.begin(family, rows, clock.monotonic())) return false;
    rib.markStale(this.ribId, family);
    return true;
  }

  /** EoRR: removes the paths that are still marked. Does nothing where BoRR was ignored. */
  endRefresh(family: Family): void {
    if (this.refreshes.end(family)) this.context.rib.endStale(this.ribId, family);
  }

  endStale(family: Family): void {
    this.context.rib.endStale(this.ribId, family);
  }

  keepLongLived(family: Family): void {
    this.context.rib.keepLongLived(this.ribId, family);
  }

  drop(family: Family): void {
    this.context.rib.dropFamily(this.ribId, family);
  }

  setLagging(isLagging: boolean): void {
    this.context.rib.setLagging(this.ribId, isLagging);
  }

  /** The peer leaves the RIB, and its paths with it. */
  remove(): void {
    this.context.rib.removePeer(this.ribId);
  }

  private applyDrains(): void {
    const { rib, drains } = this.context;
    rib.setDrained(this.ribId, drains.isCovered(this.config));
  }

  private get ribContext(): RibContext {
    return { judges: this.context.judges, ownAddresses: this.ownAddresses };
  }

  private replaceSettings(): void {
    const before = this.settings;
    const settings = ribSettings(this.config, this.facts, this.ribContext, before);
    const keys = Object.keys(settings) as (keyof RibPeerSettings)[];
    if (keys.every((key) => settings[key] === before[key])) return;
    this.settings = settings;
    this.context.rib.replaceSettings(this.ribId, settings);
  }
}
