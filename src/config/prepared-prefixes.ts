import type { Policy, PolicyChoice } from '#policy/policy.ts';
import type { PrefixSetData } from '#policy/prefix-set.ts';
import { prefixSetOf } from '#policy/rule-table.ts';
import type { Config } from './config.ts';

/** The prefix index of a list of policies, built by the thread that loaded the configuration. */
export interface PreparedList {
  readonly policies: readonly Policy[];
  readonly prefixes: PrefixSetData;
}

/** The key is the first policy of the list; an index is dropped together with its configuration. */
const prepared = new WeakMap<Policy, PreparedList[]>();

/** Builds what the judges of a configuration need, once for each list of policies. */
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

/** Records what another thread has built. */
export function notePrepared(list: PreparedList): void {
  const [first] = list.policies;
  prepared.set(first, [...(prepared.get(first) ?? []), list]);
}

/** Returns what was built for the list; `undefined` if it was not loaded in a thread. */
export function preparedPrefixes(policies: readonly Policy[]): PrefixSetData | undefined {
  if (policies.length === 0) return undefined;
  const lists = prepared.get(policies[0]) ?? [];
  const isSame = (known: readonly Policy[]): boolean =>
    known.length === policies.length && known.every((policy, at) => policy === policies[at]);
  return lists.find((list) => isSame(list.policies))?.prefixes;
}
