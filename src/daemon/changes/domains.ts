import type { DomainName } from '#api/names.ts';
import { QueryError } from '#api/queries.ts';
import { covers } from '#services/drain.ts';
import { nearest } from '#text/nearest.ts';
import type { RunningPeer } from '../peers/running-peer.ts';
import type { RunningPeers } from '../peers/running-peers.ts';

/** How many names an error lists. */
const namesTold = 20;

/** A node, site or rack with all its peers, or a single peer: what fails, or is drained, at once. */
export interface Domain {
  readonly kind: DomainName;
  readonly name: string;
  readonly peers: readonly RunningPeer[];
}

/** Throws a QueryError for a name that no peer has. A peer may also be given by its address. */
export function domainOf(running: RunningPeers, kind: DomainName, name: string): Domain {
  const peer = kind === 'peer' ? running.find(name) : undefined;
  if (peer !== undefined) return { kind, name: peer.name, peers: [peer] };
  const peers = [...running].filter(
    ({ config }) => !config.observer && covers({ kind, name }, config),
  );
  if (peers.length > 0) return { kind, name, peers };
  throw new QueryError(`unknown_${kind}`, unknownText(kind, name, domainsOf(running, kind)));
}

/** Returns the names of those that may announce anything, each once. */
export function domainsOf(running: RunningPeers, kind: DomainName): string[] {
  const sources = [...running].filter(({ config }) => config.import !== 'none');
  const names = sources.flatMap(({ name, config }) =>
    kind === 'peer' ? [name] : (config[kind] ?? []),
  );
  return [...new Set(names)];
}

/** Returns `unknown node w9; did you mean w1? known: w1, w2, w3`. */
function unknownText(kind: DomainName, name: string, known: readonly string[]): string {
  if (known.length === 0)
    return `unknown ${kind} ${name}: no announcing peer has a ${kind} configured`;
  const near = nearest(name, known);
  const meant = near === undefined ? '' : ` did you mean ${near}?`;
  const more = known.length > namesTold ? `, and ${known.length - namesTold} more` : '';
  return `unknown ${kind} ${name};${meant} known: ${known.slice(0, namesTold).join(', ')}${more}`;
}
