import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Name of the group that a file belongs to or, where not even that may be seen, its folder; `undefined`: neither can
 * be seen, or group(5) has no name for it.
 */
export function groupOf(file: string): string | undefined {
  for (const path of [file, dirname(file)]) {
    try {
      return groupName(statSync(path).gid);
    } catch {
      // Next, the folder.
    }
  }
  return undefined;
}

/** `undefined`: the machine has no group of that number. Throws where group(5) cannot be read. */
export function groupName(gid: number): string | undefined {
  const rows = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .map((row) => row.split(':'));
  return rows.find(([, , id]) => id === String(gid))?.[0];
}
