import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Returns the name of the group that a file belongs to or, if even that may not be read, that its directory belongs to;
 * `undefined` if neither can be read or group(5) has no name for it.
 */
export function groupOf(file: string): string | undefined {
  for (const path of [file, dirname(file)]) {
    try {
      return groupName(statSync(path).gid);
    } catch {
      // Try the directory next.
    }
  }
  return undefined;
}

/** Returns `undefined` if the machine has no group with that number. Throws if group(5) cannot be read. */
export function groupName(gid: number): string | undefined {
  const rows = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .map((row) => row.split(':'));
  return rows.find(([, , id]) => id === String(gid))?.[0];
}
