import type { PrefixPattern } from '#policy/patterns.ts';
import { parseAddress } from '#text/address.ts';
import { parsePrefixPattern } from '#text/prefix.ts';
import { durationToMs, sizeToBytes } from '#text/units.ts';
import { families, Family } from '#wire/constants.ts';
import {
  mapped,
  parsed,
  parsedList,
  type Scope,
  wholeSeconds,
  withoutAbsent,
} from '#yaml/scope.ts';
import type {
  BfdConfig,
  BfdTimers,
  GracefulRestartConfig,
  LimitConfig,
  PeerAs,
  SessionConfig,
} from '../config.ts';
import type { KeyRow } from '../key-row.ts';
import { bfdDefaults, gracefulRestartDefaults, limitDefaults } from '../schema/defaults.ts';
import type { LimitSource } from '../schema/schema-session-values.ts';
import type { SessionSource } from '../schema/schema-session.ts';
import type { Layers } from './layers.ts';
import { type NamedPolicies, resolveChoice } from './resolve-policy.ts';
import { resolvePassword } from './resolve-secret.ts';

/** What a session takes from other keys than its own. */
export interface SessionContext {
  readonly group: string | undefined;
  readonly localAs: number;
  readonly policies: NamedPolicies;
}

const maxIdleHoldMs = 60_000;
const minSendHoldMs = 480_000;
const maxU16 = 0xffff;
const maxU32 = 0xffff_ffff;

/** Reads each key on its own; consistency.ts checks whether they fit together. */
export function resolveSession(
  scope: Scope,
  layers: Layers,
  context: SessionContext,
): SessionConfig {
  const { values } = layers;
  const { line, file } = lineOf(scope, layers.own);
  const maxPrefix = limitsOf(values.max_prefix, limitDefaults.accepted);
  const idleHoldMs = durationToMs(values.idle_hold);
  const holdTimeSec = seconds(scope, layers, 'hold_time') ?? 0;
  return {
    ...optionalKeys(scope, layers, context.group),
    peerAs: peerAsOf(values.peer_as ?? []),
    localAs: values.local_as ?? context.localAs,
    port: values.port,
    passive: values.passive,
    enabled: values.enabled,
    shadow: values.shadow,
    observer: values.observer,
    observe: values.observe,
    nextHops: parsedList(
      scope,
      layers.holder('next_hops'),
      'next_hops',
      values.next_hops ?? [],
      parseAddress,
    ),
    sendGracefulShutdown: values.send_graceful_shutdown,
    holdTimeSec,
    minHoldTimeSec: seconds(scope, layers, 'min_hold_time') ?? 0,
    connectRetryMs: durationToMs(values.connect_retry),
    idleHoldMs,
    idleHoldMaxMs: Math.max(idleHoldMs, maxIdleHoldMs),
    sendHoldTimeMs: sendHoldMs(values.send_hold_time, holdTimeSec),
    refreshStaleTimeMs: durationToMs(values.refresh_stale_time),
    gtsm: values.gtsm,
    families: familiesOf(values.families),
    import: choice(scope, layers, 'import', context.policies),
    export: choice(scope, layers, 'export', context.policies),
    maxPrefix,
    maxPrefixReceived: values.observer
      ? observedLimitsOf(values.max_prefix_received)
      : receivedLimitsOf(values.max_prefix_received, maxPrefix),
    missingMed: values.med.missing ?? 'zero',
    acceptNextHop: acceptNextHopOf(scope, layers, values.accept_next_hop),
    enforceFirstAs: values.enforce_first_as,
    allowAsSets: values.allow_as_sets,
    communities: values.communities,
    addPath: {
      receive: values.add_path === 'receive' || values.add_path === 'both',
      send: values.add_path === 'send' || values.add_path === 'both',
    },
    maxPathsPerPrefix: values.max_paths_per_prefix,
    maxAttributeBytes: sizeToBytes(values.max_attribute_bytes),
    gracefulRestart: gracefulRestartOf(scope, values.graceful_restart),
    gracefulShutdown: values.graceful_shutdown,
    roleStrict: values.role_strict,
    rsClient: values.rs_client,
    blackhole: values.blackhole,
    source: { file, line },
  };
}

/**
 * What the change of each key does: a new key does not compile until its effect is here. Routes are stored as received,
 * so a change of policy needs no refresh. Keys that matter only while connecting (`passive`, `connect_retry`...)
 * take effect at the next attempt. A `reset` may become `none` if the session that is up suits both values.
 */
