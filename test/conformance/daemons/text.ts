import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { environment } from '#support/process.ts';

/** Returns a line if there is a value for it. */
export function line(text: string, value: unknown): string {
  return value === undefined || value === false ? '' : `${text}\n`;
}

/** Returns the full path of a program, which is also looked for where Debian keeps daemons. */
export function programPath(name: string): string | undefined {
  if (name.startsWith('/')) return existsSync(name) ? name : undefined;
  const folders = (environment.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}
