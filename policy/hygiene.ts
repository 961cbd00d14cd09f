import type { PathAttributes } from '#wire/path-attributes.ts';
import type { AttrsId } from './ids.ts';
import type { AttrsReader } from './judge.ts';
import { isLeakIn, markIn } from './otc.ts';
import { isAddressIn } from './patterns.ts';
import type { ImportSettings } from './policy.ts';
import { hostNetwork, isInside, type Network } from './prefix-bits.ts';
import type { RejectReason } from './reasons.ts';

/** The fixed checks on the routes of one peer. */
export class Hygiene {
  private readonly settings: ImportSettings;
  /** Why the peer's own address may not be a next hop. It is judged once, because nearly every next hop is that one. */
  private readonly ofOwnAddress: RejectReason | undefined;

  constructor(settings: ImportSettings) {
    this.settings = settings;
    this.ofOwnAddress = nextHopReason(settings.peerAddress, settings);
  }

  /** Returns why the route is refused whatever the rules say, or `undefined`. The first check that fails decides. */
  reason(attrs: AttrsReader, id: AttrsId): RejectReason | undefined {
    const { localAs, peerAs, peerAddress, allowAsSets, enforceFirstAs, role } = this.settings;
    if (attrs.hasAs(id, localAs)) return 'as_loop';
    if (!allowAsSets && attrs.hasAsSet(id)) return 'as_set';
    if (enforceFirstAs && attrs.neighbourAs(id) !== peerAs) return 'first_as';
    const ofNextHop = attrs.isNextHop(id, peerAddress)
      ? this.ofOwnAddress
      : nextHopReason(attrs.read(id).nextHop, this.settings);
    if (ofNextHop !== undefined) return ofNextHop;
    if (this.settings.missingMed === 'reject' && !attrs.hasMed(id)) return 'missing_med';
    if (role !== undefined && isLeakIn(attrs.read(id), role, peerAs)) return 'otc_leak';
    return this.settings.policy === 'none' ? 'no_policy' : undefined;
  }

  /** Returns whether `fillIn` leaves the route as it is, which is known without decoding it. */
  fillsNothing(attrs: AttrsReader, id: AttrsId): boolean {
    const { missingMed, role } = this.settings;
    return role === undefined && (typeof missingMed !== 'number' || attrs.hasMed(id));
  }
}

/** Adds to the route what the rules are to see in it: the MED of `med.missing: N`, and OTC. */
export function fillIn(route: PathAttributes, settings: ImportSettings): PathAttributes {
  const { missingMed, role, peerAs } = settings;
  const marked = markIn(route, role, peerAs);
  if (typeof missingMed !== 'number' || marked.med !== undefined) return marked;
  return { ...marked, med: missingMed };
}

/** Networks that no next hop may be in. */
const unusable: readonly Network[] = [
  { family: 0, lengthBits: 8, word0: 0, word1: 0, word2: 0, word3: 0 },
  { family: 0, lengthBits: 8, word0: 0x7f << 24, word1: 0, word2: 0, word3: 0 },
  { family: 0, lengthBits: 3, word0: 0xe0 << 24, word1: 0, word2: 0, word3: 0 },
  { family: 1, lengthBits: 128, word0: 0, word1: 0, word2: 0, word3: 0 },
  { family: 1, lengthBits: 128, word0: 0, word1: 0, word2: 0, word3: 1 },
  { family: 1, lengthBits: 96, word0: 0, word1: 0, word2: 0xffff, word3: 0 },
  { family: 1, lengthBits: 10, word0: 0xfe80 << 16, word1: 0, word2: 0, word3: 0 },
  { family: 1, lengthBits: 8, word0: 0xff << 24, word1: 0, word2: 0, word3: 0 },
];

function nextHopReason(nextHop: Uint8Array, settings: ImportSettings): RejectReason | undefined {
  if (isNextHopInvalid(nextHop, settings)) return 'next_hop_invalid';
  return isNextHopForeign(nextHop, settings) ? 'next_hop_foreign' : undefined;
}

/**
 * Returns whether a next hop is not a host address, is one of ours, or is usable on the link only (RFC 4271 §6.3, RFC
 * 4760 §3, RFC 2545 §3).
 */
function isNextHopInvalid(nextHop: Uint8Array, settings: ImportSettings): boolean {
  const host = hostNetwork(nextHop);
  if (host === undefined) return true;
  if (unusable.some((network) => isInside(host, network))) return true;
  return settings.localAddresses.some((address) => isSameAddress(address, nextHop));
}

function isNextHopForeign(nextHop: Uint8Array, settings: ImportSettings): boolean {
  const { acceptNextHop, peerAddress } = settings;
  if (acceptNextHop === 'any') return false;
  if (acceptNextHop === 'peer') return !isSameAddress(nextHop, peerAddress);
  return !isAddressIn(nextHop, acceptNextHop);
}

/** This is a plain loop because `every` on bytes would take most of the time of all checks. */
function isSameAddress(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}