export const sessionKeys: {
  readonly [Key in Exclude<keyof SessionConfig, 'source'>]-?: KeyRow;
} = {
  description: { key: 'description', effect: 'none' },
  group: { key: 'group', effect: 'none' },
  interface: { key: 'interface', effect: 'reset' },
  port: { key: 'port', effect: 'none' },
  peerAs: { key: 'peer_as', effect: 'reset' },
  localAs: { key: 'local_as', effect: 'reset' },
  localAddress: { key: 'local_address', effect: 'reset' },
  passive: { key: 'passive', effect: 'none' },
  enabled: { key: 'enabled', effect: 'reset' },
  shadow: { key: 'shadow', effect: 'policy' },
  observer: { key: 'observer', effect: 'reset' },
  observe: { key: 'observe', effect: 'none' },
  nextHops: { key: 'next_hops', effect: 'none' },
  sendGracefulShutdown: { key: 'send_graceful_shutdown', effect: 'none' },
  holdTimeSec: { key: 'hold_time', effect: 'reset' },
  keepaliveSec: { key: 'keepalive', effect: 'reset' },
  minHoldTimeSec: { key: 'min_hold_time', effect: 'reset' },
  connectRetryMs: { key: 'connect_retry', effect: 'none' },
  idleHoldMs: { key: 'idle_hold', effect: 'none' },
  idleHoldMaxMs: { key: 'idle_hold', effect: 'none' },
  sendHoldTimeMs: { key: 'send_hold_time', effect: 'none' },
  refreshStaleTimeMs: { key: 'refresh_stale_time', effect: 'none' },
  multihop: { key: 'multihop', effect: 'reset' },
  gtsm: { key: 'gtsm', effect: 'reset' },
  password: { key: 'password', effect: 'reset' },
  families: { key: 'families', effect: 'reset' },
  import: { key: 'import', effect: 'policy' },
  export: { key: 'export', effect: 'policy' },
  maxPrefix: { key: 'max_prefix', effect: 'policy' },
  maxPrefixReceived: { key: 'max_prefix_received', effect: 'policy' },
  missingMed: { key: 'med', effect: 'policy' },
  acceptNextHop: { key: 'accept_next_hop', effect: 'policy' },
  enforceFirstAs: { key: 'enforce_first_as', effect: 'policy' },
  allowAsSets: { key: 'allow_as_sets', effect: 'policy' },
  communities: { key: 'communities', effect: 'policy' },
  addPath: { key: 'add_path', effect: 'reset' },
  maxPathsPerPrefix: { key: 'max_paths_per_prefix', effect: 'policy' },
  maxAttributeBytes: { key: 'max_attribute_bytes', effect: 'policy' },
  gracefulRestart: { key: 'graceful_restart', effect: 'reset' },
  gracefulShutdown: { key: 'graceful_shutdown', effect: 'policy' },
  role: { key: 'role', effect: 'reset' },
  roleStrict: { key: 'role_strict', effect: 'reset' },
  rsClient: { key: 'rs_client', effect: 'policy' },
  blackhole: { key: 'blackhole', effect: 'policy' },
  bfd: { key: 'bfd', effect: 'none' },
  site: { key: 'site', effect: 'none' },
  rack: { key: 'rack', effect: 'none' },
};

/** Keys whose absence has a meaning of its own. */
function optionalKeys(scope: Scope, layers: Layers, group: string | undefined) {
  const { values } = layers;
  const local = values.local_address;
  return withoutAbsent({
    description: values.description,
    group,
    localAddress: mapped(local, (text) =>
      parsed(scope, layers.holder('local_address'), 'local_address', () => parseAddress(text)),
    ),
    interface: values.interface,
    keepaliveSec: seconds(scope, layers, 'keepalive'),
    multihop: values.multihop,
    password: resolvePassword(scope, layers),
    role: values.role,
    bfd: bfdOf(values.bfd),
    site: values.site,
    rack: values.rack,
  });
}

function lineOf(scope: Scope, container: object): { file: string; line: number } {
  const { source, offset } = scope.places.ofContainer(container);
  return { file: source.file, line: source.position(offset).line };
}

function seconds(
  scope: Scope,
  layers: Layers,
  key: 'hold_time' | 'min_hold_time' | 'keepalive',
): number | undefined {
  return mapped(layers.values[key], (value) =>
    wholeSeconds(scope, layers.holder(key), key, value, maxU16),
  );
}

/** RFC 9687 §6: the greater of 8 minutes and twice the hold time. */
function sendHoldMs(given: string | number | undefined, holdTimeSec: number): number {
  if (given !== undefined) return durationToMs(given);
  return Math.max(minSendHoldMs, 2000 * holdTimeSec);
}

