import { standardCommunity } from '#wire/communities.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';
import type { Match } from './match.ts';
import type { CommunityPattern } from './patterns.ts';
import type { Rule } from './policy.ts';

/** One community: a standard one as its number, a large one as text. */
export type CommunityKey = number | string;

/** What rules do with every route that has none of these communities. */
export interface Usual {
  readonly communities: readonly CommunityKey[];
  /** Rules with an equal outcome do the same with a route that has none of the communities of either. */
  readonly outcome: string;
}

/**
 * Returns what the rules usually do. `undefined` if a rule that comes before the one that decides looks at anything but
 * whether the route has one of some communities.
 */
export function usualOf(rules: readonly Rule[]): Usual | undefined {
  const communities: CommunityKey[] = [];
  for (const { match, set, then } of rules) {
    if (Object.values(match).every((values) => values === undefined)) {
      // Later rules may look for what it adds.
      return then === 'next' ? undefined : { communities, outcome: JSON.stringify([set, then]) };
    }
    const needed = neededCommunities(match);
    if (needed === undefined) return undefined;
    for (const one of needed) communities.push(one);
  }
  return { communities, outcome: 'undecided' };
}

/** Returns the communities of a route that `usualOf` may have named. */
export function communityKeys(route: PathAttributes): CommunityKey[] {
  return [...route.communities, ...route.largeCommunities.map((parts) => parts.join(':'))];
}

/** Returns communities of which every route that matches has at least one; `undefined` if they cannot be listed. */
function neededCommunities({ community, largeCommunity }: Match): CommunityKey[] | undefined {
  if (community?.every(isOneCommunity) === true) {
    return community.map(([high, low]) => standardCommunity(high, low));
  }
  if (largeCommunity?.every(isOneCommunity) === true) {
    return largeCommunity.map((parts) => parts.join(':'));
  }
  return undefined;
}

function isOneCommunity(pattern: CommunityPattern): pattern is readonly number[] {
  return !pattern.includes(undefined);
}
