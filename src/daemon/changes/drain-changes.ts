import type { PeerConfig } from '#config/config.ts';
import type { PeerPlan } from '#config/plan.ts';
import { covers, type DrainTarget, targetText } from '#services/drain.ts';

/** What is drained, and the id of its drain. */
interface Drained {
  readonly id: string;
  readonly target: DrainTarget;
}

/**
 * Returns a function that adds to the plan of a peer that a drain no longer covers it, or now does: another name of the
 * peer, its node, site or rack would otherwise put a drained node back into service unnoticed. `before` and `after` are
 * all peers, those of ranges included. A new peer at the address of one that is removed is the same under another name.
 */
export function withDrains(
  drains: Iterable<Drained>,
  before: readonly PeerConfig[],
  after: readonly PeerConfig[],
): (plan: PeerPlan) => PeerPlan {
  const all = [...drains];
  if (all.length === 0) return (plan) => plan;
  const known = new Map(before.map((peer) => [peer.name, peer]));
  const next = new Map(after.map((peer) => [peer.name, peer]));
  const removed = before.filter(({ name }) => !next.has(name));
  const renamed = new Map(removed.map((peer) => [peer.addressText, peer]));
  const drainsOf = (peer: PeerConfig) => all.filter(({ target }) => covers(target, peer));
  return (plan) => {
    const peer = next.get(plan.peer);
    const former = known.get(plan.peer) ?? renamed.get(peer?.addressText ?? '');
    if (peer === undefined || former === undefined) return plan;
    const [was, is] = [drainsOf(former), drainsOf(peer)];
    if (was.length > 0 && is.length === 0) return because(plan, 'no longer drained by', was);
    if (was.length === 0 && is.length > 0) return because(plan, 'now drained by', is);
    return plan;
  };
}

function because(plan: PeerPlan, what: string, drains: readonly Drained[]): PeerPlan {
  const names = drains.map(({ id, target }) => `${id} of ${targetText(target)}`);
  return { ...plan, why: [...plan.why, `${what} ${names.join(' and ')}`] };
}
