import type { PathAttributes } from '#wire/path-attributes.ts';

/** Our role toward a peer (RFC 9234 §4.1); `rs` means that the peer is our client. */
export type Role = 'provider' | 'rs' | 'rs_client' | 'customer' | 'peer';

/**
 * Returns whether the route is a leak: it came up from a customer, or crossed a peering that was not its first (RFC
 * 9234 §5, ingress 1 and 2).
 */
export function isLeakIn(route: PathAttributes, role: Role | undefined, peerAs: number): boolean {
  if (route.otc === undefined) return false;
  if (role === 'provider' || role === 'rs') return true;
  return role === 'peer' && route.otc !== peerAs;
}

/** RFC 9234 §5 ingress 3: from a Provider, a Peer or an RS the attribute "MUST be added". */
export function markIn(
  route: PathAttributes,
  role: Role | undefined,
  peerAs: number,
): PathAttributes {
  const marks = role === 'customer' || role === 'peer' || role === 'rs_client';
  return marks && route.otc === undefined ? { ...route, otc: peerAs } : route;
}

/** RFC 9234 §5 egress 2: such a route "MUST NOT be propagated to Providers, Peers, or RSes". */
export function isLeakOut(route: PathAttributes, role: Role | undefined): boolean {
  if (route.otc === undefined) return false;
  return role === 'customer' || role === 'peer' || role === 'rs_client';
}

/** RFC 9234 §5 egress 1: to a Customer, a Peer or an RS-Client the attribute "MUST be added". */
export function markOut(
  route: PathAttributes,
  role: Role | undefined,
  localAs: number,
): PathAttributes {
  const marks = role === 'provider' || role === 'peer' || role === 'rs';
  return marks && route.otc === undefined ? { ...route, otc: localAs } : route;
}
