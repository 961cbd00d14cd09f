import type { Config, SessionConfig } from '#config/config.ts';
import type { Policy, PolicyChoice } from '#policy/policy.ts';
import { parseAddress } from '#text/address.ts';
import { identifier } from '../render/text.ts';

/** Makes names that another daemon accepts; no two are equal. */
export class Names {
  private readonly taken = new Set<string>();
  private readonly known = new Map<string, string>();

  /** Returns the same name for the same text. */
  of(text: string): string {
    const known = this.known.get(text);
    if (known !== undefined) return known;
    const base = identifier(text);
    let name = base;
    for (let at = 2; this.taken.has(name.toLowerCase()); at++) name = `${base}_${at}`;
    this.taken.add(name.toLowerCase());
    this.known.set(text, name);
    return name;
  }
}

/** A peer, or the peers of a range. */
export interface Neighbour extends SessionConfig {
  readonly name: string;
  /** 4 or 16 bytes: the peer's address, or the first of the range. */
  readonly address: Uint8Array;
  /** The address without the interface of a link-local one; for a range its prefix. */
  readonly at: string;
  readonly isRange: boolean;
}

/** Returns the peers that another route server has to serve: observers are sent nothing. */
export function neighboursOf({ peers, peerRanges }: Config): Neighbour[] {
  return [
    ...peers
      .filter(({ observer }) => !observer)
      .map((peer) => ({ ...peer, at: peer.addressText.split('%')[0], isRange: false })),
    ...peerRanges.map((range) => ({
      ...range,
      name: `range ${range.rangeText}`,
      address: parseAddress(range.rangeText.split('/')[0]),
      at: range.rangeText,
      isRange: true,
    })),
  ];
}

/** Returns the policies that any peer uses, each once, in the order of the configuration. */
export function usedPolicies({ policies }: Config, neighbours: readonly SessionConfig[]): Policy[] {
  const used = new Set(neighbours.flatMap((peer) => [peer.import, peer.export].flatMap(chainOf)));
  return policies.filter((policy) => used.has(policy));
}

/** Returns whether a rule makes routes blackholes, for clients that take those. */
export function makesBlackholes(policies: readonly Policy[]): boolean {
  return policies.some(({ rules }) => rules.some(({ set }) => set.blackhole !== undefined));
}

export function chainOf(choice: PolicyChoice): readonly Policy[] {
  return typeof choice === 'string' ? [] : choice;
}

/** Returns the AS of the other side: the first of a list; `undefined` for any. */
export function firstAs({ peerAs }: SessionConfig): number | undefined {
  return peerAs.kind === 'list' ? peerAs.asns[0] : undefined;
}

/** Returns the names of the peers that a match by `peer` or `peer_as` covers. */
export function peersMeant(
  peers: readonly Neighbour[],
  match: { readonly peer?: readonly string[]; readonly peerAs?: readonly number[] },
): Neighbour[] {
  return peers.filter((peer) => {
    const as = firstAs(peer);
    return (
      (match.peer === undefined || match.peer.includes(peer.name)) &&
      (match.peerAs === undefined || (as !== undefined && match.peerAs.includes(as)))
    );
  });
}
