/** A drain: an operator takes a node, or several, out of service on this server. Sessions stay up. */
export interface DrainTarget {
  readonly kind: 'node' | 'site' | 'rack' | 'peer';
  readonly name: string;
}

/** The fields of a peer that a target looks at. */
export interface DrainablePeer {
  readonly name: string;
  readonly node: string;
  readonly site?: string;
  readonly rack?: string;
}

export function covers({ kind, name }: DrainTarget, peer: DrainablePeer): boolean {
  return (kind === 'peer' ? peer.name : peer[kind]) === name;
}

export function isSameTarget(a: DrainTarget, b: DrainTarget): boolean {
  return a.kind === b.kind && a.name === b.name;
}

/** Returns `node w1`. */
export function targetText({ kind, name }: DrainTarget): string {
  return `${kind} ${name}`;
}
