import { join } from 'node:path';
import { Fingerpost } from '#support/daemons/fingerpost.ts';
import type { Host } from '#support/netns.ts';
import { bird1Folder, fileOf, startFrr } from '../daemons.ts';
import type { Twin } from './twins.ts';

/** BIRD 2 with this configuration. */
export function bird2(config: string): Twin {
  return { label: 'BIRD 2', start: (host) => startBird(host, 'bird', config) };
}

/** BIRD 1.6 with this configuration: `bird` for IPv4, `bird6` for IPv6. */
export function bird1(program: 'bird' | 'bird6'): (config: string) => Twin {
  return (config) => ({
    label: 'BIRD 1.6',
    start: (host) => startBird(host, `${bird1Folder}/${program}`, config),
  });
}

/** FRR's bgpd with this configuration, without zebra. `modules` are the modules that it loads. */
export function frr(config: string, modules: readonly string[] = []): Twin {
  return {
    label: 'FRR',
    start: (host) => void startFrr(host, config, modules),
  };
}

/** fingerpost; the sockets and the state_dir of the file are replaced by those of the test. */
export function fingerpost(config: string): Twin {
  return {
    label: 'fingerpost',
    start: (host) => void new Fingerpost(host, inFolder(config, host)),
  };
}

function startBird(host: Host, program: string, config: string): void {
  const file = fileOf(host, 'bird.conf', config);
  host.start('bird', [program, '-f', '-c', file, '-s', join(host.folder, 'bird.ctl')]);
}

function inFolder(config: string, { folder }: Host): string {
  const own = config.replace(/^(control|http|state_dir|start_gate|log):.*\n( .*\n)*/gm, '');
  return `control: { socket: ${join(folder, 'control.sock')} }\nstart_gate: 0\n${own}`;
}
