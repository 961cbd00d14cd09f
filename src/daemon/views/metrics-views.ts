import type { MetricsView, PeerMetricsView } from '#api/views/metrics.ts';
import { families } from '#wire/constants.ts';
import type { Reloads } from '../changes/reloads.ts';
import type { Daemon } from '../daemon.ts';
import type { KeptHistory } from '../record/kept-history.ts';
import type { DrainViews } from './drain-views.ts';
import type { PeerViews } from './peer-views.ts';

/** The numbers of the daemon, for Prometheus. */
export class MetricsViews {
  private readonly daemon: Daemon;
  private readonly reloads: Pick<Reloads, 'confirmBy'>;
  private readonly peerViews: PeerViews;
  private readonly drainViews: DrainViews;

  constructor(
    daemon: Daemon,
    reloads: Pick<Reloads, 'confirmBy'>,
    peerViews: PeerViews,
    drainViews: DrainViews,
  ) {
    this.daemon = daemon;
    this.reloads = reloads;
    this.peerViews = peerViews;
    this.drainViews = drainViews;
  }

  /** Yields between peers. */
  *all(): Generator<void, MetricsView> {
    const peers: PeerMetricsView[] = [];
    for (const peer of this.daemon.peers) {
      if (!peer.isStranger) peers.push(this.peerViews.metrics(peer));
      yield;
    }
    const siblings = yield* this.siblingMetrics();
    const { config, configuration, view, timings, services } = this.daemon;
    const { lateness } = timings;
    return {
      peers,
      families: families.map(({ family, name }) => {
        const { prefixCount, pathCount, bestChanges, bytes } = view.families[family];
        return {
          family: name,
          prefixes: prefixCount,
          paths: pathCount,
          best_changes: bestChanges,
          memory_bytes: bytes,
        };
      }),
      config: {
        hash: config.hash,
        last_reload_ok: configuration.lastReloadOk,
        is_confirm_pending: this.reloads.confirmBy !== undefined,
        is_confirmed_lost: this.daemon.kept.isConfirmedLost,
        last_reload_success_s: configuration.loadedWallMs / 1000,
      },
      update_propagation_seconds: this.daemon.propagation.view(),
      failover_seconds: services.moves.histogramViews(),
      failover_stage_seconds: this.daemon.journal.failovers.stageViews(),
      ...historyMetrics(this.daemon.journal.keptHistory),
      service_series_dropped: services.addresses.seriesDropped,
      ...this.drainViews.metrics(),
      is_state_lost: this.daemon.readiness.isMemoryLost,
      probes: Array.from(this.daemon.probes.list(), ({ service, peer, state }) => ({
        service,
        node: this.daemon.peers.withId(peer)?.config.node ?? '',
        state,
      })),
      probe_brakes: this.daemon.config.services
        .filter(({ probe }) => probe !== undefined)
        .map(({ name }) => ({ service: name, is_on: this.daemon.probes.isBraked(name) })),
      siblings,
      bmp_collectors: Array.from(this.daemon.bmp.connected(), ([collector, is_connected]) => ({
        collector,
        is_connected,
      })),
      rpki_caches: Array.from(this.daemon.rpki.up(), ([cache, is_up]) => ({ cache, is_up })),
      rpki_vrps: families.map(({ family, name }) => ({
        family: name,
        count: this.daemon.rpki.data.countOf(family),
      })),
      rpki_aspas: this.daemon.rpki.data.aspaCount,
      bfd_brake_applied: this.daemon.bfd.list().brake?.applied ?? 0,
      best_path_seconds: timings.bestPath.view(),
      slice_seconds: timings.slices.view(),
      timer_lateness_seconds: {
        keepalive: lateness.keepalive.view(),
        hold: lateness.hold.view(),
      },
    };
  }

  private *siblingMetrics(): Generator<void, MetricsView['siblings']> {
    const tallies = yield* this.daemon.coherence.tallies();
    return Array.from(tallies, ([sibling, { counts, disagreeing }]) => ({
      sibling,
      is_heard: this.daemon.siblings.unknown(sibling) === undefined,
      counts,
      disagreeing,
    }));
  }
}

function historyMetrics(kept: KeptHistory | undefined): Pick<MetricsView, 'history'> {
  if (kept === undefined) return {};
  const { isWritten, sizeBytes, dropped } = kept.state;
  return { history: { is_written: isWritten, size_bytes: sizeBytes, dropped } };
}
