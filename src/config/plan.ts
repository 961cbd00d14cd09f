import type { PeerEffectName } from '#api/names.ts';
import type { Policy } from '#policy/policy.ts';
import { canonical } from './canonical.ts';
import type { Config, PeerConfig } from './config.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { ChangeEffect, KeyRow } from './key-row.ts';
import { dynamicPeer } from './peer-range.ts';
import { sessionKeys } from './resolve/resolve-session.ts';
import { Secret } from './resolve/secret.ts';

export interface PeerPlan {
  readonly peer: string;
  readonly effect: PeerEffectName;
  /**
   * The keys that changed, as an operator writes them (none for `add` and `remove`), and drains that begin or cease to
   * cover the peer.
   */
  readonly why: readonly string[];
  /** A limit no longer keeps the peer down. */
  readonly letsIn?: true;
}

/** Facts about running peers that the files do not contain. */
export interface LivePeers {
  /** Returns whether the session of `before` is up and would be the same with the field of `after`. */
  suits(before: PeerConfig, after: PeerConfig, field: keyof PeerConfig): boolean;
  /** Returns whether a limit keeps `before` down that would not keep `after` down. */
  letsIn(before: PeerConfig, after: PeerConfig): boolean;
}

const severity: readonly ChangeEffect[] = ['none', 'policy', 'refresh', 'reset'];

/** Every key of a peer: a new key does not compile until its effect is here, or among those of a session. */
const peerKeys: { readonly [Key in Exclude<keyof PeerConfig, 'source'>]-?: KeyRow } = {
  name: { key: 'name', effect: 'reset' },
  address: { key: 'address', effect: 'reset' },
  addressText: { key: 'address', effect: 'reset' },
  node: { key: 'node', effect: 'none' },
  ...sessionKeys,
  range: { key: 'range', effect: 'none' },
};

/** Global keys that affect sessions. */
const globalKeys = {
  routerId: { key: 'router_id', effect: 'reset' },
  decision: { key: 'decision', effect: 'policy' },
} as const satisfies { readonly [Key in keyof Config]?: KeyRow };

/** What the process does about the change of a global key that affects no session. */
export type ProcessEffect = 'apply' | 'listen' | 'restart';

export interface ProcessPlan {
  readonly key: string;
  /** `apply`: at once; `listen`: close and open listeners; `restart`: it takes effect only after a restart. */
  readonly effect: ProcessEffect;
}

/** Not keys of the file. */
type NoKey = 'file' | 'files' | 'hash' | 'asWritten' | 'routerIdText';
/** Keys whose change is that of the peers which they are about. */
type PeersKey = 'peers' | 'policies' | 'localAs';

/** Every other global key: a new key does not compile until its effect is here. */
const processKeys: {
  readonly [Key in Exclude<keyof Config, keyof typeof globalKeys | NoKey | PeersKey>]-?: {
    readonly key: string;
    readonly effect: ProcessEffect;
  };
} = {
  listen: { key: 'listen', effect: 'listen' },
  http: { key: 'http', effect: 'listen' },
  control: { key: 'control', effect: 'listen' },
  stateDir: { key: 'state_dir', effect: 'restart' },
  announce: { key: 'announce', effect: 'apply' },
  log: { key: 'log', effect: 'apply' },
  services: { key: 'services', effect: 'apply' },
  peerRanges: { key: 'peer_ranges', effect: 'apply' },
  startGate: { key: 'start_gate', effect: 'restart' },
  readyMaxWaitMs: { key: 'ready_max_wait', effect: 'apply' },
  maxPaths: { key: 'max_paths', effect: 'apply' },
  user: { key: 'user', effect: 'restart' },
  history: { key: 'history', effect: 'apply' },
  bfdBrake: { key: 'bfd', effect: 'apply' },
  bmp: { key: 'bmp', effect: 'apply' },
  mrt: { key: 'mrt', effect: 'apply' },
  rpki: { key: 'rpki', effect: 'apply' },
  siblings: { key: 'siblings', effect: 'apply' },
  soleRouteServer: { key: 'sole_route_server', effect: 'apply' },
  coherence: { key: 'coherence', effect: 'apply' },
};

/**
 * Returns the effect of going from `before` to `after` on every peer of either, in the order of `after`, with
 * removed peers last. A peer is identified by its name. Rules that only moved to other lines are not a change.
 */
