import type { BfdView } from '#api/views/bfd.ts';
import type { PeerMetricsView } from '#api/views/metrics.ts';
import type {
  ErrorView,
  LimitView,
  MessageCounts,
  OpenView,
  PeerView,
  PrefixCounts,
  StaleView,
  UpdateErrorView,
} from '#api/views/peer.ts';
import { type Clock, timestamp, wallAt, wallTime } from '#clock.ts';
import type { LimitConfig } from '#config/config.ts';
import type { PolicyChoice } from '#policy/policy.ts';
import { rejectReasons } from '#policy/reasons.ts';
import type { RibView } from '#rib/view.ts';
import type { MessageCounts as SessionCounts } from '#session/host.ts';
import { formatAddress, formatRouterId } from '#text/address.ts';
import { formatHex } from '#text/hex.ts';
import { describeCapability } from '#wire/capability-codec.ts';
import { families, type FamilyName } from '#wire/constants.ts';
import type { Open } from '#wire/open.ts';
import { familyNames } from '../peers/peer-statistics.ts';
import type { RunningPeer } from '../peers/running-peer.ts';
import type { KeptUpdateError } from '../peers/update-errors.ts';
import { stateName } from './names.ts';
import { type Hint, hintsOf } from './peer-hints.ts';

/** Makes the JSON of peers. */
export class PeerViews {
  private readonly rib: RibView;
  private readonly clock: Clock;
  private readonly bfdOf: (peer: string) => BfdView | undefined;

  constructor(rib: RibView, clock: Clock, bfdOf: (peer: string) => BfdView | undefined) {
    this.rib = rib;
    this.clock = clock;
    this.bfdOf = bfdOf;
  }

  peer(peer: RunningPeer): PeerView {
    const { config, session, stateSinceMs, downAtMs } = peer;
    const { peerAs } = peer;
    const bfd = this.bfdOf(peer.name);
    const hints = this.hints(peer).map(({ text }) => text);
    return {
      name: config.name,
      ...(config.description !== undefined && { description: config.description }),
      ...(config.group !== undefined && { group: config.group }),
      address: config.addressText,
      ...(config.range !== undefined && { range: config.range }),
      port: config.port,
      ...(peerAs !== 0 && { peer_as: peerAs }),
      local_as: config.localAs,
      kind: config.observer ? 'observer' : config.export === 'none' ? 'source' : 'client',
      state: stateName(session.state),
      enabled: peer.isEnabled,
      ...this.disabledView(peer),
      ...this.heldView(peer),
      since: this.at(stateSinceMs),
      ...(!peer.isUp && downAtMs !== undefined && { down_since: this.at(downAtMs) }),
      uptime_s: Math.floor(this.secondsSince(session.establishedAtMs)),
      ...this.sessionView(peer),
      ...this.disabledFamiliesView(peer),
      ...(bfd !== undefined && { bfd }),
      import: policyText(config.import),
      export: policyText(config.export),
      prefixes: this.prefixesView(peer),
      ...this.refusedFor(peer),
      limit: this.limitsView(peer),
      ...this.staleView(peer),
      output_queue_bytes: queuedBytes(peer),
      messages: {
        received: messagesView(session.counters.received),
        sent: messagesView(session.counters.sent),
      },
      flaps: [...session.counters.drops.values()].reduce((sum, count) => sum + count, 0),
      ...this.lastErrorView(peer),
      ...(hints.length > 0 && { hints }),
      node: config.node,
      ...(config.site !== undefined && { site: config.site }),
      ...(config.rack !== undefined && { rack: config.rack }),
    };
  }

  hints(peer: RunningPeer): Hint[] {
    return hintsOf(peer, this.bfdOf(peer.name), this.clock.monotonic());
  }

  /** Includes what is too long for a list of peers. */
  detail(peer: RunningPeer): PeerView {
    const errors = peer.reports.updateErrors.list;
    if (errors.length === 0) return this.peer(peer);
    return { ...this.peer(peer), update_errors: errors.map((error) => this.updateError(error)) };
  }

  metrics(peer: RunningPeer): PeerMetricsView {
    const { session, stateSinceMs } = peer;
    const { statistics } = peer.reports;
    const { counters } = session;
    const { received, sent } = counters.lastMessageMs;
    return {
      view: this.peer(peer),
      is_shadow: peer.config.shadow,
      is_drained: this.rib.isDrained(peer.ribId),
      last_state_change_s: this.wallSeconds(stateSinceMs),
      established_transitions: counters.establishedTransitions,
      session_drops: Object.fromEntries(counters.drops),
      bytes: { ...counters.bytes },
      notifications: statistics.notificationCounts,
      update_errors: { ...statistics.updateErrors },
      last_message_s: {
        ...(received > 0 && { received: this.wallSeconds(received) }),
        ...(sent > 0 && { sent: this.wallSeconds(sent) }),
      },
      output_queue_bytes: queuedBytes(peer),
      limits: limitsOf(peer),
      ...this.familyMetrics(peer),
    };
  }

