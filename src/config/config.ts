/**
 * `Config` is what the daemon runs on. Every default is applied, every address and pattern is parsed, and every
 * unit is in the name, so no other code applies defaults. It is made by `loadConfig` (load.ts).
 */
import type { Right } from '#api/names.ts';
import type { PrefixLimit } from '#policy/limit.ts';
import type { Role } from '#policy/otc.ts';
import type { NumberRange, PrefixPattern } from '#policy/patterns.ts';
import type { Policy, PolicyChoice } from '#policy/policy.ts';
import type { RuleSource } from '#policy/verdict.ts';
import type { Family } from '#wire/constants.ts';
import type { Secret } from './resolve/secret.ts';
import type { monitoredTables } from './schema/defaults.ts';

export interface Config {
  /** The file given by the operator; included files are listed in `files`. */
  readonly file: string;
  /** Every file that was read, `file` first. */
  readonly files: readonly string[];
  /** 16 hex digits; equal for the same meaning, whatever the order of keys or the comments. */
  readonly hash: string;
  /** The keys as the operator wrote them, with includes joined and secrets masked: for the API and diffs. */
  readonly asWritten: unknown;
  /** BGP Identifier, unsigned 32 bits (RFC 6286). */
  readonly routerId: number;
  /** The same as a dotted quad. */
  readonly routerIdText: string;
  readonly localAs: number;
  readonly listen: readonly ListenAddress[];
  readonly http: HttpConfig;
  readonly control: { readonly socket: string };
  /** Absent: state is kept in memory only. */
  readonly stateDir?: string;
  readonly log: { readonly level: LogLevel; readonly format: 'auto' | 'pretty' | 'json' };
  readonly policies: readonly Policy[];
  readonly peers: readonly PeerConfig[];
  readonly peerRanges: readonly PeerRangeConfig[];
  readonly services: readonly ServiceConfig[];
  /** Absent: there is no gate. */
  readonly startGate?: StartGateConfig;
  readonly readyMaxWaitMs: number;
  readonly maxPaths: number;
  /** The user that the process becomes once the listeners are bound. */
  readonly user?: string;
  readonly history: { readonly maxSizeBytes: number; readonly maxAgeMs: number };
  /** Capabilities 73 and 75. */
  readonly announce: { readonly fqdn: boolean; readonly softwareVersion: boolean };
  readonly bfdBrake: BfdBrakeConfig;
  readonly bmp: readonly BmpConfig[];
  readonly mrt?: MrtConfig;
  readonly rpki?: RpkiConfig;
  readonly decision: DecisionConfig;
  /** Names of observers. */
  readonly siblings: readonly string[];
  readonly soleRouteServer: boolean;
  readonly coherence: CoherenceConfig;
}

export interface CoherenceConfig {
  /** At least the longest hold time, and at least 5 s. */
  readonly debounceMs: number;
  /** The value in the file, or the default. */
  readonly askedDebounceMs: number;
  readonly prefixes: 'services' | 'all';
}

export interface HttpConfig {
  readonly listen: readonly ListenAddress[];
  /** Allowed in addition to addresses and localhost. */
  readonly hosts: readonly string[];
  /** The address at which a proxy shows the daemon; it ends with a slash. Its host is one of `hosts`. */
  readonly externalUrl?: string;
  /** If there are none, the API is read-only. */
  readonly tokens: readonly TokenConfig[];
}

