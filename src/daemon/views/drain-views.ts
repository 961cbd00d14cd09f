import type { DomainName } from '#api/names.ts';
import type { Work } from '#api/queries.ts';
import type { DrainView, NodeEffectView } from '#api/views/drain.ts';
import type { MetricsView } from '#api/views/metrics.ts';
import { timestamp } from '#clock.ts';
import { covers, targetText } from '#services/drain.ts';
import { domainOf } from '../changes/domains.ts';
import type { Daemon } from '../daemon.ts';
import type { Drain } from '../drains/stored-drains.ts';
import type { RunningPeer } from '../peers/running-peer.ts';

/** Makes the JSON of drains, with the effect that each has had. */
export class DrainViews {
  private readonly daemon: Daemon;

  constructor(daemon: Daemon) {
    this.daemon = daemon;
  }

  *all(): Work<DrainView[]> {
    const views: DrainView[] = [];
    const drains = Array.from(this.daemon.drains);
    for (const drain of drains) views.push(yield* this.view(drain));
    return views;
  }

  /** `undefined` for an unknown id. */
  one(id: string): Work<DrainView> | undefined {
    const drain = this.daemon.drains.withId(id);
    return drain === undefined ? undefined : this.view(drain);
  }

  /** Throws a QueryError for a node that no peer belongs to. */
  ofNode(name: string): Work<NodeEffectView> {
    return this.nodeView(name, domainOf(this.daemon.peers, 'node', name).peers);
  }

  /**
   * Returns the nodes of a drain that is in force, also when no peer of that name is left, or of one that may begin.
   * Throws a QueryError for a name that neither a drain nor a peer has.
   */
  nodesOf(kind: DomainName, name: string): string[] {
    const { drains, peers } = this.daemon;
    const drain = drains.ofTarget({ kind, name });
    return namesOf(drain === undefined ? domainOf(peers, kind, name).peers : this.coveredBy(drain));
  }

  metrics(): Pick<MetricsView, 'drains' | 'are_drains_lost'> {
    const { drains } = this.daemon;
    return {
      drains: Array.from(drains, (drain) => ({
        id: drain.id,
        target: targetText(drain.target),
        is_overdue: drains.overdueOf(drain) !== undefined,
      })),
      are_drains_lost: drains.areLost,
    };
  }

  private *nodeView(node: string, peers: readonly RunningPeer[]): Work<NodeEffectView> {
    const { counts, rows } = yield* this.daemon.effects.of(peers);
    return { node, moved: counts.no + counts.unknown === 0, counts, rows };
  }

  private *view(drain: Drain): Work<DrainView> {
    const { drains } = this.daemon;
    const covered = this.coveredBy(drain);
    const until = drains.untilOf(drain);
    const overdue = drains.overdueOf(drain);
    const { id, target, comment, by, sinceWallMs, isVolatile } = drain;
    return {
      id,
      target,
      nodes: namesOf(covered),
      since: timestamp(sinceWallMs),
      ...(until !== undefined && { until }),
      ...(overdue !== undefined && { overdue }),
      ...(comment !== undefined && { comment }),
      by,
      ...(isVolatile && { is_volatile: true }),
      ...(yield* this.daemon.effects.of(covered)),
    };
  }

  private coveredBy({ target }: Drain): RunningPeer[] {
    return [...this.daemon.peers].filter(({ config }) => covers(target, config));
  }
}

/** Returns the name of each node once. */
function namesOf(peers: readonly RunningPeer[]): string[] {
  return [...new Set(peers.map(({ config }) => config.node))];
}
