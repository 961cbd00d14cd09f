import { stateNames, updateErrorActions } from '#api/names.ts';
import type { PeerMetricsView } from '#api/views/metrics.ts';
import type { MessageCounts, PrefixCounts } from '#api/views/peer.ts';
import { coherenceStates } from '#services/coherence.ts';
import { dropReasons } from '#session/host.ts';
import { familyNames } from '#wire/constants.ts';
import {
  familyLabels,
  histogram,
  histogramSamples,
  known,
  one,
  perFamily,
  perPeer,
  type Row,
  type Value,
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
  one('gauge', 'build_info', 'Information about the program, always 1.', ({ status, revision }) => [
    [{ version: status.version, revision, node_version: process.version }, 1],
  ]),
  one('gauge', 'info', 'Information about the route server, always 1.', ({ status }) => [
    [{ router_id: status.router_id, local_as: status.local_as }, 1],
  ]),
  one('gauge', 'ready', '1 if /readyz reports that the daemon is ready.', ({ status }) => [
    [{}, bit(status.ready)],
  ]),
  one('gauge', 'config_last_reload_successful', '1 if the last reload was applied.', ({ view }) => [
    [{}, bit(view.config.last_reload_ok)],
  ]),
  one(
    'gauge',
    'config_last_reload_success_timestamp_seconds',
    'Time at which the running configuration was applied.',
    ({ view }) => [[{}, view.config.last_reload_success_s]],
  ),
  one(
    'gauge',
    'config_confirm_pending',
    '1 if a reload waits for confirmation and is reverted without it.',
    ({ view }) => [[{}, bit(view.config.is_confirm_pending)]],
  ),
  one(
    'gauge',
    'config_confirmed_lost',
    '1 if the daemon was to start with the confirmed configuration and could not read it.',
    ({ view }) => [[{}, bit(view.config.is_confirmed_lost)]],
  ),
  one(
    'gauge',
    'config_hash_info',
    'Information about the running configuration, always 1.',
    ({ view }) => [[{ hash: view.config.hash }, 1]],
  ),
  one(
    'counter',
    'unknown_source_calls_total',
    'BGP connections from addresses that belong to no peer, which are closed at once.',
    ({ status }) => [[{}, status.unknown_sources]],
  ),
  perPeer(
    'gauge',
    'up',
    '1 if the session is Established. Absent for a peer of a range that has left, because it may not return.',
    ({ view }) => {
      const isUp = view.state === 'established';
      return view.range !== undefined && !isUp ? [] : [[{}, bit(isUp)]];
    },
  ),
  perPeer('gauge', 'admin_up', '0 if the peer is disabled by an operator.', ({ view }) => [
    [{}, bit(view.enabled)],
  ]),
  perPeer('gauge', 'drained', '1 if an operator drains the peer on this server.', (counted) => [
    [{}, bit(counted.is_drained)],
  ]),
  perPeer('gauge', 'state', 'State of the session (RFC 4271); exactly one is 1.', ({ view }) =>
    stateNames.map((state) => [{ state }, bit(view.state === state)]),
  ),
  perPeer(
    'gauge',
    'last_state_change_timestamp_seconds',
    'Time at which the session entered its present state.',
    (peer) => [[{}, peer.last_state_change_s]],
  ),
  perPeer(
    'counter',
    'established_transitions_total',
    'Number of times that the session became Established.',
    (peer) => [[{}, peer.established_transitions]],
  ),
  perPeer(
    'counter',
    'session_drops_total',
    'Number of times that an Established session ended.',
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
    'NOTIFICATION messages by code and subcode; only those that occurred.',
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
    '1 if the routes of a family are ignored in this session because the peer sent malformed ones.',
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
    'Time of the last BGP message.',
    ({ last_message_s }) => [
      ...known({ direction: 'in' }, last_message_s.received),
      ...known({ direction: 'out' }, last_message_s.sent),
    ],
  ),
  perPeer('gauge', 'output_queue_bytes', 'Bytes that the socket has not accepted yet.', (peer) => [
    [{}, peer.output_queue_bytes],
  ]),
  perPeer(
    'gauge',
    'prefixes',
    'Prefixes by table; always select one table. Stale prefixes are kept by graceful restart and are also counted as received.',
    prefixes,
  ),
  perPeer('gauge', 'prefix_limit', 'Configured maximum number of prefixes.', ({ limits }) =>
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
    'Estimated memory of the tables.',
    (family) => family.memory_bytes,
  ),
  histogram('best_path_seconds', 'Duration of the decision process for each batch.', (view) =>
    histogramSamples(view.best_path_seconds),
  ),
  histogram(
    'slice_seconds',
    'Duration of a slice of work, during which no timer fires and nothing is read.',
    (view) => histogramSamples(view.slice_seconds),
  ),
  one('gauge', 'service_best', 'The node that serves the address now, always 1.', ({ services }) =>
    services.flatMap(({ prefix, paths }) =>
      paths.slice(0, 1).map(({ peer, node }): Value => [{ prefix, peer, node }, 1]),
    ),
  ),
  one('gauge', 'service_paths', 'Candidate paths, including the best one.', ({ services }) =>
    services.map(({ prefix, paths }) => [{ prefix }, paths.length]),
  ),
  one(
    'gauge',
    'service_backups',
    'Healthy nodes in addition to the one of the best path.',
    ({ services }) => services.map(({ prefix, backups }) => [{ prefix }, backups.length]),
  ),
  one('gauge', 'service_best_med', 'MED of the best path.', ({ services }) =>
    services.flatMap(({ prefix, best, best_med }) =>
      known({ prefix }, best === undefined ? undefined : (best_med ?? 0)),
    ),
  ),
  one(
    'gauge',
    'service_last_path_kept',
    '1 while the last path of the address is kept although its node has withdrawn it.',
    ({ services }) =>
      services.map(({ prefix, paths }) => [{ prefix }, bit(paths[0]?.kept_until !== undefined)]),
  ),
  one('counter', 'service_best_changes_total', 'Failovers of the address.', ({ services }) =>
    services.map(({ prefix, best_changes }) => [{ prefix }, best_changes]),
  ),
  one(
    'gauge',
    'service_preferred',
    '1 if the address is served by its home node.',
    ({ services }) =>
      services.flatMap(({ prefix, home, at_home }) =>
        home === undefined ? [] : [[{ prefix }, bit(at_home === true)] as const],
      ),
  ),
  one(
    'counter',
    'service_series_dropped_total',
    'Service addresses without series of their own because there are too many.',
    ({ view }) => [[{}, view.service_series_dropped]],
  ),
  one(
    'gauge',
    'service_probe_up',
    '1 if the address of the node answers, 0 if it does not; absent while that is not known.',
    ({ view }) =>
      view.probes.flatMap(({ service, node, state }) =>
        state === 'unknown' ? [] : [[{ service, node }, bit(state === 'answering')] as const],
      ),
  ),
  one(
    'gauge',
    'service_probe_brake',
    '1 while so many nodes do not answer that probes rank nothing.',
    ({ view }) => view.probe_brakes.map(({ service, is_on: isOn }) => [{ service }, bit(isOn)]),
  ),
  one('gauge', 'drain_active', 'Drains of this server, always 1.', ({ view }) =>
    view.drains.map(({ id, target }) => [{ id, target }, 1]),
  ),
  one(
    'gauge',
    'drain_overdue',
    '1 if the time of the drain is over and it could not end.',
    ({ view }) =>
      view.drains.map(({ id, target, is_overdue: overdue }) => [{ id, target }, bit(overdue)]),
  ),
  one(
    'gauge',
    'drains_lost',
    '1 if the drains that were in force before the restart could not be read.',
    ({ view }) => [[{}, bit(view.are_drains_lost)]],
  ),
  one(
    'gauge',
    'state_lost',
    '1 for ready_max_wait after a start that could not read which peers were up before it.',
    ({ view }) => [[{}, bit(view.is_state_lost)]],
  ),
  one(
    'gauge',
    'sibling_up',
    '1 if the sibling route server is observed and has sent its whole table.',
    ({ view }) => view.siblings.map(({ sibling, is_heard: heard }) => [{ sibling }, bit(heard)]),
  ),
  one(
    'gauge',
    'sibling_routes',
    'Addresses that are not the same at the sibling route server, by state.',
    ({ view }) =>
      view.siblings.flatMap(({ sibling, counts }) =>
        coherenceStates
          .filter((state) => state !== 'same')
          .map((state) => [{ sibling, state }, counts[state] ?? 0] as const),
      ),
  ),
  one(
    'gauge',
    'service_sibling_agrees',
    '1 if the sibling route server offers the same next hop for the address.',
    ({ view, services }) =>
      services.flatMap(({ prefix }) =>
        view.siblings
          .filter(({ is_heard: heard }) => heard)
          .map(
            ({ sibling, disagreeing }) =>
              [{ prefix, sibling }, bit(!disagreeing.has(prefix))] as const,
          ),
      ),
  ),
  one('gauge', 'bfd_session_up', '1 if the BFD session with the peer is up.', ({ peers }) =>
    peers.flatMap(({ common, counted: { view } }) =>
      view.bfd === undefined ? [] : [[common, bit(view.bfd.state === 'up')] as const],
    ),
  ),
  one(
    'counter',
    'bfd_brake_applied_total',
    'Times that BFD ended no session because many were lost together or this host was at fault.',
    ({ view }) => [[{}, view.bfd_brake_applied]],
  ),
  one('gauge', 'bmp_connected', '1 if the BMP collector is connected.', ({ view }) =>
    view.bmp_collectors.map(({ collector, is_connected: isConnected }) => [
      { collector },
      bit(isConnected),
    ]),
  ),
  one(
    'gauge',
    'rpki_cache_up',
    '1 if the RTR cache is connected and its data is in use.',
    ({ view }) => view.rpki_caches.map(({ cache, is_up: isUp }) => [{ cache }, bit(isUp)]),
  ),
  one('gauge', 'rpki_vrps', 'Validated ROA payloads in use.', ({ view }) =>
    view.rpki_caches.length === 0
      ? []
      : view.rpki_vrps.map(({ family, count }) => [{ family }, count]),
  ),
  one('gauge', 'rpki_aspas', 'ASPAs in use.', ({ view }) =>
    view.rpki_caches.length === 0 ? [] : [[{}, view.rpki_aspas]],
  ),
  histogram(
    'update_propagation_seconds',
    'Time from reading an UPDATE to writing to the last client.',
    function* (view) {
      for (const { afi, kind, histogram: counted } of view.update_propagation_seconds) {
        yield* histogramSamples(counted, { afi, kind });
      }
    },
  ),
  histogram(
    'failover_seconds',
    'Time from the loss of a service address to writing to the last client.',
    function* (view) {
      for (const { trigger, histogram: counted } of view.failover_seconds) {
        yield* histogramSamples(counted, { trigger });
      }
    },
  ),
  histogram(
    'failover_stage_seconds',
    'Time from the detection of a failover to each stage; silent: the silence before the detection.',
    function* (view) {
      for (const { stage, histogram: counted } of view.failover_stage_seconds) {
        yield* histogramSamples(counted, { stage });
      }
    },
  ),
  one(
    'gauge',
    'history_written',
    '1 if events are being written to state_dir, 0 if they are kept in memory only.',
    ({ view: { history } }) => (history === undefined ? [] : [[{}, bit(history.is_written)]]),
  ),
  one('gauge', 'history_size_bytes', 'Size of the file of the history.', ({ view: { history } }) =>
    known({}, history?.size_bytes),
  ),
  one(
    'counter',
    'history_dropped_total',
    'Events that were never written because the disk did not take them in time.',
    ({ view: { history } }) => known({}, history?.dropped),
  ),
  one('gauge', 'sse_clients', 'Clients of the event stream.', ({ sseClients }) => [
    [{}, sseClients],
  ]),
  histogram(
    'timer_lateness_seconds',
    'Delay of timers, which shows whether a short hold time is safe.',
    function* (view) {
      const { keepalive, hold } = view.timer_lateness_seconds;
      yield* histogramSamples(keepalive, { timer: 'keepalive' });
      yield* histogramSamples(hold, { timer: 'hold' });
    },
  ),
];
