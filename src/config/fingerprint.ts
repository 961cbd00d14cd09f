import { createHash } from 'node:crypto';
import type { Policy } from '#policy/policy.ts';
import { canonical } from './canonical.ts';

const known = new WeakMap<Policy, string>();

/**
 * Returns equal text for policies that mean the same, wherever their rules stand. It is computed once for each
 * object, since many peers share a policy, and a policy may be long.
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

/** Records what another thread has computed. */
export function noteFingerprint(policy: Policy, fingerprint: string): void {
  known.set(policy, fingerprint);
}
