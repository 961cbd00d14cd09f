import { createHash } from 'node:crypto';
import type { Policy } from '#policy/policy.ts';
import { canonical } from './canonical.ts';

const known = new WeakMap<Policy, string>();

/**
 * Equal for policies that mean the same, wherever their rules stand. Computed once for each object,
 * since many peers share a policy, and it may be long.
 */
export function fingerprintOf(policy: Policy): string {
  let text = known.get(policy);
  if (text === undefined) {
    text = createHash('sha256')
      .update(canonical(policy) ?? '')
      .digest('base64');
    known.set(policy, text);
  }
  return text;
}

/** Takes over what another thread has computed. */
export function noteFingerprint(policy: Policy, fingerprint: string): void {
  known.set(policy, fingerprint);
}
