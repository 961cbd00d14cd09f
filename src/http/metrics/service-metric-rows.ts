import { coherenceStates } from '#services/coherence.ts';
import { bit, known, one, type Row, type Value } from './metric-row.ts';

/** One row for each metric of services, of their probes and drains, and of sibling route servers. */
export const serviceMetricRows: readonly Row[] = [
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
    '1 while the brake is applied: so many nodes do not answer that probes change no ranking.',
    ({ view }) => view.probe_brakes.map(({ service, is_on: isOn }) => [{ service }, bit(isOn)]),
  ),
  one('gauge', 'drain_active', 'Drains of this server, always 1.', ({ view }) =>
    view.drains.map(({ id, target }) => [{ id, target }, 1]),
  ),
  one(
    'gauge',
    'drain_overdue',
    '1 if the time of the drain is over and the drain has not ended.',
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
];