export function plan(before: Config, after: Config, live: LivePeers = noLivePeers): PeerPlan[] {
  return [...planning(before, after, live)];
}

/** Does what `plan` does, computing each item on demand. */
export function* planning(
  before: Config,
  after: Config,
  live: LivePeers = noLivePeers,
): Generator<PeerPlan> {
  const known = new Map(before.peers.map((peer) => [peer.name, peer]));
  const remaining = new Set(after.peers.map((peer) => peer.name));
  const global = changesIn<Config, KeyRow>(globalKeys, before, after);
  for (const peer of after.peers) {
    const old = known.get(peer.name);
    if (old === undefined) yield { peer: peer.name, effect: 'add', why: [] };
    else yield planPeer(old, peer, global, live);
  }
  for (const { name } of before.peers) {
    if (!remaining.has(name)) yield { peer: name, effect: 'remove', why: [] };
  }
}

/**
 * Does what `plan` does for peers that were created on demand: each continues as a peer of the range that now
 * covers it, or is removed.
 */
export function planDynamic(
  before: Config,
  after: Config,
  peers: readonly PeerConfig[],
  live: LivePeers = noLivePeers,
): DynamicPlan[] {
  const global = changesIn<Config, KeyRow>(globalKeys, before, after);
  return peers.map((peer): DynamicPlan => {
    const config = dynamicPeer(after, peer.address, peer.interface);
    if (config === undefined) return { peer: peer.name, effect: 'remove', why: [] };
    return { ...planPeer(peer, config, global, live), config };
  });
}

/** The plan with the peer as it will be; absent if it is removed. */
export interface DynamicPlan extends PeerPlan {
  readonly config?: PeerConfig;
}

/** Returns the changes that concern the process and not the sessions. */
export function planProcess(before: Config, after: Config): ProcessPlan[] {
  return changesIn(processKeys, before, after);
}

const noLivePeers: LivePeers = { suits: () => false, letsIn: () => false };

function planPeer(
  before: PeerConfig,
  after: PeerConfig,
  global: readonly KeyRow[],
  live: LivePeers,
): PeerPlan {
  const isUnfelt = (field: keyof PeerConfig, { effect }: KeyRow): boolean =>
    effect === 'reset' && live.suits(before, after, field);
  const own = changesIn<PeerConfig, KeyRow>(peerKeys, before, after, (field, row) =>
    isUnfelt(field, row) ? { ...row, effect: 'none' } : row,
  );
  const rows = [...global, ...own];
  const rank = Math.max(0, ...rows.map((row) => severity.indexOf(row.effect)));
  const why = [...new Set(rows.map((row) => row.key))];
  const letsIn = live.letsIn(before, after) ? ({ letsIn: true } as const) : {};
  return { peer: after.name, effect: severity[rank], why, ...letsIn };
}

/** Returns the rows of the table whose values differ, each as returned by `change`. */
function changesIn<Source extends object, Row>(
  table: { readonly [Key in keyof Source]?: Row },
  before: Source,
  after: Source,
  change: (key: keyof Source, row: Row) => Row = (_key, row) => row,
): Row[] {
  const rows: Row[] = [];
  for (const key in table) {
    const row = table[key];
    if (row !== undefined && !isEqual(before[key], after[key])) rows.push(change(key, row));
  }
  return rows;
}

function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a instanceof Secret) return b instanceof Secret && a.equals(b);
  if (hasSecret(a) || hasSecret(b)) return isEqualDeep(a, b);
  if (isPolicies(a) || isPolicies(b)) return isPolicies(a) && isPolicies(b) && isSameChoice(a, b);
  return canonical(a) === canonical(b);
}

/** Returns whether a secret is anywhere in the value: `http` has those of tokens, `rpki` those of caches. */
function hasSecret(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    isRecord(value) &&
    Object.values(value).some((part) => part instanceof Secret || hasSecret(part))
  );
}

function isEqualDeep(a: unknown, b: unknown): boolean {
  if (!isRecord(a) || !isRecord(b)) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => isEqual(a[key], b[key]));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isPolicies(value: unknown): value is readonly Policy[] {
  return Array.isArray(value) && value.every((part) => isRecord(part) && 'rules' in part);
}

function isSameChoice(a: readonly Policy[], b: readonly Policy[]): boolean {
  return (
    a.length === b.length &&
    a.every((policy, index) => fingerprintOf(policy) === fingerprintOf(b[index]))
  );
}
