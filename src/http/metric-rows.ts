import { stateNames, updateErrorActions } from '#api/names.ts';
import { dropReasons } from '#session/host.ts';
import { familyNames } from '#wire/constants.ts';
import type { PeerMetricsView } from '#api/metrics.ts';
import type { MessageCounts, PrefixCounts } from '#api/peer.ts';
import type { Row, Value } from './metric-row.ts';
import {
  familyLabels,
  histogram,
  histogramSamples,
  known,
  one,
  perFamily,
  perPeer,
} from './metric-row.ts';

const messageTypes: readonly (keyof MessageCounts)[] = [
  'open',
  'update',
  'notification',
  'keepalive',
  'route_refresh',
];

const tables: readonly (keyof PrefixCounts)[] = [
  'received',
  'accepted',
  'rejected',
  'blocked',
  'best',
  'advertised',
  'stale',
];

function messages(direction: 'in' | 'out', counts: MessageCounts): Value[] {
  return messageTypes.map((type) => [{ direction, type }, counts[type]]);
}

/** In the shadow nothing is advertised, and no series says so: that is as it should be. */
function prefixes({ view, is_shadow: isShadow }: PeerMetricsView): Value[] {
  const shown = tables.filter((name) => !isShadow || name !== 'advertised');
  return familyNames.flatMap((family) => {
    const own = view.prefixes.per_family[family];
    if (own === undefined) return [];
    return shown.map((name): Value => [{ ...familyLabels(family), table: name }, own[name]]);
  });
}

const bit = (truth: boolean): number => (truth ? 1 : 0);

