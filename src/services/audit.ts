/**
 * The redundancy audit: what each service address has, and what it lacks. Pure: candidates in, words out. Addresses are
 * the prefixes of `services:` in the configuration.
 */
import type { ProbeState } from './probe.ts';

export const bandNames = ['up', 'disabled', 'down', 'unknown'] as const;
export type MedBand = (typeof bandNames)[number];

/** Worst first; the first state that applies is the state of an address. */
export const serviceStates = [
  'absent',
  'only_down_paths',
  'no_backup',
  'degraded',
  'tie',
  'unexpected_node',
  'ok',
] as const;
export type ServiceState = (typeof serviceStates)[number];

/** Who takes a path out of service: its node, by its MED or GRACEFUL_SHUTDOWN, or an operator of this server. */
export const drainers = ['node', 'server'] as const;
export type DrainedBy = (typeof drainers)[number];

export interface NumberRange {
  readonly min: number;
  readonly max: number;
}

/** What a service should have, according to the operator. */
export interface ServiceRule {
  readonly minHealthy: number;
  readonly medBands: Readonly<Record<Exclude<MedBand, 'unknown'>, NumberRange>>;
}

/** An accepted path to an address, best first in its list. */
export interface ServicePath {
  readonly node: string;
  readonly peer: string;
  readonly site?: string;
  readonly rack?: string;
  readonly med?: number;
  readonly isDrained: boolean;
  /** Absent: not drained, according to the route. */
  readonly drainedBy?: DrainedBy;
  /** If its node has withdrawn it and this server keeps it for a while: until when, RFC 3339. Absent for others. */
  readonly keptUntil?: string;
  /** The result of probing its own address; absent: it is not probed. */
  readonly probe?: ProbeState;
}

export interface AuditedPath extends ServicePath {
  readonly band: MedBand;
  /** It may take traffic: in the band `up`, not drained, not withdrawn. */
  readonly isHealthy: boolean;
}

export interface AddressAudit {
  readonly state: ServiceState;
  /** Everything that is wrong, worst first, in words; empty if nothing is. */
  readonly findings: readonly { readonly state: ServiceState; readonly text: string }[];
  readonly paths: readonly AuditedPath[];
  /** Absent without a configured home or without a path. */
  readonly isAtHome?: boolean;
}

/**
 * Judges one address. `home` is the node that should serve it; `refused` says who announces it if all announcements are
 * refused.
 */
export function auditAddress(
  rule: ServiceRule,
  paths: readonly ServicePath[],
  home?: string,
  refused?: string,
): AddressAudit {
  const audited = paths.map((path) => auditPath(rule, path));
  const healthy = audited.filter(({ isHealthy }) => isHealthy);
  const nodes = [...new Set(healthy.map(({ node }) => node))];
  const facts: Facts = { rule, paths: audited, healthy, nodes, home, refused };
  const findings = serviceStates.flatMap((state) => {
    const text = checks[state](facts);
    return text === undefined ? [] : [{ state, text }];
  });
  const isAtHome =
    home === undefined || audited.length === 0 ? undefined : audited[0].node === home;
  return {
    state: findings[0]?.state ?? 'ok',
    findings,
    paths: audited,
    ...(isAtHome !== undefined && { isAtHome }),
  };
}

/** Returns the band of a MED; a missing one counts as 0. */
export function bandOf({ medBands }: ServiceRule, med: number | undefined): MedBand {
  const value = med ?? 0;
  for (const band of ['up', 'disabled', 'down'] as const) {
    if (value >= medBands[band].min && value <= medBands[band].max) return band;
  }
  return 'unknown';
}

interface Facts {
  readonly rule: ServiceRule;
  readonly paths: readonly AuditedPath[];
  readonly healthy: readonly AuditedPath[];
  /** The healthy nodes, each once: two sessions with a node are no backup of each other. */
  readonly nodes: readonly string[];
  readonly home: string | undefined;
  readonly refused: string | undefined;
}

/** Each check returns why an address is in a state, or `undefined` if it is not. */
const checks: Readonly<Record<ServiceState, (facts: Facts) => string | undefined>> = {
  absent: ({ paths, refused }) =>
    paths.length === 0 ? (refused ?? 'no peer announces it') : undefined,
  only_down_paths: ({ paths, healthy }) => {
    if (paths.length === 0 || healthy.length > 0) return undefined;
    if (paths[0].keptUntil !== undefined) {
      return `${paths[0].node} has withdrawn it; its path is kept because no node announces it`;
    }
    return `served by ${paths[0].node}, ${wordsOf(paths[0])}; no node is up`;
  },
  no_backup: ({ nodes }) =>
    nodes.length === 1 ? `only ${nodes[0]} is up: no other node could take over` : undefined,
  degraded: ({ rule, healthy, nodes }) => {
    if (nodes.length < 2) return undefined;
    if (nodes.length < rule.minHealthy) {
      return `${nodes.length} nodes are up, but min_healthy is ${rule.minHealthy}`;
    }
    return commonDomain(healthy);
  },
  tie: ({ paths }) => {
    const [best, next] = paths;
    if (next === undefined || best.isDrained !== next.isDrained) return undefined;
    if ((best.med ?? 0) !== (next.med ?? 0)) return undefined;
    return `${best.node} and ${next.node} have the same MED ${best.med ?? 0}`;
  },
  unexpected_node: ({ paths, home }) => {
    if (home === undefined || paths.length === 0 || paths[0].node === home) return undefined;
    return `served by ${paths[0].node}, not by ${home}`;
  },
  ok: () => undefined,
};

function auditPath(rule: ServiceRule, path: ServicePath): AuditedPath {
  const band = bandOf(rule, path.med);
  const own =
    band === 'disabled' && path.drainedBy === undefined ? { drainedBy: 'node' as const } : {};
  const isHealthy = band === 'up' && !path.isDrained && path.keptUntil === undefined;
  return { ...path, ...own, band, isHealthy };
}

function wordsOf({ band, isDrained }: AuditedPath): string {
  if (isDrained) return 'which is drained';
  return `whose MED says ${band === 'unknown' ? 'unknown health' : band}`;
}

/** Returns the one failure that would take out all healthy nodes at once: a site or rack that they share. */
function commonDomain(healthy: readonly AuditedPath[]): string | undefined {
  for (const domain of ['rack', 'site'] as const) {
    const names = new Set(healthy.map((path) => path[domain]));
    const [name] = names;
    if (names.size === 1 && name !== undefined)
      return `all nodes that are up are in ${domain} ${name}`;
  }
  return undefined;
}
