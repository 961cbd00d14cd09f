import { asPathLength } from '#wire/as-path.ts';
import type { BlockFacts } from '#wire/block-scan.ts';
import { isNonTransitive, wellKnownCommunities } from '#wire/communities.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';

/**
 * Returns what `BlockScan` finds in a block, derived from the decoded attributes: for unusual blocks, and as its
 * oracle.
 */
export function factsOf(attributes: PathAttributes): BlockFacts {
  const { origin, asPath, med, communities, extCommunities, ipv6ExtCommunities } = attributes;
  const first = asPath[0];
  return {
    origin,
    asPathLength: asPathLength(asPath),
    firstAs: first?.kind === 'sequence' ? first.asns[0] : 0,
    hasAsSet: asPath.some(({ kind }) => kind === 'set'),
    hasMed: med !== undefined,
    med: med ?? 0,
    isGracefulShutdown: communities.includes(wellKnownCommunities.graceful_shutdown),
    isLongLivedStale: communities.includes(wellKnownCommunities.llgr_stale),
    hasNonTransitive: [...extCommunities, ...ipv6ExtCommunities].some((it) =>
      isNonTransitive(it[0]),
    ),
  };
}