function peerAsOf(value: number | 'any' | readonly number[]): PeerAs {
  if (value === 'any') return { kind: 'any' };
  return { kind: 'list', asns: typeof value === 'number' ? [value] : value };
}

function familiesOf(names: readonly string[]): Family[] {
  return families.filter((row) => names.includes(row.name)).map((row) => row.family);
}

function choice(scope: Scope, layers: Layers, key: 'import' | 'export', policies: NamedPolicies) {
  return resolveChoice(scope, layers.holder(key), key, layers.values[key], policies);
}

/** Returns one limit for each family, or one for all; by `Family`. */
function limitsOf(
  value: SessionSource['max_prefix'],
  defaults: { readonly action: LimitConfig['action']; readonly restart_after: string },
): (LimitConfig | undefined)[] {
  return families.map((row) => {
    const source = value === undefined || 'limit' in value ? value : value[row.name];
    return mapped(source, (limit) => limitOf(limit, defaults));
  });
}

/** A family without its own limit has one that follows from the limit on accepted prefixes, if there is one. */
function receivedLimitsOf(
  value: SessionSource['max_prefix_received'],
  accepted: readonly (LimitConfig | undefined)[],
): (LimitConfig | undefined)[] {
  const { least, factor, ...defaults } = limitDefaults.received;
  return limitsOf(value, defaults).map(
    (given, family) =>
      given ??
      mapped(accepted[family], ({ limit: most }) => {
        const limit = Math.max(least, Math.min(factor * most, maxU32));
        return { ...limitOf({ limit }, defaults), isDefault: true };
      }),
  );
}

/** The limits of an observer, which is asked for everything that its clients would get. */
function observedLimitsOf(
  value: SessionSource['max_prefix_received'],
): (LimitConfig | undefined)[] {
  const { observed, received } = limitDefaults;
  return limitsOf(value, received).map(
    (given) => given ?? { ...limitOf({ limit: observed }, received), isDefault: true },
  );
}

function limitOf(
  source: LimitSource,
  defaults: { readonly action: LimitConfig['action']; readonly restart_after: string },
): LimitConfig {
  const { limit, action, restart_after: restartAfter } = { ...defaults, ...source };
  return { limit, action, restartAfterMs: durationToMs(restartAfter) };
}

function acceptNextHopOf(
  scope: Scope,
  layers: Layers,
  value: 'peer' | 'any' | readonly string[],
): 'peer' | 'any' | PrefixPattern[] {
  if (value === 'peer' || value === 'any') return value;
  const holder = layers.holder('accept_next_hop');
  return parsedList(scope, holder, 'accept_next_hop', value, networkPattern);
}

/** A list names networks: `P` means any address in it, not the prefix itself. */
function networkPattern(text: string): PrefixPattern {
  const pattern = parsePrefixPattern(text);
  const hostBits = families[pattern.family].maxLengthBits;
  return { ...pattern, minBits: Math.min(pattern.minBits, pattern.lengthBits), maxBits: hostBits };
}

function gracefulRestartOf(
  scope: Scope,
  value: NonNullable<SessionSource['graceful_restart']>,
): GracefulRestartConfig {
  if (value === 'off' || value === 'notify_only') return { kind: value };
  const keys = { ...gracefulRestartDefaults, ...value };
  const longLived = value.long_lived;
  return {
    kind: 'families',
    helper: keys.helper,
    restarter: keys.restarter,
    restartTimeSec: wholeSeconds(scope, value, 'restart_time', keys.restart_time, 4095),
    ...withoutAbsent({
      longLivedSec: mapped(longLived, (time) =>
        wholeSeconds(scope, value, 'long_lived', time, 0xff_ffff),
      ),
    }),
    eorGraceMs: durationToMs(keys.eor_grace),
  };
}

function bfdOf(value: NonNullable<SessionSource['bfd']>): BfdConfig | undefined {
  if (value === false) return undefined;
  const given = value === true ? {} : value;
  return {
    singleHop: bfdTimersOf({ ...bfdDefaults.singleHop, ...given }),
    multihop: bfdTimersOf({ ...bfdDefaults.multihop, ...given }),
  };
}

function bfdTimersOf(timers: {
  readonly min_tx: string | number;
  readonly min_rx: string | number;
  readonly multiplier: number;
}): BfdTimers {
  const { min_tx, min_rx, multiplier } = timers;
  return { minTxMs: durationToMs(min_tx), minRxMs: durationToMs(min_rx), multiplier };
}
