import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, it } from 'vitest';
import { routeServerMake } from './daemons/make-route-server.ts';
import { environment } from './process.ts';

/** Programs and devices of an interop test, by the name on PATH or the absolute path. */
export type Program =
  | 'bird'
  | '/usr/lib/frr/bgpd'
  | '/var/lib/fingerpost-test/bird-1.6/usr/sbin/bird'
  | '/usr/lib/frr/bfdd'
  | 'gobgpd'
  | '/usr/sbin/bgpd'
  | 'exabgp'
  | 'exabgp-healthcheck'
  | 'nginx'
  | 'curl'
  | 'prometheus'
  | 'promtool'
  | 'prometheus-bird-exporter'
  | 'stayrtr'
  | '/usr/lib/x86_64-linux-gnu/frr/modules/bgpd_rpki.so'
  | 'tcpdump'
  | 'iptables'
  | '/dev/net/tun'
  | 'lintian'
  | 'bgpdump'
  | '/usr/lib/python3/dist-packages/mrtparse'
  | 'tshark'
  | 'pmbmpd';

/**
 * A group of tests with real daemons. Where they cannot run (not root, no namespaces, a program missing)
 * the group is reported as skipped, the reason printed and part of its name.
 */
export function describeInterop(
  title: string,
  programs: readonly Program[],
  body: () => void,
): void {
  describeUnless(title, whatIsMissing(programs), body);
}

/**
 * A group of tests in a browser, and with other programs if they are named; like `describeInterop`, but without root
 * and namespaces.
 */
export function describeBrowser(
  title: string,
  body: () => void,
  programs: readonly Program[] = [],
): void {
  const missing = programs.filter((program) => !isInstalled(program));
  describeUnless(title, isInstalled(chromium) ? missing : ['chromium', ...missing], body);
}

/** A group of tests with programs that need neither root nor namespaces; otherwise as `describeInterop`. */
export function describeInstalled(
  title: string,
  programs: readonly Program[],
  body: () => void,
): void {
  describeUnless(
    title,
    programs.filter((program) => !isInstalled(program)),
    body,
  );
}

/** Debian's path. */
export const chromium = '/usr/bin/chromium';

function describeUnless(title: string, missing: readonly string[], body: () => void): void {
  if (missing.length === 0) {
    describe(title, body);
    return;
  }
  const reason = `needs ${missing.join(', ')}`;
  console.warn(`"${title}" is not run: ${reason}`);
  describe.runIf(false)(`${title} (not run: ${reason})`, body);
}

/** A test of what only fingerpost does; it does not run while BIRD is in its place. */
export const itFingerpost = it.runIf(routeServerMake === 'fingerpost');

function whatIsMissing(programs: readonly Program[]): string[] {
  if (process.platform !== 'linux') return ['Linux'];
  const missing: string[] = programs.filter((program) => !isInstalled(program));
  if (process.getuid?.() !== 0) missing.unshift('root');
  else if (!isInstalled('ip')) missing.push('ip');
  else if (!canMakeNamespaces()) missing.push('the right to make network namespaces');
  return missing;
}

/** Root in a container may lack it. */
function canMakeNamespaces(): boolean {
  const probe = `fp${process.pid}-probe`;
  const options = { env: environment, stdio: 'ignore' } as const;
  if (spawnSync('ip', ['netns', 'add', probe], options).status !== 0) return false;
  return spawnSync('ip', ['netns', 'delete', probe], options).status === 0;
}

function isInstalled(program: string): boolean {
  const isFile = program.startsWith('/dev/') || program.endsWith('.so');
  if (isFile) return existsSync(program);
  if (program.startsWith('/')) return isExecutable(program);
  const folders = (environment.PATH ?? '').split(delimiter);
  return folders.some((folder) => isExecutable(join(folder, program)));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
