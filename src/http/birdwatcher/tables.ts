import type { FamilyName } from '#wire/constants.ts';
import { Problem } from '../problem.ts';

/** The names of BIRD's tables; a route server with one name for both families calls it `master`. */
const tables: readonly { readonly name: string; readonly family?: FamilyName }[] = [
  { name: 'master' },
  { name: 'master4', family: 'ipv4_unicast' },
  { name: 'master6', family: 'ipv6_unicast' },
];

export const tableNames: readonly string[] = tables.map(({ name }) => name);

/** Returns the families in a table: one, or both. Throws a `Problem` if there is no such table. */
export function familyIn(table: string): { readonly family?: FamilyName } {
  const row = tables.find(({ name }) => name === table);
  if (row !== undefined) return row.family === undefined ? {} : { family: row.family };
  const known = tableNames.join(', ');
  throw new Problem(404, 'unknown_table', `no table has the name ${table}; known: ${known}`);
}

export function tableOf(wanted: FamilyName): string {
  return tables.find(({ family }) => family === wanted)?.name ?? 'master';
}