/** One row a metric, in the order of the page. */
export const metricRows: readonly Row[] = [
  one('gauge', 'build_info', 'The program, always 1.', ({ status, revision }) => [
    [{ version: status.version, revision, node_version: process.version }, 1],
  ]),
  one('gauge', 'info', 'The route server, always 1.', ({ status }) => [
    [{ router_id: status.router_id, local_as: status.local_as }, 1],
  ]),
  one('gauge', 'ready', '1 when /readyz says so.', ({ status }) => [[{}, bit(status.ready)]]),
  one(
    'gauge',
    'config_last_reload_successful',
    '1 when the last reload was taken over.',
    ({ view }) => [[{}, bit(view.config.last_reload_ok)]],
  ),
  one(
    'gauge',
    'config_last_reload_success_timestamp_seconds',
    'When the running configuration was taken over.',
    ({ view }) => [[{}, view.config.last_reload_success_s]],
  ),
  one('gauge', 'config_hash_info', 'The running configuration, always 1.', ({ view }) => [
    [{ hash: view.config.hash }, 1],
  ]),
  one(
    'counter',
    'unknown_source_calls_total',
    'BGP connections from addresses of no peer, closed at once.',
    ({ status }) => [[{}, status.unknown_sources]],
  ),
  perPeer(
    'gauge',
    'up',
    '1 when the session is Established. None of a peer of a range that has left: it may be gone for good.',
    ({ view }) => {
      const isUp = view.state === 'established';
      return view.range !== undefined && !isUp ? [] : [[{}, bit(isUp)]];
    },
  ),
  perPeer('gauge', 'admin_up', '0 when disabled by an operator.', ({ view }) => [
    [{}, bit(view.enabled)],
  ]),
  perPeer('gauge', 'state', 'RFC 4271 state: exactly one is 1.', ({ view }) =>
    stateNames.map((state) => [{ state }, bit(view.state === state)]),
  ),
  perPeer(
    'gauge',
    'last_state_change_timestamp_seconds',
    'When the session entered its present state.',
    (peer) => [[{}, peer.last_state_change_s]],
  ),
  perPeer(
    'counter',
    'established_transitions_total',
    'Times the session became Established.',
    (peer) => [[{}, peer.established_transitions]],
  ),
  perPeer(
    'counter',
    'session_drops_total',
    'Times an Established session ended.',
    ({ session_drops }) => dropReasons.map((reason) => [{ reason }, session_drops[reason] ?? 0]),
  ),
  perPeer('counter', 'messages_total', 'BGP messages.', ({ view }) => [
    ...messages('in', view.messages.received),
    ...messages('out', view.messages.sent),
  ]),
  perPeer('counter', 'bytes_total', 'Bytes of BGP messages.', ({ bytes }) => [
    [{ direction: 'in' }, bytes.received],
    [{ direction: 'out' }, bytes.sent],
  ]),
  perPeer(
    'counter',
    'notifications_total',
    'NOTIFICATION messages by code and subcode, those seen.',
    ({ notifications }) =>
      notifications.map(({ direction, code, subcode, count }) => [
        { direction, code, subcode },
        count,
      ]),
  ),
  perPeer(
    'counter',
    'update_errors_total',
    'Malformed UPDATE messages by outcome (RFC 7606).',
    ({ update_errors }) => updateErrorActions.map((action) => [{ action }, update_errors[action]]),
  ),
  perPeer(
    'gauge',
    'family_disabled',
    '1 when the peer has spoilt the routes of a family in this session: they are ignored.',
    ({ view }) =>
      view.families.map((family) => [
        familyLabels(family),
        bit(view.disabled_families?.some((off) => off.family === family) === true),
      ]),
  ),
  perPeer('gauge', 'hold_time_seconds', 'Negotiated hold time.', ({ view }) =>
    known({}, view.hold_time_s),
  ),
  perPeer('gauge', 'keepalive_time_seconds', 'Negotiated keepalive time.', ({ view }) =>
    known({}, view.keepalive_s),
  ),
  perPeer(
    'gauge',
    'last_message_timestamp_seconds',
    'When the last BGP message passed.',
    ({ last_message_s }) => [
      ...known({ direction: 'in' }, last_message_s.received),
      ...known({ direction: 'out' }, last_message_s.sent),
    ],
  ),
  perPeer('gauge', 'output_queue_bytes', 'Bytes not yet taken by the socket.', (peer) => [
    [{}, peer.output_queue_bytes],
  ]),
  perPeer(
    'gauge',
    'prefixes',
    'Prefixes by table: always select one. Stale: kept by graceful restart, among those received.',
    prefixes,
  ),
  perPeer('gauge', 'prefix_limit', 'Configured maximum of prefixes.', ({ limits }) =>
    limits.map(({ family, counts, limit }) => [{ ...familyLabels(family), counts }, limit]),
  ),
  perPeer(
    'counter',
    'prefix_changes_total',
    'Prefixes announced and withdrawn, by direction.',
    ({ prefix_changes }) =>
      prefix_changes.flatMap(({ family, direction, announce, withdraw }): Value[] => [
        [{ ...familyLabels(family), direction, kind: 'announce' }, announce],
        [{ ...familyLabels(family), direction, kind: 'withdraw' }, withdraw],
      ]),
  ),
  perPeer('counter', 'rejected_total', 'Paths refused, by reason.', ({ rejected }) =>
    rejected.map(({ family, reason, count }) => [{ ...familyLabels(family), reason }, count]),
  ),
  perFamily('gauge', 'prefixes', 'Prefixes in the Loc-RIB.', (family) => family.prefixes),
  perFamily('gauge', 'paths', 'Accepted paths in the Loc-RIB.', (family) => family.paths),
  perFamily(
    'counter',
    'best_changes_total',
    'Changes of a best path.',
    (family) => family.best_changes,
  ),
  perFamily(
    'gauge',
    'memory_bytes',
    'Memory of the tables, estimated.',
    (family) => family.memory_bytes,
  ),
  histogram('best_path_seconds', 'Time of the decision process, a batch each.', (view) =>
    histogramSamples(view.best_path_seconds),
  ),
  histogram(
    'slice_seconds',
    'Time of a slice of work, during which no timer fires and nothing is read.',
    (view) => histogramSamples(view.slice_seconds),
  ),
  one('gauge', 'service_best', 'Who serves the address now, always 1.', ({ services }) =>
    services.flatMap(({ prefix, paths }) =>
      paths.slice(0, 1).map(({ peer, node }): Value => [{ prefix, peer, node }, 1]),
    ),
  ),
  one('gauge', 'service_paths', 'Candidates, the best among them.', ({ services }) =>
    services.map(({ prefix, paths }) => [{ prefix }, paths.length]),
  ),
  one('gauge', 'service_backups', 'Healthy nodes beside the best path.', ({ services }) =>
    services.map(({ prefix, backups }) => [{ prefix }, backups.length]),
  ),
  one('gauge', 'service_best_med', 'MED of the best path.', ({ services }) =>
    services.flatMap(({ prefix, best, best_med }) =>
      known({ prefix }, best === undefined ? undefined : (best_med ?? 0)),
    ),
  ),
  one('counter', 'service_best_changes_total', 'Failovers of the address.', ({ services }) =>
    services.map(({ prefix, best_changes }) => [{ prefix }, best_changes]),
  ),
  one('gauge', 'service_preferred', '1 when served by its home node.', ({ services }) =>
    services.flatMap(({ prefix, home, at_home }) =>
      home === undefined ? [] : [[{ prefix }, bit(at_home === true)] as const],
    ),
  ),
  one(
    'counter',
    'service_series_dropped_total',
    'Service addresses that have no series, being too many.',
    ({ view }) => [[{}, view.service_series_dropped]],
  ),
  histogram(
    'update_propagation_seconds',
    "From the UPDATE read to the last client's write.",
    function* (view) {
      for (const { afi, kind, histogram: counted } of view.update_propagation_seconds) {
        yield* histogramSamples(counted, { afi, kind });
      }
    },
  ),
  histogram(
    'failover_seconds',
    "From what took a service address away to the last client's write.",
    function* (view) {
      for (const { trigger, histogram: counted } of view.failover_seconds) {
        yield* histogramSamples(counted, { trigger });
      }
    },
  ),
  one('gauge', 'sse_clients', 'Readers of the event stream.', ({ sseClients }) => [
    [{}, sseClients],
  ]),
  histogram(
    'timer_lateness_seconds',
    'How late a timer was served: the truth about a short hold time.',
    function* (view) {
      const { keepalive, hold } = view.timer_lateness_seconds;
      yield* histogramSamples(keepalive, { timer: 'keepalive' });
      yield* histogramSamples(hold, { timer: 'hold' });
    },
  ),
];