export interface TokenConfig {
  /** Unique. */
  readonly name: string;
  readonly secret: Secret;
  readonly may: readonly (Right | 'all')[];
  /** The nodes on which it may act; absent: all. */
  readonly nodes?: readonly string[];
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

/** Where to listen or connect; `text` is as an operator writes it: `[::1]:179`. */
export interface ListenAddress {
  /** 4 or 16 bytes; all zero means every address of the family. */
  readonly address: Uint8Array;
  /** The interface of a link-local address. */
  readonly zone?: string;
  /** Without brackets or port. */
  readonly host: string;
  readonly port: number;
  readonly text: string;
}

export interface DecisionConfig {
  /** MED is compared among paths of the same neighbour AS, or always (RFC 4271 §9.1.2.2 c). */
  readonly med: 'same_as' | 'always';
  readonly tieBreak: 'router_id' | 'oldest';
}

/** The settings of a session and its routes, for a peer or for a range of peers. */
export interface SessionConfig {
  readonly description?: string;
  readonly group?: string;
  readonly peerAs: PeerAs;
  readonly localAs: number;
  /** 4 or 16 bytes: the source of our connections, and the only address at which the peer may connect. */
  readonly localAddress?: Uint8Array;
  /** The interface of a link-local peer. */
  readonly interface?: string;
  /** The port to which we connect; a connection from the peer is matched by address alone. */
  readonly port: number;
  readonly passive: boolean;
  readonly enabled: boolean;
  readonly shadow: boolean;
  readonly observer: boolean;
  /** The peer is a client whose best routes are compared with what it was sent. */
  readonly observe: boolean;
  /** 4 or 16 bytes each: further next hops of the node. */
  readonly nextHops: readonly Uint8Array[];
  readonly sendGracefulShutdown: boolean;
  /** Our hold time before negotiation; 0 or at least 3 (RFC 4271 §4.2). */
  readonly holdTimeSec: number;
  /** Absent: a third of the negotiated hold time. */
  readonly keepaliveSec?: number;
  readonly minHoldTimeSec: number;
  readonly connectRetryMs: number;
  /** The first wait before dialling again; it doubles up to `idleHoldMaxMs`. */
  readonly idleHoldMs: number;
  readonly idleHoldMaxMs: number;
  /** RFC 9687; greater than the hold time, or 0: never. */
  readonly sendHoldTimeMs: number;
  readonly refreshStaleTimeMs: number;
  /** TTL to send. Absent: 1 if the peer is on a connected network when the session starts, else 64. */
  readonly multihop?: number;
  /** RFC 5082: packets are sent with TTL 255 and must arrive with at least 256 - `multihop` (or 255). */
  readonly gtsm: boolean;
  /** TCP MD5 key (RFC 2385). */
  readonly password?: Secret;
  /** Ascending, at least one. */
  readonly families: readonly Family[];
  readonly import: PolicyChoice;
  readonly export: PolicyChoice;
  /** Limits on accepted prefixes, by `Family`. */
  readonly maxPrefix: readonly (LimitConfig | undefined)[];
  /** Limits on received prefixes, by `Family`. */
  readonly maxPrefixReceived: readonly (LimitConfig | undefined)[];
  readonly missingMed: 'zero' | 'reject' | number;
  readonly acceptNextHop: 'peer' | 'any' | readonly PrefixPattern[];
  readonly enforceFirstAs: boolean;
  readonly allowAsSets: boolean;
  readonly communities: 'pass' | 'interpret_well_known';
  readonly addPath: { readonly receive: boolean; readonly send: boolean };
  /** The maximum number of paths of one prefix, if the peer may send several. */
  readonly maxPathsPerPrefix: number;
  /** 0: any number. */
  readonly maxAttributeBytes: number;
  readonly gracefulRestart: GracefulRestartConfig;
  readonly gracefulShutdown: 'honour' | 'ignore';
  /** Our role in the session (RFC 9234). */
  readonly role?: Role;
  /** The peer must name its role, too. */
  readonly roleStrict: boolean;
  /** True: transparent (RFC 7947 §2.2); false: ordinary eBGP. */
  readonly rsClient: boolean;
  /** Routes that an export rule makes a blackhole are sent to the peer (RFC 7999). */
  readonly blackhole: boolean;
  readonly bfd?: BfdConfig;
  readonly site?: string;
  readonly rack?: string;
  /** Where the peer stands in the configuration. */
  readonly source: RuleSource;
}

export interface PeerConfig extends SessionConfig {
  /** Unique; it identifies the peer across a reload. */
  readonly name: string;
  /** 4 or 16 bytes. */
  readonly address: Uint8Array;
  /** Canonical, with the interface of a link-local address: `fe80::1%eth0`. */
  readonly addressText: string;
  /** The node for services and drains; the name of the peer unless it is set. */
  readonly node: string;
  /** The range for which the peer was created. */
  readonly range?: string;
}

/** Passive peers that are created on demand; `range.minBits` and `maxBits` are not used. */
export interface PeerRangeConfig extends SessionConfig {
  readonly range: PrefixPattern;
  readonly rangeText: string;
  /** The maximum number that is connected at the same time. */
  readonly maxPeers: number;
  /** The node of each of them; absent: its own name. */
  readonly node?: string;
}

export type PeerAs =
  { readonly kind: 'any' } | { readonly kind: 'list'; readonly asns: readonly number[] };

export interface LimitConfig extends PrefixLimit {
  /** How long the session stays down after `restart`. */
  readonly restartAfterMs: number;
  /** The limit is not in the file: it follows from `max_prefix`. */
  readonly isDefault?: true;
}

export type GracefulRestartConfig =
  | { readonly kind: 'notify_only' }
  | { readonly kind: 'off' }
  | {
      readonly kind: 'families';
      readonly helper: boolean;
      readonly restarter: boolean;
      readonly restartTimeSec: number;
      /** RFC 9494 stale time; absent: no long-lived graceful restart. */
      readonly longLivedSec?: number;
      readonly eorGraceMs: number;
    };

/** The timers of BFD; which of the two sets applies is known when the session starts. */
export interface BfdConfig {
  readonly singleHop: BfdTimers;
  readonly multihop: BfdTimers;
}

export interface BfdTimers {
  readonly minTxMs: number;
  readonly minRxMs: number;
  readonly multiplier: number;
}

/** When the loss of many sessions is taken to be our own fault. */
export interface BfdBrakeConfig {
  /** A share of the sessions that were up; more than 0, at most 1. */
  readonly maxShare: number;
  readonly withinMs: number;
  readonly atLeast: number;
}

export interface StartGateConfig {
  readonly maxDelayMs: number;
  readonly eorGraceMs: number;
}

export interface ServiceConfig {
  readonly name: string;
  readonly prefixes: readonly PrefixPattern[];
  /** Canonical prefix, and the node that should serve it. */
  readonly home: readonly { readonly prefix: string; readonly node: string }[];
  readonly minHealthy: number;
  readonly probe?: ProbeConfig;
  /** Above 0, up to 1. */
  readonly brakeShare: number;
  /** How long the last path of an address is kept when its node withdraws it; absent: it is removed. */
  readonly keepLastMs?: number;
  readonly medBands: {
    readonly up: NumberRange;
    readonly disabled: NumberRange;
    readonly down: NumberRange;
  };
  readonly source: RuleSource;
}

/** How the nodes of a service are probed. */
export interface ProbeConfig {
  readonly kind: 'tcp' | 'http';
  readonly port: number;
  /** For http. */
  readonly path: string;
  readonly expect: NumberRange;
  /** Absent: the address. */
  readonly host?: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly fall: number;
  readonly rise: number;
  readonly holdDownMs: number;
  readonly onFail: 'report' | 'rank_last';
  /** Canonical text of our own address. */
  readonly source?: string;
}

/** What a BMP collector is sent. */
export type MonitoredTable = (typeof monitoredTables)[number];

export interface BmpConfig {
  readonly name: string;
  readonly endpoint: ListenAddress;
  readonly monitor: readonly MonitoredTable[];
  /** 0: none are sent. */
  readonly statisticsMs: number;
}

export interface MrtConfig {
  readonly updates?: DumpConfig;
  readonly tables?: DumpConfig;
  /** All dumps together. */
  readonly maxSizeBytes: number;
  /** Dumps leave as much of their file system free. */
  readonly minFreeBytes: number;
}

export interface DumpConfig {
  /** Absolute. */
  readonly directory: string;
  /** How long a file of updates is written, or from one dump of the table to the next. */
  readonly intervalMs: number;
  readonly keepMs: number;
  readonly compress: 'gzip' | 'none';
}

export interface RpkiConfig {
  /** The most preferred first. */
  readonly caches: readonly RpkiCacheConfig[];
  readonly refreshMs: number;
  readonly retryMs: number;
  readonly expireMs: number;
  /** Version 2 of the protocol is tried. */
  readonly aspa: boolean;
}

export interface RpkiCacheConfig {
  readonly name: string;
  readonly endpoint: ListenAddress;
  readonly preference: number;
  /** TCP MD5. */
  readonly password?: Secret;
}