  private familyMetrics(peer: RunningPeer): Pick<PeerMetricsView, 'prefix_changes' | 'rejected'> {
    const prefixChanges: PeerMetricsView['prefix_changes'] = [];
    const rejected: PeerMetricsView['rejected'] = [];
    for (const family of peer.config.families) {
      const counts = peer.counts(family);
      const name = familyNames[family];
      const { announcedIn, withdrawnIn, announcedOut, withdrawnOut } = counts;
      prefixChanges.push(
        { family: name, direction: 'in', announce: announcedIn, withdraw: withdrawnIn },
        { family: name, direction: 'out', announce: announcedOut, withdraw: withdrawnOut },
      );
      counts.rejected.forEach((count, code) => {
        if (count > 0) rejected.push({ family: name, reason: rejectReasons[code], count });
      });
    }
    return { prefix_changes: prefixChanges, rejected };
  }

  private disabledView({ disabled }: RunningPeer): Pick<PeerView, 'disabled'> {
    if (disabled === undefined) return {};
    const { sinceWallMs, reason } = disabled;
    const since = timestamp(sinceWallMs);
    return { disabled: { since, ...(reason !== undefined && { reason }) } };
  }

  private heldView({ held, heldUntilMs }: RunningPeer): Pick<PeerView, 'held'> {
    if (held === undefined) return {};
    const until = Number.isFinite(heldUntilMs) ? { until: this.at(heldUntilMs) } : {};
    return { held: { ...until, by: held.by } };
  }

  private sessionView({ session, connections, config }: RunningPeer) {
    const { negotiated, holdDeadline } = session;
    const local = connections.current?.local;
    const agreed = negotiated?.families ?? [];
    return {
      ...(local !== undefined && { local_address: formatAddress(local.address, local.zone) }),
      ...(negotiated !== undefined && {
        router_id: formatRouterId(negotiated.peerRouterId),
        hold_time_s: negotiated.holdTimeSec,
        keepalive_s: negotiated.keepaliveSec,
        open: {
          sent: openView(negotiated.sentOpen),
          received: openView(negotiated.receivedOpen),
        },
      }),
      ...(holdDeadline !== Infinity && {
        hold_remaining_s: Math.max(0, (holdDeadline - this.clock.monotonic()) / 1000),
      }),
      capabilities: {
        sent: capabilitiesView(negotiated?.sentOpen),
        received: capabilitiesView(negotiated?.receivedOpen),
      },
      families: (negotiated === undefined
        ? config.families
        : families.filter(({ family }) => agreed[family]).map(({ family }) => family)
      ).map((family) => familyNames[family]),
    };
  }

  private disabledFamiliesView({ session }: RunningPeer): Pick<PeerView, 'disabled_families'> {
    const rows = session.disabledFamilies.map(({ family, atMs, text }) => ({
      family: familyNames[family],
      at: this.at(atMs),
      text,
    }));
    return rows.length === 0 ? {} : { disabled_families: rows };
  }

  private staleView(peer: RunningPeer): Pick<PeerView, 'graceful_restart'> {
    const kept = peer.session.gracefulRestart.stale;
    if (kept.length === 0) return {};
    const rows = kept.map(({ family, stage, untilMs }) => {
      const view: StaleView = { stage, stale: peer.counts(family).stale, until: this.at(untilMs) };
      return [familyNames[family], view];
    });
    return { graceful_restart: Object.fromEntries(rows) };
  }

  private refusedFor(peer: RunningPeer): Pick<PeerView, 'refused_for'> {
    const { counts } = this.rib.peer(peer.ribId);
    if (counts.every(({ received, accepted }) => received === accepted)) return {};
    const codes = [...rejectReasons.keys()].filter((code) =>
      counts.some(({ refusals }) => refusals[code] > 0),
    );
    return { refused_for: codes.map((code) => rejectReasons[code]) };
  }

