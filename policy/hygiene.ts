import type { PathAttributes } from '../src/wire/path-attributes.ts';
import type { ImportSettings, PrefixPattern, RejectReason } from './policy.ts';
import { firstAs, hasAs, hasAsSet } from './as-path.ts';
import { isLeakIn, markIn } from './otc.ts';
import { hostNetwork, isInside } from './prefix-bits.ts';
import type { Network } from './prefix-bits.ts';

interface Check {
  readonly reason: RejectReason;
  readonly refuses: (route: PathAttributes, settings: ImportSettings) => boolean;
}

/** The fixed checks of an import in their order; the first that refuses gives the reason. */
const checks: readonly Check[] = [
  { reason: 'as_loop', refuses: (route, { localAs }) => hasAs(route.asPath, localAs) },
  { reason: 'as_set', refuses: (route, it) => !it.allowAsSets && hasAsSet(route.asPath) },
  {
    reason: 'first_as',
    refuses: (route, it) => it.enforceFirstAs && firstAs(route.asPath) !== it.peerAs,
  },
  { reason: 'next_hop_invalid', refuses: isNextHopInvalid },
  { reason: 'next_hop_foreign', refuses: isNextHopForeign },
  {
    reason: 'missing_med',
    refuses: (route, it) => it.missingMed === 'reject' && route.med === undefined,
  },
  { reason: 'otc_leak', refuses: (route, it) => isLeakIn(route, it.role, it.peerAs) },
  { reason: 'no_policy', refuses: (_, { policy }) => policy === 'none' },
];

/** Why the route is refused whatever the rules say, or `undefined`. */
export function hygieneReason(
  route: PathAttributes,
  settings: ImportSettings,
): RejectReason | undefined {
  return checks.find((check) => check.refuses(route, settings))?.reason;
}

/** What is written into the route before the rules see it: `med.missing: N` and OTC. */
export function fillIn(route: PathAttributes, settings: ImportSettings): PathAttributes {
  const { missingMed, role, peerAs } = settings;
  const marked = markIn(route, role, peerAs);
  if (typeof missingMed !== 'number' || marked.med !== undefined) return marked;
  return { ...marked, med: missingMed };
}

/** Whether the address lies in the network of a pattern; its lengths do not count for an address. */
export function isAddressIn(address: Uint8Array, patterns: readonly PrefixPattern[]): boolean {
  const host = hostNetwork(address);
  return host !== undefined && patterns.some((pattern) => isInside(host, pattern));
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

/** RFC 4271 §6.3, RFC 4760 §3: no host address, none of ours, or unusable beyond the link (RFC 2545 §3). */
function isNextHopInvalid({ nextHop }: PathAttributes, settings: ImportSettings): boolean {
  const host = hostNetwork(nextHop);
  if (host === undefined) return true;
  if (unusable.some((network) => isInside(host, network))) return true;
  return settings.localAddresses.some((address) => isSameAddress(address, nextHop));
}

function isNextHopForeign({ nextHop }: PathAttributes, settings: ImportSettings): boolean {
  const { acceptNextHop, peerAddress } = settings;
  if (acceptNextHop === 'any') return false;
  if (acceptNextHop === 'peer') return !isSameAddress(nextHop, peerAddress);
  return !isAddressIn(nextHop, acceptNextHop);
}

/** A plain loop: `every` on bytes takes most of the time of all checks. */
function isSameAddress(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}
