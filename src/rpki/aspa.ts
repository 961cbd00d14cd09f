import type { Role } from '#policy/otc.ts';
import type { PathState } from '#policy/validation.ts';
import type { AsPathSegment } from '#wire/path-attributes.ts';

/** The providers of each customer, in ascending order. */
export type AspaTable = ReadonlyMap<number, readonly number[]>;

/** Whether an AS has attested the next one as its provider (draft-ietf-sidrops-aspa-verification-28 §5.3). */
type Hop = 'no_attestation' | 'provider' | 'not_provider';

/**
 * Verifies an AS_PATH (draft-ietf-sidrops-aspa-verification-28 §5.5 and §5.6). `role` is our role toward the peer: a
 * path that a provider sends us may have gone up and down again, any other path may only have gone up. That the first
 * AS is the peer's is checked by `enforce_first_as`.
 */
export function verifyPath(
  aspas: AspaTable,
  asPath: readonly AsPathSegment[],
  role: Role,
): PathState {
  if (asPath.length === 0 || asPath.some(({ kind }) => kind === 'set')) return 'invalid';
  const path = withoutRepeats(asPath.flatMap(({ asns }) => asns)).toReversed();
  return role === 'customer' ? verifyDownstream(aspas, path) : verifyUpstream(aspas, path);
}

/** `path` begins with the origin, here and below. */
function verifyUpstream(aspas: AspaTable, path: readonly number[]): PathState {
  const { longest, attested } = ramp(aspas, path);
  if (longest < path.length) return 'invalid';
  return attested < path.length ? 'unknown' : 'valid';
}

function verifyDownstream(aspas: AspaTable, path: readonly number[]): PathState {
  const up = ramp(aspas, path);
  const down = ramp(aspas, path.toReversed());
  if (up.longest + down.longest < path.length) return 'invalid';
  return up.attested + down.attested < path.length ? 'unknown' : 'valid';
}

/** Returns how many ASes may form, and how many do form, an unbroken way up from the first of them. */
function ramp(
  aspas: AspaTable,
  path: readonly number[],
): { readonly longest: number; readonly attested: number } {
  const hops = path.slice(1).map((to, at) => hopOf(aspas, path[at], to));
  const refused = hops.indexOf('not_provider');
  const unattested = hops.findIndex((hop) => hop !== 'provider');
  return {
    longest: refused === -1 ? path.length : refused + 1,
    attested: unattested === -1 ? path.length : unattested + 1,
  };
}

function hopOf(aspas: AspaTable, from: number, to: number): Hop {
  const providers = aspas.get(from);
  if (providers === undefined) return 'no_attestation';
  return providers.includes(to) ? 'provider' : 'not_provider';
}

function withoutRepeats(asns: readonly number[]): number[] {
  return asns.filter((asn, at) => at === 0 || asn !== asns[at - 1]);
}

/** Returns the customers whose attestation differs between the two. */
export function differingCustomers(before: AspaTable, after: AspaTable): Set<number> {
  const customers = new Set([...before.keys(), ...after.keys()]);
  return new Set(
    [...customers].filter((asn) => before.get(asn)?.join() !== after.get(asn)?.join()),
  );
}
