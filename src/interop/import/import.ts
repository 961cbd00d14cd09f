import { stringify } from 'yaml';
import { importBird } from './bird.ts';
import { importFrr } from './frr.ts';
import type { ImportedFrom } from './imported-from.ts';
import type { Imported, ImportedPeer, Note } from './model.ts';
import { mayAcceptMore } from './notes.ts';

export interface ImportOutcome {
  readonly from: ImportedFrom;
  /** A complete configuration of fingerpost. */
  readonly yaml: string;
  /** Parts that could not be imported, those first without which too much is accepted or sent. */
  readonly notes: readonly Note[];
}

const readers = { bird: importBird, frr: importFrr } as const;

/**
 * Returns the configuration of another route server as one of ours. The kind is guessed from the text unless it
 * is given. Throws an ImportError if the text is no such configuration.
 */
export function importConfig(text: string, file: string, given?: ImportedFrom): ImportOutcome {
  const from = given ?? guessed(text);
  const { localAs, ...read } = readers[from](text);
  const numbers: Note[] = [];
  const imported = {
    ...read,
    ...(localAs !== undefined && !Number.isNaN(localAs) && { localAs }),
    peers: read.peers.map((peer) => withNumbers(peer, numbers)),
    ranges: read.ranges.map((range) => withNumbers(range, numbers)),
  };
  const notes = [...imported.notes, ...numbers, ...missing(imported)];
  return { from, yaml: yamlOf(imported, notes, file), notes };
}

/** Files of FRR and Quagga have `router bgp`, and no semicolons. */
export function guessed(text: string): ImportedFrom {
  return /^\s*router\s+bgp\s+\d/m.test(text) ? 'frr' : 'bird';
}

function missing({ routerId, localAs, peers }: Imported): Note[] {
  return [
    ...(routerId === undefined ? [{ line: 1, text: 'there is no router id: add router_id' }] : []),
    ...(localAs === undefined ? [{ line: 1, text: 'there is no AS: add local_as' }] : []),
    ...(peers.length === 0 ? [{ line: 1, text: 'no peer was found' }] : []),
  ];
}

/** Removes keys for which the text has a word where a number belongs, and notes them. */
function withNumbers(peer: ImportedPeer, notes: Note[]): ImportedPeer {
  const wrong = Object.keys(peer.keys).filter((key) => Number.isNaN(peer.keys[key]));
  for (const key of wrong)
    notes.push({ line: 1, text: `${peer.name}: left out: ${key}: it is not a number` });
  const kept = Object.entries(peer.keys).filter(([key]) => !wrong.includes(key));
  return wrong.length === 0 ? peer : { ...peer, keys: Object.fromEntries(kept) };
}

function yamlOf(imported: Imported, notes: readonly Note[], file: string): string {
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
