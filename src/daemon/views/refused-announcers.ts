import type { PeerId, PrefixId } from '#policy/ids.ts';
import { rejectReasons } from '#policy/policy.ts';
import type { FamilyView } from '#rib/view.ts';

/** `announced by w1 w2, refused: prefix_length`, of a prefix whose paths are all refused; `undefined` where there is none. */
export function refusedAnnouncers(
  family: FamilyView,
  prefix: PrefixId,
  nodeOf: (peer: PeerId) => string | undefined,
): string | undefined {
  const nodes = new Set<string>();
  const reasons = new Set<string>();
  for (const path of family.paths(prefix)) {
    const { peer, reason } = family.path(path);
    const node = nodeOf(peer);
    if (node !== undefined) nodes.add(node);
    reasons.add(rejectReasons[reason]);
  }
  if (nodes.size === 0) return undefined;
  return `announced by ${[...nodes].toSorted().join(' ')}, refused: ${[...reasons].join(', ')}`;
}
