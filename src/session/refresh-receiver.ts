import type { Family } from '#wire/constants.ts';
import type { RouteRefresh } from '#wire/message.ts';
import type { GracefulRestart } from './graceful-restart.ts';
import type { PeerHost, RouteRefreshSubtype } from './host.ts';
import type { Negotiated } from './negotiate.ts';
import { OpenRefreshes } from './open-refreshes.ts';
import type { SessionSettings } from './settings.ts';

/** What the receiver needs of the peer. */
export interface RefreshOwner {
  readonly settings: SessionSettings;
  readonly host: Pick<PeerHost, 'routeRefresh' | 'warning'>;
  readonly gracefulRestart: Pick<GracefulRestart, 'awaitsEndOfRib'>;
}

/** Receives the ROUTE-REFRESH messages of one connection, and reports a refresh of the peer that does not end. */
export class RefreshReceiver {
  private readonly open = new OpenRefreshes();
  private hasWarnedOfEarly = false;
  private readonly owner: RefreshOwner;

  constructor(owner: RefreshOwner) {
    this.owner = owner;
  }

  /** RFC 7313 §5: another subtype "MUST" be ignored. */
  take(refresh: RouteRefresh, negotiated: Negotiated | undefined, now: number): void {
    const { afi, safi, family } = refresh;
    const subtype = subtypes.at(refresh.subtype);
    if (subtype === undefined) return;
    if (family !== undefined && negotiated?.families[family] === true)
      return this.takeNegotiated(family, subtype, now);
    this.owner.host.warning(`ROUTE-REFRESH for AFI ${afi} SAFI ${safi}, which was not negotiated`);
  }

  tick(now: number): void {
    for (const family of this.open.takeOverdue(now)) {
      this.owner.host.routeRefresh(family, 'overdue');
    }
  }

  /** Returns when `tick` is to be called; Infinity if never. */
  nextDeadline(): number {
    return this.open.nextDeadline();
  }

  /** This process was stalled: time in which the peer could not be heard does not count. */
  forgive(latenessMs: number): void {
    this.open.forgive(latenessMs);
  }

  /** The connection has ended, and with it what it began. */
  clear(): void {
    this.open.clear();
  }

  /** RFC 7313 §4: before the peer's End-of-RIB its BoRR and EoRR "MUST" be ignored, and that is logged. */
  private takeNegotiated(family: Family, subtype: RouteRefreshSubtype, now: number): void {
    const { gracefulRestart, host, settings } = this.owner;
    if (subtype !== 'request' && gracefulRestart.awaitsEndOfRib(family)) {
      return this.warnOfEarly();
    }
    if (subtype === 'begin') this.open.begin(family, now + settings.refreshStaleTimeMs);
    if (subtype === 'end') this.open.end(family);
    host.routeRefresh(family, subtype);
  }

  private warnOfEarly(): void {
    if (this.hasWarnedOfEarly) return;
    this.hasWarnedOfEarly = true;
    this.owner.host.warning('BoRR or EoRR before End-of-RIB is ignored (RFC 7313)');
  }
}

/** The subtypes by their Message Subtype number (RFC 7313 §3.2). */
const subtypes: readonly RouteRefreshSubtype[] = ['request', 'begin', 'end'];
