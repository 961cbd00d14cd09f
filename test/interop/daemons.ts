import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '#config/load.ts';
import type { PeerDaemon } from '#interop/render/peer-daemons.ts';
import { renderPeer } from '#interop/render/render.ts';
import type { BirdPrograms } from '#support/daemons/bird.ts';
import type { Host } from '#support/netns.ts';

/** Daemons that are started with a configuration as it is, and what `render` prints for them. */

/** Where test/support/install.sh puts BIRD 1.6, which Debian does not let stand beside BIRD 2. */
export const bird1Folder = '/var/lib/fingerpost-test/bird-1.6/usr/sbin';

export const bird6: BirdPrograms = {
  server: `${bird1Folder}/bird6`,
  client: `${bird1Folder}/birdc6`,
};

/** Returns what prints the other side of a peer of this configuration file. */
export function rendererOf(configFile: string): (daemon: PeerDaemon, peer: string) => string {
  const outcome = loadConfig(configFile);
  if (!outcome.ok) throw new Error(outcome.problems.map(({ message }) => message).join('\n'));
  return (daemon, peer) => renderPeer(outcome.config, daemon, peer);
}

/** A new file of the host with this text, writable only by its owner, as OpenBGPD requires. */
export function fileOf(host: Host, name: string, text: string): string {
  const path = join(host.folder, name);
  if (existsSync(path)) throw new Error(`${path} is there already`);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

/** Starts FRR's bgpd with these modules and without zebra; returns what runs a command of its shell. */
export function startFrr(
  host: Host,
  text: string,
  modules: readonly string[] = [],
): (words: string) => Promise<string> {
  const file = fileOf(host, 'frr.conf', text);
  const folders = ['-i', join(host.folder, 'bgpd.pid'), '--vty_socket', host.folder];
  const alone = ['--no_zebra', '--no_kernel', '--skip_runas', '-P', '0', '--log', 'stdout'];
  const loaded = modules.flatMap((module) => ['-M', module]);
  host.start('frr', ['/usr/lib/frr/bgpd', '-f', file, ...folders, ...alone, ...loaded]);
  return (words) => host.run(['vtysh', '--vty_socket', host.folder, '-d', 'bgpd', '-c', words]);
}

/** Its control socket and its folder are fixed: it gets private ones, so that tests can run side by side. */
export function startOpenbgpd(host: Host, text: string): void {
  const file = fileOf(host, 'bgpd.conf', text);
  const script = `mkdir -p /run/openbgpd && mount --bind ${host.folder} /run/openbgpd && exec /usr/sbin/bgpd -d -f ${file}`;
  host.start('openbgpd', ['unshare', '--mount', 'sh', '-c', script]);
}

/** Its API is inside the namespace. */
export function startGobgp(host: Host, text: string): void {
  const file = fileOf(host, 'gobgpd.toml', text);
  const api = ['--pprof-disable', '--api-hosts', '127.0.0.1:50051'];
  host.start('gobgpd', ['gobgpd', '-f', file, ...api]);
}
