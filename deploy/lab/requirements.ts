import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { environment } from '../../test/interop/process.ts';

const built = new URL('../../dist/src/main.js', import.meta.url).pathname;
const programs = [
  'ip',
  'bird',
  '/usr/lib/frr/bgpd',
  'vtysh',
  'exabgp',
  'exabgp-healthcheck',
  'nginx',
  'curl',
];

/** What the lab cannot do without and is not here; nothing: it can be built. */
export function whatIsMissing(): string[] {
  const missing = programs.filter((program) => !isInstalled(program));
  if (process.getuid?.() !== 0) missing.unshift('root, for network namespaces');
  if (!may(built, constants.R_OK)) missing.push(`${built}: npm run build`);
  return missing;
}

function isInstalled(program: string): boolean {
  if (isAbsolute(program)) return may(program, constants.X_OK);
  const folders = (environment.PATH ?? '').split(delimiter);
  return folders.some((folder) => may(join(folder, program), constants.X_OK));
}

function may(file: string, mode: number): boolean {
  try {
    accessSync(file, mode);
    return true;
  } catch {
    return false;
  }
}
