import { stringify } from 'yaml';
import type { Imported, ImportedPeer, Note } from './model.ts';
import { mayAcceptMore } from './notes.ts';

/** Returns the configuration as YAML; a comment at its head tells what could not be imported. */
export function configurationText(
  imported: Imported,
  notes: readonly Note[],
  file: string,
): string {
  const { routerId, localAs, listen, decision, policies, peers, ranges } = imported;
  const groups = groupsOf([...peers, ...ranges]);
  const body = {
    router_id: routerId ?? '0.0.0.1',
    local_as: localAs ?? 1,
    ...(listen.length > 0 && { listen }),
    ...(Object.keys(decision).length > 0 && { decision }),
    ...(imported.rpki !== undefined && { rpki: imported.rpki }),
    ...(policies.size > 0 && { policies: Object.fromEntries(policies) }),
    ...(groups.size > 0 && { peer_groups: Object.fromEntries(groups) }),
    peers: peers.map((peer) => ({ ...nameOf(peer), ...ownKeys(peer, groups) })),
    ...(ranges.length > 0 && { peer_ranges: ranges.map((range) => ownKeys(range, groups)) }),
  };
  const head = [
    `Imported from ${file} by fingerpost import.`,
    'Keys that a new configuration would not need make fingerpost behave as that daemon did: accept_next_hop,',
    'enforce_first_as, allow_as_sets, communities. A client whose export policy rejects the best path, or that announced it,',
    'is sent the next one, where BIRD and FRR send no route. Test it with fingerpost check, and with shadow: true beside the old one.',
    ...listed(
      'Not imported, so that this configuration may accept or send what the original rejects:',
      notes.filter(mayAcceptMore),
    ),
    ...listed(
      'Not imported:',
      notes.filter((note) => !mayAcceptMore(note)),
    ),
  ];
  const comment = head.map((line) => `# ${line}`.trimEnd()).join('\n');
  return `${comment}\n\n${stringify(body, { lineWidth: 120, aliasDuplicateObjects: false })}`;
}

function listed(title: string, notes: readonly Note[]): string[] {
  if (notes.length === 0) return [];
  return ['', title, ...notes.map(({ line, text }) => `  line ${line}: ${text}`)];
}

/** A peer is named after its address unless it has a name. */
function nameOf({ name, keys }: ImportedPeer): { name?: string } {
  return name === keys.address ? {} : { name };
}

/** Returns the keys that all peers of a template or group have in common. */
function groupsOf(peers: readonly ImportedPeer[]): Map<string, Record<string, unknown>> {
  const groups = new Map<string, Record<string, unknown>>();
  const names = new Set(peers.flatMap(({ group }) => group ?? []));
  for (const name of names) {
    const members = peers.filter(({ group }) => group === name);
    const [first] = members;
    const common = Object.entries(first.keys).filter(
      ([key, value]) =>
        key !== 'address' &&
        key !== 'range' &&
        members.every(({ keys }) => JSON.stringify(keys[key]) === JSON.stringify(value)),
    );
    groups.set(name, Object.fromEntries(common));
  }
  return groups;
}

function ownKeys(
  { group, keys }: ImportedPeer,
  groups: ReadonlyMap<string, Record<string, unknown>>,
): Record<string, unknown> {
  const common = group === undefined ? undefined : groups.get(group);
  const own = Object.entries(keys).filter(
    ([key]) => common === undefined || !Object.hasOwn(common, key),
  );
  const { address, range, ...rest } = Object.fromEntries(own);
  return {
    ...(address !== undefined && { address }),
    ...(range !== undefined && { range }),
    ...(group !== undefined && { group }),
    ...rest,
  };
}
