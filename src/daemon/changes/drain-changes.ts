import type { Config } from '#config/config.ts';
import type { PeerPlan } from '#config/plan.ts';
import { covers, type DrainTarget, targetText } from '#services/drain.ts';

/** What is drained, and the id of its drain. */
interface Drained {
  readonly id: string;
  readonly target: DrainTarget;
}

/**
 * Returns a function that adds to the plan of a peer that a drain no longer covers it, or now does: another name of its
 * node, site or rack would otherwise put a drained node back into service unnoticed.
 */
export function withDrains(
  drains: Iterable<Drained>,
  before: Config,
  after: Config,
): (plan: PeerPlan) => PeerPlan {
  const all = [...drains];
  if (all.length === 0) return (plan) => plan;
  const [was, is] = [before, after].map(
    ({ peers }) =>
      new Map(peers.map((peer) => [peer.name, all.filter(({ target }) => covers(target, peer))])),
  );
  return (plan) => {
    const [old, now] = [was.get(plan.peer), is.get(plan.peer)];
    if (old === undefined || now === undefined) return plan;
    if (old.length > 0 && now.length === 0) return because(plan, 'no longer drained by', old);
    if (old.length === 0 && now.length > 0) return because(plan, 'now drained by', now);
    return plan;
  };
}

function because(plan: PeerPlan, what: string, drains: readonly Drained[]): PeerPlan {
  const names = drains.map(({ id, target }) => `${id} of ${targetText(target)}`);
  return { ...plan, why: [...plan.why, `${what} ${names.join(' and ')}`] };
}
