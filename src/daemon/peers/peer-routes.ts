import type { PeerConfig } from '#config/config.ts';
import type { PeerId } from '#policy/ids.ts';
import type { ExportJudge, ImportJudge } from '#policy/judge.ts';
import type { LimitReached } from '#rib/rib-events.ts';
import type { PeerCounts, RibPeerSettings } from '#rib/rib-peer.ts';
import type { Rib } from '#rib/rib.ts';
import type { RibView } from '#rib/view.ts';
import type { Negotiated } from '#session/negotiate.ts';
import { families, type Family } from '#wire/constants.ts';
import type { Update } from '#wire/update.ts';
import type { ObservedPeer } from '../siblings/observed-rib.ts';
import { EarlyEndOfRib } from './early-end-of-rib.ts';
import { peerAsOf, type SessionFacts } from './judges.ts';
import type { PeerContext } from './peer-context.ts';
import { RefreshMarks } from './refresh-marks.ts';
import { type RibContext, ribSettings } from './rib-settings.ts';
import { sendSettings } from './session-settings.ts';

/** A peer's place in the RIB: what the RIB knows about it, and when its routes are sent again or marked stale. */
export class PeerRoutes {
  readonly ribId: PeerId;
  readonly earlyEndOfRib = new EarlyEndOfRib();
  private readonly peer: ObservedPeer;
  private readonly context: PeerContext;
  /** For an observer: its place in the RIB of siblings' routes, where all its routes go. */
  private observed: PeerId | undefined;
  /** Families whose End-of-RIB has been received in this session. */
  private readonly ended = new Set<Family>();
  /** By `Family`; absent while there is no session. */
  private negotiated: readonly boolean[] | undefined;
  private config: PeerConfig;
  /** Addresses of this machine at the time when the configuration was loaded; they are never valid next hops. */
  private ownAddresses: readonly Uint8Array[];
  private facts: SessionFacts | undefined;
  private settings: RibPeerSettings;
  private readonly refreshes = new RefreshMarks();

  constructor(
    peer: ObservedPeer,
    config: PeerConfig,
    ownAddresses: readonly Uint8Array[],
    context: PeerContext,
  ) {
    this.peer = peer;
    this.context = context;
    this.config = config;
    this.ownAddresses = ownAddresses;
    this.settings = ribSettings(config, undefined, this.ribContext, undefined);
    this.ribId = context.rib.addPeer(this.settings);
    this.applyDrains();
    this.observe();
  }

  /** The AS of the last session if it is still a configured one, or else the first of these, or else 0. */
  get peerAs(): number {
    return peerAsOf(this.config, this.facts);
  }

  /** The judges in use. */
  get judges(): readonly (ImportJudge | ExportJudge | undefined)[] {
    return [this.settings.importJudge, this.settings.exportJudge];
  }

  /** Absent unless the peer is an observer. */
  get observedId(): PeerId | undefined {
    return this.observed;
  }

  /** Whether the peer has sent its End-of-RIB for every family of the session. */
  get hasWholeTable(): boolean {
    const { negotiated, ended } = this;
    return (
      negotiated !== undefined &&
      families.every(({ family }) => !negotiated[family] || ended.has(family))
    );
  }

  /** The counts of the routes that came from it. */
  counts(family: Family): PeerCounts {
    const { rib, id } = this.received;
    return rib.peer(id).counts[family];
  }

  /** Returns the limit that must end the session, if one was reached. */
  update(update: Update, now: number): LimitReached | undefined {
    if (update.endOfRib !== undefined) this.ended.add(update.endOfRib);
    const { rib, id } = this.received;
    return rib.update(id, update, now);
  }

  /** Applies policy and limits to what was received; nothing happens if they are unchanged. */
  applyConfig(config: PeerConfig, ownAddresses: readonly Uint8Array[]): void {
    this.config = config;
    this.ownAddresses = ownAddresses;
    this.replaceSettings();
    this.applyDrains();
    this.observe();
  }

  /** Returns what the RIB would know about the peer under another configuration, or with other judges. */
  settingsUnder(config: PeerConfig, context: RibContext): RibPeerSettings {
    return ribSettings(config, this.facts, context, this.settings);
  }

  sessionBegan(negotiated: Negotiated, localAddress: Uint8Array): void {
    const { peerAs, peerRouterId, extendedNextHop } = negotiated;
    this.facts = { peerAs, localAddress, extendedNextHop };
    this.refreshes.clear();
    this.earlyEndOfRib.sessionBegan();
    this.replaceSettings();
    this.ended.clear();
    this.negotiated = negotiated.families;
    const settings = sendSettings(negotiated);
    this.context.rib.peerUp(this.ribId, peerRouterId, settings);
    if (this.observed !== undefined) {
      this.context.observed.rib.peerUp(this.observed, peerRouterId, settings);
    }
  }

  /** `kept` says by `Family` whether its routes stay as stale ones. */
  sessionEnded(kept: readonly boolean[]): void {
    this.negotiated = undefined;
    this.context.rib.peerDown(this.ribId, kept);
    if (this.observed !== undefined) this.context.observed.rib.peerDown(this.observed, kept);
  }

  /** `isEnhanced`: between BoRR and EoRR (RFC 7313). */
  sendAgain(family: Family, isEnhanced: boolean): void {
    this.context.rib.sendAgain(this.ribId, family, isEnhanced);
  }

  /** Handles a BoRR: marks the peer's paths as stale. Returns false if the peer sends BoRR too often. */
  beginRefresh(family: Family): boolean {
    const { rib, view, id } = this.received;
    const rows = view.families[family].pathRows;
    if (!this.refreshes.begin(family, rows, this.context.clock.monotonic())) return false;
    rib.markStale(id, family);
    return true;
  }

  /**
   * Handles an EoRR: removes the paths that are still marked. Returns false if there was no BoRR before, or it was
   * ignored.
   */
  endRefresh(family: Family): boolean {
    const isMarked = this.refreshes.end(family);
    if (isMarked) this.endStale(family);
    return isMarked;
  }

  endStale(family: Family): void {
    const { rib, id } = this.received;
    rib.endStale(id, family);
  }

  keepLongLived(family: Family): void {
    const { rib, id } = this.received;
    rib.keepLongLived(id, family);
  }

  drop(family: Family): void {
    const { rib, id } = this.received;
    rib.dropFamily(id, family);
  }

  setLagging(isLagging: boolean): void {
    this.context.rib.setLagging(this.ribId, isLagging);
  }

  /** Removes the peer and its paths from the RIB. */
  remove(): void {
    this.context.rib.removePeer(this.ribId);
    this.endObserving();
  }

  /** The RIB in which the peer's routes are kept. */
  private get received(): { readonly rib: Rib; readonly view: RibView; readonly id: PeerId } {
    const { rib, view, observed } = this.context;
    if (this.observed === undefined) return { rib, view, id: this.ribId };
    return { rib: observed.rib, view: observed.view, id: this.observed };
  }

  /** A change between observer and other peer resets the session, so that no routes are left behind. */
  private observe(): void {
    const { observed } = this.context;
    if (!this.config.observer) return this.endObserving();
    if (this.observed === undefined) this.observed = observed.add(this.peer, this.settings);
    else observed.replace(this.observed, this.settings);
  }

  private endObserving(): void {
    if (this.observed !== undefined) this.context.observed.remove(this.observed);
    this.observed = undefined;
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
