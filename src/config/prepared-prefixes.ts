import type { Policy, PolicyChoice } from '#policy/policy.ts';
import type { PrefixSetData } from '#policy/prefix-set.ts';
import { prefixSetOf } from '#policy/rule-table.ts';
import type { Config } from './config.ts';

/** The prefixes of a list of policies, built where the configuration was loaded. */
export interface PreparedList {
  readonly policies: readonly Policy[];
  readonly prefixes: PrefixSetData;
}

/** By the first policy of the list; they go with the configuration that they belong to. */
const prepared = new WeakMap<Policy, PreparedList[]>();

/** Builds what the judges of a configuration need, each list of policies once. */
export function prepareLists({ peers, peerRanges }: Config): PreparedList[] {
  const lists = new Map<string, readonly Policy[]>();
  for (const session of [...peers, ...peerRanges]) {
    for (const choice of [session.import, session.export]) note(lists, choice);
  }
  return [...lists.values()].map((policies) => ({ policies, prefixes: prefixSetOf(policies) }));
}

/** Names are unique within a configuration. */
function note(lists: Map<string, readonly Policy[]>, choice: PolicyChoice): void {
  if (typeof choice === 'string' || choice.length === 0) return;
  lists.set(JSON.stringify(choice.map(({ name }) => name)), choice);
}

/** Takes over what another thread has built. */
export function notePrepared(list: PreparedList): void {
  const [first] = list.policies;
  prepared.set(first, [...(prepared.get(first) ?? []), list]);
}

/** What has been built for the list; `undefined` where it was not loaded aside. */
export function preparedPrefixes(policies: readonly Policy[]): PrefixSetData | undefined {
  if (policies.length === 0) return undefined;
  const lists = prepared.get(policies[0]) ?? [];
  const isSame = (known: readonly Policy[]): boolean =>
    known.length === policies.length && known.every((policy, at) => policy === policies[at]);
  return lists.find((list) => isSame(list.policies))?.prefixes;
}
