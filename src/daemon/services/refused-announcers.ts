import type { PeerId, PrefixId } from '#policy/ids.ts';
import { rejectReasons } from '#policy/reasons.ts';
import type { FamilyView } from '#rib/view.ts';

/**
 * Returns `announced by W1 W2, refused: prefix_length` for a prefix whose paths are all refused; `undefined` if there
 * is none.
 */
export function refusedAnnouncers(
  family: FamilyView,
  prefix: PrefixId,
  nameOf: (peer: PeerId) => string | undefined,
): string | undefined {
  const names = new Set<string>();
  const reasons = new Set<string>();
  for (const path of family.paths(prefix)) {
    const { peer, reason } = family.path(path);
    const name = nameOf(peer);
    if (name !== undefined) names.add(name);
    reasons.add(rejectReasons[reason]);
  }
  if (names.size === 0) return undefined;
  return `announced by ${[...names].toSorted().join(' ')}, refused: ${[...reasons].join(', ')}`;
}
