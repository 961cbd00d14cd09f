import { bit, histogram, histogramSamples, known, one, perFamily, type Row } from './metric-row.ts';
import { peerMetricRows } from './peer-metric-rows.ts';
import { serviceMetricRows } from './service-metric-rows.ts';

/** One row for each metric, in the order of the page. */
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
  ...peerMetricRows,
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
  ...serviceMetricRows,
  one('gauge', 'bfd_session_up', '1 if the BFD session with the peer is up.', ({ peers }) =>
    peers.flatMap(({ common, counted: { view } }) =>
      view.bfd === undefined ? [] : [[common, bit(view.bfd.state === 'up')] as const],
    ),
  ),
  one(
    'counter',
    'bfd_brake_applied_total',
    'Number of times that the brake was applied: BFD ended no session, because many were lost together or this host was at fault.',
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
