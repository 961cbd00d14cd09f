import { importBird } from './bird.ts';
import { configurationText } from './configuration-text.ts';
import { importFrr } from './frr.ts';
import type { ImportedFrom } from './imported-from.ts';
import type { Imported, ImportedPeer, Note } from './model.ts';

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
  return { from, yaml: configurationText(imported, notes, file), notes };
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
