/** The state of an address, or of many, in one line for people. Pure, as the audit is. */
import { type AddressAudit, type ServiceState, serviceStates } from './audit.ts';

/** The number of addresses that stand for many. */
const examples = 3;

/** Returns `2001:db8:30::1 is served by w3 alone`; an address of full length is shown without its `/128`. */
export function stateText(prefix: string, { state, findings, paths }: AddressAudit): string {
  const address = addressText(prefix);
  const found = findings[0]?.text ?? '';
  switch (state) {
    case 'ok':
      return `${address} is served by ${paths[0].node}${backupText(paths)}`;
    case 'no_backup':
      return paths[0].isHealthy
        ? `${address} is served by ${paths[0].node} alone`
        : `${address} is served by ${paths[0].node}; ${found}`;
    case 'only_down_paths':
      return `${address}${paths[0].keptUntil === undefined ? ' is' : ':'} ${found}`;
    case 'unexpected_node':
      return `${address} is ${found}`;
    case 'absent':
    case 'degraded':
    case 'tie':
      return `${address}: ${found}`;
    default:
      return state satisfies never;
  }
}

/**
 * Returns the text for all addresses of a service: `12 of 300 addresses: 2001:db8:30::1 and 11 more; 3 no_backup: …;
 * 285 ok`.
 */
export function firstText(states: ReadonlyMap<ServiceState, readonly string[]>): string {
  const [[first, worst], ...others] = serviceStates.flatMap((state) => {
    const prefixes = states.get(state);
    return prefixes === undefined ? [] : [[state, prefixes] as const];
  });
  const total = [...states.values()].reduce((sum, prefixes) => sum + prefixes.length, 0);
  if (others.length === 0) {
    const all = total === 1 ? 'its one address' : `all ${countText(total)} addresses`;
    return first === 'ok' ? all : `${all}: ${examplesText(worst)}`;
  }
  const more = others.map(([state, prefixes]) =>
    state === 'ok'
      ? `${countText(prefixes.length)} ok`
      : `${countText(prefixes.length)} ${state}: ${examplesText(prefixes)}`,
  );
  const count = `${countText(worst.length)} of ${countText(total)} addresses`;
  return [`${count}: ${examplesText(worst)}`, ...more].join('; ');
}

/** Returns `9,997 addresses: 2001:db8:30::1, 2001:db8:30::2, 2001:db8:30::3 and 9,994 more`. */
export function manyText(prefixes: readonly string[]): string {
  const noun = prefixes.length === 1 ? 'address' : 'addresses';
  return `${countText(prefixes.length)} ${noun}: ${examplesText(prefixes)}`;
}

/** Returns `2001:db8:30::1, 2001:db8:30::2, 2001:db8:30::3 and 9,994 more`. */
function examplesText(prefixes: readonly string[]): string {
  const shown = prefixes.slice(0, examples).map(addressText).join(', ');
  const more = prefixes.length - examples;
  return more > 0 ? `${shown} and ${countText(more)} more` : shown;
}

/** Returns `10,000`: a large number with its digits in groups of three. */
export function countText(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

/** Returns the address for a prefix of full length. */
export function addressText(prefix: string): string {
  return prefix.replace(prefix.includes(':') ? /\/128$/ : /\/32$/, '');
}

function backupText(paths: AddressAudit['paths']): string {
  const backups = [...new Set(paths.slice(1).flatMap((row) => (row.isHealthy ? [row.node] : [])))];
  return backups.length === 0 ? '' : `, backed up by ${backups.join(' ')}`;
}
