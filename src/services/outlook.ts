/**
 * What a change would mean for one address: how it is served before and after, in the audit's words if it belongs to a
 * service. Pure, as the audit is.
 */
import {
  type AddressAudit,
  auditAddress,
  type ServicePath,
  type ServiceRule,
  type ServiceState,
} from './audit.ts';

/**
 * What an operator must know, worst first. `dark`: no node serves it any longer, or only nodes that say they are
 * down; `no_backup`: one node is left; `moves`: another node serves it; `gains`: it was dark.
 */
export const effects = ['dark', 'no_backup', 'moves', 'gains'] as const;
export type Effect = (typeof effects)[number];

/** How an address is served: its accepted paths, best first, and what its service should have. */
export interface Situation {
  readonly paths: readonly ServicePath[];
  readonly service?: { readonly rule: ServiceRule; readonly home?: string };
}

/** One side of a change. */
export interface Serving {
  /** Absent if no service has the address. */
  readonly audit?: AddressAudit;
  readonly best?: string;
  /** Other nodes that would take over, the next one first; for a service, healthy ones. */
  readonly backups: readonly string[];
}

export interface Outlook {
  readonly effects: readonly Effect[];
  readonly before: Serving;
  readonly after: Serving;
}

/** Compares two situations of one address. */
export function outlookOf(before: Situation, after: Situation): Outlook {
  const was = servingOf(before);
  const is = servingOf(after);
  return { effects: effects.filter((effect) => holds[effect](was, is)), before: was, after: is };
}

/** Returns whether no node that says that it is up serves the address. */
function isDark({ audit, best }: Serving): boolean {
  return best === undefined || (audit !== undefined && darkStates.has(audit.state));
}

const darkStates: ReadonlySet<ServiceState> = new Set(['absent', 'only_down_paths']);

const holds: Readonly<Record<Effect, (was: Serving, is: Serving) => boolean>> = {
  dark: goesDark,
  no_backup: (was, is) => !isDark(is) && is.backups.length === 0 && was.backups.length > 0,
  moves: (was, is) =>
    !goesDark(was, is) && was.best !== undefined && is.best !== undefined && was.best !== is.best,
  gains: (was, is) => isDark(was) && !isDark(is),
};

function goesDark(was: Serving, is: Serving): boolean {
  if (is.best === undefined) return was.best !== undefined;
  return isDark(is) && !isDark(was);
}

function servingOf({ paths, service }: Situation): Serving {
  if (service === undefined) return { ...bestOf(paths), backups: othersOf(paths) };
  const audit = auditAddress(service.rule, paths, service.home);
  const healthy = audit.paths.filter((path, rank) => rank === 0 || path.isHealthy);
  return { audit, ...bestOf(paths), backups: othersOf(healthy) };
}

function bestOf([best]: readonly ServicePath[]): Pick<Serving, 'best'> {
  return best === undefined ? {} : { best: best.node };
}

/** Returns each node once, without that of the first path. */
function othersOf([best, ...rest]: readonly ServicePath[]): string[] {
  return [...new Set(rest.map(({ node }) => node))].filter((node) => node !== best.node);
}
