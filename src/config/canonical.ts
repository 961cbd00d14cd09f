import { createHash } from 'node:crypto';
import type { Config, PeerConfig } from './config.ts';
import { Secret } from './resolve/secret.ts';

/**
 * Returns the same text for the same meaning: keys are sorted, bytes are numbers, places in files are left out.
 * Of a secret it only says that it is present, since the text and its hash may be shown.
 */
export function canonical(value: unknown): string | undefined {
  return JSON.stringify(value, (key, part: unknown) => {
    if (key === 'source') return undefined;
    if (part === Number.POSITIVE_INFINITY) return 'Infinity';
    if (part instanceof Uint8Array) return [...part];
    return isPlain(part) ? sorted(part) : part;
  });
}

/** Returns 16 hex digits of SHA-256; the order of keys or of policies does not matter. */
export function hashOf(config: Omit<Config, 'file' | 'files' | 'hash' | 'asWritten'>): string {
  const meaning = {
    ...config,
    policies: config.policies.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    peers: config.peers.map(withPolicyNames),
    peerRanges: config.peerRanges.map(withPolicyNames),
  };
  const text = canonical(meaning) ?? '';
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** A policy is written out only once, however many peers use it. */
function withPolicyNames<Session extends Pick<PeerConfig, 'import' | 'export'>>(session: Session) {
  return { ...session, import: names(session.import), export: names(session.export) };
}

function names(choice: PeerConfig['import']): unknown {
  return typeof choice === 'string' ? choice : choice.map((policy) => policy.name);
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Secret)
  );
}

function sorted(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
