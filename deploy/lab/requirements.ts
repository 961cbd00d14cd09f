import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { environment } from '#support/process.ts';
import { mainFile } from './rs9.ts';

const programs = [
  'ip',
  'bird',
  '/usr/lib/frr/bgpd',
  '/usr/lib/frr/bfdd',
  '/usr/lib/frr/zebra',
  'vtysh',
  'exabgp',
  'exabgp-healthcheck',
  'nginx',
  'curl',
];

/** Returns what the lab needs and is missing here; if empty, it can be built. */
export function whatIsMissing(): string[] {
  const missing = programs.filter((program) => !isInstalled(program));
  if (process.getuid?.() !== 0) missing.unshift('root, for network namespaces');
  if (!may(mainFile, constants.R_OK)) missing.push(`${mainFile}: npm run build`);
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