  private prefixesView(peer: RunningPeer): PeerView['prefixes'] {
    const perFamily: Partial<Record<FamilyName, PrefixCounts>> = {};
    const total: PrefixCounts = { ...noPrefixes };
    for (const family of peer.config.families) {
      const { received, accepted, blocked, stale } = peer.counts(family);
      const counts: PrefixCounts = {
        received,
        accepted,
        rejected: received - accepted,
        blocked,
        best: this.rib.families[family].bestCount(peer.ribId),
        advertised: this.rib.advertisedCount(peer.ribId, family),
        stale,
      };
      perFamily[familyNames[family]] = counts;
      for (const key of Object.keys(total) as (keyof PrefixCounts)[]) total[key] += counts[key];
    }
    return { ...total, per_family: perFamily };
  }

  /** Shows the family that is nearest to its limit. */
  private limitsView(peer: RunningPeer): PeerView['limit'] {
    const { maxPrefix, maxPrefixReceived } = peer.config;
    const accepted = this.nearest(peer, maxPrefix, 'accepted');
    const received = this.nearest(peer, maxPrefixReceived, 'received');
    return {
      ...(accepted !== undefined && { accepted }),
      ...(received !== undefined && { received }),
    };
  }

  private nearest(
    peer: RunningPeer,
    limits: readonly (LimitConfig | undefined)[],
    which: 'accepted' | 'received',
  ): LimitView | undefined {
    const rows = peer.config.families.flatMap((family): LimitView[] => {
      const row = limits[family];
      const used = peer.counts(family)[which];
      return row === undefined ? [] : [{ limit: row.limit, action: row.action, used }];
    });
    return rows.sort((a, b) => b.used / b.limit - a.used / a.limit)[0];
  }

  private lastErrorView({ session }: RunningPeer): { last_error?: ErrorView } {
    const { lastError, lastDialFailure } = session;
    const isDialNewer = (lastDialFailure?.atMs ?? -1) > (lastError?.atMs ?? -1);
    const wasTold = lastError?.direction === 'received';
    if (
      isDialNewer &&
      !wasTold &&
      lastDialFailure !== undefined &&
      session.state !== 'Established'
    ) {
      return { last_error: { at: this.at(lastDialFailure.atMs), text: lastDialFailure.text } };
    }
    if (lastError === undefined) return {};
    const { atMs, text, code, subcode, direction } = lastError;
    return {
      last_error: {
        at: this.at(atMs),
        text,
        ...(code !== undefined && { code }),
        ...(subcode !== undefined && { subcode }),
        ...(direction !== undefined && { direction }),
      },
    };
  }

  private updateError({ atMs, bytes, lengthBytes, ...error }: KeptUpdateError): UpdateErrorView {
    return { at: this.at(atMs), ...error, bytes: formatHex(bytes), length: lengthBytes };
  }

  private secondsSince(atMs: number | undefined): number {
    return atMs === undefined ? 0 : (this.clock.monotonic() - atMs) / 1000;
  }

  /** Returns a monotonic time in the form for people. */
  private at(atMs: number): string {
    return wallTime(this.clock, atMs);
  }

  private wallSeconds(atMs: number): number {
    return wallAt(this.clock, atMs) / 1000;
  }
}

const noPrefixes: PrefixCounts = {
  received: 0,
  accepted: 0,
  rejected: 0,
  blocked: 0,
  best: 0,
  advertised: 0,
  stale: 0,
};

function openView({ asn, holdTimeSec, routerId }: Open): OpenView {
  return { as: asn, hold_time_s: holdTimeSec, router_id: formatRouterId(routerId) };
}

function capabilitiesView(open: Open | undefined): PeerView['capabilities']['sent'] {
  return (open?.capabilities ?? []).map((capability) => describeCapability(capability));
}

function messagesView(counts: SessionCounts): MessageCounts {
  const { open, update, notification, keepalive, routeRefresh } = counts;
  return { open, update, notification, keepalive, route_refresh: routeRefresh };
}

function queuedBytes({ connections }: RunningPeer): number {
  return connections.current?.queuedBytes ?? 0;
}

function policyText(choice: PolicyChoice): string {
  return typeof choice === 'string' ? choice : choice.map(({ name }) => name).join(', ');
}

function limitsOf(peer: RunningPeer): PeerMetricsView['limits'] {
  const { maxPrefix, maxPrefixReceived } = peer.config;
  return peer.config.families.flatMap((family) => {
    const rows: PeerMetricsView['limits'] = [];
    const name = familyNames[family];
    const accepted = maxPrefix[family];
    const received = maxPrefixReceived[family];
    if (accepted) rows.push({ family: name, counts: 'accepted', limit: accepted.limit });
    if (received) rows.push({ family: name, counts: 'received', limit: received.limit });
    return rows;
  });
}
