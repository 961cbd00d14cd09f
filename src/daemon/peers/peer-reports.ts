import type { DaemonEvent } from '#api/events/events.ts';
import { rejectReasons } from '#policy/reasons.ts';
import type { AttributeErrors } from '#rib/rib-events.ts';
import type { PeerCounts } from '#rib/rib-peer.ts';
import type { StaleEvent } from '#session/host.ts';
import { formatPrefix } from '#text/prefix.ts';
import type { Family } from '#wire/constants.ts';
import { type Prefix, writeNlri } from '#wire/nlri.ts';
import type { PeerContext, PeerEvent } from './peer-context.ts';
import { familyNames, PeerStatistics } from './peer-statistics.ts';
import { Refusals } from './refusals.ts';
import { staleText } from './stale-routes.ts';
import { type UpdateError, UpdateErrors } from './update-errors.ts';

/** The peer that is reported on. */
interface ReportedPeer {
  readonly name: string;
  readonly isStranger: boolean;
  readonly config: { readonly addressText: string };
  /** Returns what the RIB counts for it. */
  counts(family: Family): PeerCounts;
}

/** What is counted and logged about one peer: its events, and errors in what it sends. */
export class PeerReports {
  readonly statistics = new PeerStatistics();
  readonly updateErrors = new UpdateErrors();
  private readonly peer: ReportedPeer;
  private readonly context: PeerContext;
  private readonly refusals: Refusals;
  /** Whether it was logged in this session that the peer sent a prefix that no route can have. */
  private hasLoggedIgnored = false;
  /** Whether it was logged in this session that a route is too long for the peer. */
  private hasLoggedTooLong = false;

  constructor(peer: ReportedPeer, context: PeerContext) {
    this.peer = peer;
    this.context = context;
    this.refusals = new Refusals(context.clock, (text) => this.warning(text));
  }

  /** From now on, what is logged once per session may be logged again. */
  sessionBegan(): void {
    this.hasLoggedIgnored = false;
    this.hasLoggedTooLong = false;
  }

  /** Refusals that are still being counted are logged now. */
  sessionEnded(): void {
    this.refusals.end();
  }

  warning(text: string): void {
    this.emit({ event: 'warning', text });
  }

  /**
   * For a peer of a range that was never Established, only the failure of its connection is logged, at a limited rate:
   * otherwise the events would grow with the connections that anyone may open.
   */
  emit(event: PeerEvent): void {
    const { name, isStranger, config } = this.peer;
    if (!isStranger) return this.context.events.emit({ ...event, peer: name } as DaemonEvent);
    const { event: kind } = event;
    if (kind === 'notification' || kind === 'warning') {
      this.context.strangerFailed(config.addressText, event.text);
    }
  }

  notification(
    direction: 'sent' | 'received',
    code: number,
    subcode: number,
    data: Uint8Array,
    text: string,
  ): void {
    const isSent = direction === 'sent';
    this.statistics.countNotification(isSent ? 'out' : 'in', code, subcode);
    if (isSent && code === 3) {
      this.updateError({ attribute: 'update', outcome: 'session_reset', text }, data);
    }
    this.emit({ event: 'notification', direction, code, subcode, text });
  }

  /** Counts every error; logs it once a minute for each attribute, unless `isLogged` says that it has been logged. */
  updateError(error: UpdateError, bytes: Uint8Array, isLogged = false): void {
    const { attribute, outcome: action, text } = error;
    this.statistics.countUpdateError(action);
    const isNew = this.updateErrors.add(error, bytes, this.context.clock.monotonic());
    if (isNew && !isLogged) this.emit({ event: 'update_error', action, reason: attribute, text });
  }

  /** RFC 7606 at work: counted for each UPDATE, logged once a minute for each attribute; `block` is kept. */
  attributeErrors({ malformed, discarded }: AttributeErrors, block: Uint8Array): void {
    const outcome = malformed === undefined ? 'attribute_discard' : 'treat_as_withdraw';
    const { name: attribute, text } = malformed ?? discarded[0];
    this.updateError({ attribute, outcome, text }, block);
  }

  /** Counted for each UPDATE, logged once a session; no path results from it (BIRD calls it a "bogus route"). */
  prefixIgnored(prefix: Prefix): void {
    const bytes = new Uint8Array(17);
    const end = writeNlri(bytes, 0, prefix);
    const text = `NLRI: ${formatPrefix(prefix)} is not a valid prefix for a route`;
    const error = { attribute: 'nlri', outcome: 'treat_as_withdraw', text } as const;
    this.updateError(error, bytes.subarray(0, end), this.hasLoggedIgnored);
    this.hasLoggedIgnored = true;
  }

  /**
   * The first route of this session that is refused for the reason; malformed routes and limits have messages of their
   * own.
   */
  routeRefused(prefix: Prefix, code: number): void {
    const reason = rejectReasons[code];
    if (reason.startsWith('malformed:') || reason === 'limit_blocked') return;
    const counts = this.peer.counts(prefix.family);
    this.refusals.first(reason, formatPrefix(prefix), () => counts.rejected[code]);
  }

  /** Logged once a session; `show route noexport` lists them all. */
  routeTooLong(prefix: Prefix): void {
    if (this.hasLoggedTooLong) return;
    this.hasLoggedTooLong = true;
    this.warning(
      `a route for ${formatPrefix(prefix)} is too long for the messages of this session and is not sent; ` +
        'the peer is sent the next path that fits (too_long)',
    );
  }

  /** Reports what has become of the routes that are kept for a peer that may be restarting. */
  stale(family: Family, event: StaleEvent | 'kept'): void {
    const text = staleText(this.peer.counts(family).stale, familyNames[family], event);
    if (text !== undefined) this.warning(text);
  }
}
