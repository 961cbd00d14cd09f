import type { Policy, PolicyChoice } from '#policy/policy.ts';
import { durationToMs } from '#text/units.ts';
import { type Scope, withoutAbsent } from '#yaml/scope.ts';
import type { PeerConfig, PeerRangeConfig, RpkiCacheConfig, RpkiConfig } from '../config.ts';
import { rpkiDefaults } from '../schema/defaults.ts';
import type { ConfigSource } from '../schema/schema.ts';
import { checkEndpointsDiffer, resolveNamedEndpoint } from './named-endpoints.ts';
import { resolveKeyFile } from './resolve-secret.ts';

type RpkiSource = NonNullable<ConfigSource['rpki']>;
type CacheSource = RpkiSource['caches'][number];

/** Resolves the caches of validated data, the most preferred first, in the order given where they are equal. */
export function resolveRpki(scope: Scope, source: RpkiSource): RpkiConfig {
  const given = { ...rpkiDefaults, ...source };
  const caches = source.caches.flatMap((cache) => resolveCache(scope, cache) ?? []);
  checkEndpointsDiffer(scope, 'cache', source.caches, caches);
  const [refreshMs, retryMs, expireMs] = [given.refresh, given.retry, given.expire].map(
    durationToMs,
  );
  if (expireMs <= Math.max(refreshMs, retryMs)) {
    const place = scope.places.ofValue(source, source.expire === undefined ? 'caches' : 'expire');
    scope.problems.add(place, 'expire: must be more than refresh and retry (RFC 8210 section 6)');
  }
  return {
    caches: caches.toSorted((a, b) => a.preference - b.preference),
    refreshMs,
    retryMs,
    expireMs,
    aspa: given.aspa,
  };
}

function resolveCache(scope: Scope, source: CacheSource): RpkiCacheConfig | undefined {
  const named = resolveNamedEndpoint(scope, source);
  if (named === undefined) return undefined;
  const { password_file: file } = source;
  const place = scope.places.ofValue(source, 'password_file');
  const password = file === undefined ? undefined : resolveKeyFile(scope, file, place);
  return {
    ...named,
    preference: source.preference ?? rpkiDefaults.preference,
    ...withoutAbsent({ password }),
  };
}

/**
 * Adds an error for each peer whose policies ask for what cannot be known: verification of AS_PATH goes by our
 * role toward the peer that sent the route, and belongs to the way in.
 */
export function checkPathRules(
  scope: Scope,
  source: Partial<ConfigSource>,
  peers: readonly PeerConfig[],
  ranges: readonly PeerRangeConfig[],
): void {
  const rows = [
    ...peers.map((peer, index) => ({ peer, given: source.peers?.[index] })),
    ...ranges.map((peer, index) => ({ peer, given: source.peer_ranges?.[index] })),
  ];
  for (const { peer, given } of rows) {
    if (given === undefined) continue;
    const place = scope.places.ofContainer(given);
    if (peer.role === undefined && asksForPaths(peer.import)) {
      const policy = namesOf(peer.import);
      scope.problems.add(
        place,
        `role is missing: ${policy} matches aspa, which depends on our role toward the peer; add role`,
      );
    }
    if (asksForPaths(peer.export)) {
      const policy = namesOf(peer.export);
      scope.problems.add(
        place,
        `export: ${policy} matches aspa, which only import policies can do`,
      );
    }
  }
}

function asksForPaths(choice: PolicyChoice): choice is readonly Policy[] {
  return (
    typeof choice !== 'string' &&
    choice.some(({ rules }) => rules.some(({ match }) => match.aspa !== undefined))
  );
}

function namesOf(choice: readonly Policy[]): string {
  return choice
    .filter(({ rules }) => rules.some(({ match }) => match.aspa !== undefined))
    .map(({ name }) => name)
    .join(', ');
}
