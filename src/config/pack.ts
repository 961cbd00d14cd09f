import type { LoadOutcome } from './load.ts';
import { fingerprintOf, noteFingerprint } from './fingerprint.ts';
import { notePrepared, prepareLists } from './prepared-prefixes.ts';
import type { PreparedList } from './prepared-prefixes.ts';
import { Secret } from './resolve/secret.ts';

/**
 * An outcome as it passes between threads: plain data, with what structured cloning would lose or
 * what would have to be computed again on the other side.
 */
export interface PackedOutcome {
  /** A `Secret` in it is an empty object. */
  readonly outcome: LoadOutcome;
  readonly secrets: readonly PackedSecret[];
  /** In the order of `policies`. */
  readonly fingerprints: readonly string[];
  readonly lists: readonly PreparedList[];
}

interface PackedSecret {
  /** The keys that lead to it from the configuration. */
  readonly path: readonly string[];
  readonly text: string;
}

export function packed(outcome: LoadOutcome): PackedOutcome {
  if (!outcome.ok) return { outcome, secrets: [], fingerprints: [], lists: [] };
  const { policies } = outcome.config;
  const secrets: PackedSecret[] = [];
  // No policy holds a secret, and many peers share a long one.
  collectSecrets(outcome.config, [], new Set(policies), secrets);
  const lists = prepareLists(outcome.config);
  return { outcome, secrets, fingerprints: policies.map(fingerprintOf), lists };
}

export function unpacked({ outcome, secrets, fingerprints, lists }: PackedOutcome): LoadOutcome {
  if (!outcome.ok) return outcome;
  const { config } = outcome;
  for (const { path, text } of secrets) setAt(config, path, new Secret(text));
  for (const [index, policy] of config.policies.entries()) {
    noteFingerprint(policy, fingerprints[index]);
  }
  for (const list of lists) notePrepared(list);
  return outcome;
}

function collectSecrets(
  value: unknown,
  path: readonly string[],
  seen: Set<unknown>,
  found: PackedSecret[],
): void {
  if (value instanceof Secret) found.push({ path, text: value.reveal() });
  if (!isWalkable(value) || seen.has(value)) return;
  seen.add(value);
  for (const [key, part] of Object.entries(value)) {
    collectSecrets(part, [...path, key], seen, found);
  }
}

function isWalkable(value: unknown): value is object {
  const isBytes = value instanceof Uint8Array;
  return typeof value === 'object' && value !== null && !isBytes && !(value instanceof Secret);
}

function setAt(root: object, path: readonly string[], value: unknown): void {
  let holder: unknown = root;
  for (const key of path.slice(0, -1)) holder = isWalkable(holder) ? Reflect.get(holder, key) : {};
  if (isWalkable(holder)) Reflect.set(holder, path[path.length - 1], value);
}
