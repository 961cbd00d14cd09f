import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join, resolve } from 'node:path';
import { Daemon } from '#support/process.ts';
import { waitFor } from '#support/wait.ts';
import { asOf, daemonAs, daemonRouterId, type Limit, type PeerProfile } from '../case.ts';
import type { PlannedPeer } from '../world.ts';
import type { Candidate, RunningDaemon, Setup } from './candidate.ts';

const root = resolve(import.meta.dirname, '../../..');
/** The sources as they are, or the program that CONFORMANCE_MAIN names: `dist/main.js`. */
const mainFile = resolve(root, process.env.CONFORMANCE_MAIN ?? 'src/main.ts');

/** Our daemon, as a process of its own on ports that the kernel chooses. */
export const fingerpost: Candidate = {
  make: 'fingerpost',
  program: mainFile,
  answersAtOnce: true,
  patienceSec: 60,
  unfit: () => undefined,
  launch,
};

async function launch(setup: Setup): Promise<RunningDaemon> {
  const file = join(setup.folder, 'fingerpost.yaml');
  const socketPath = join(setup.folder, 'control.sock');
  writeFileSync(file, config(setup, socketPath));
  const argv = [process.execPath, mainFile, 'run', '-c', file];
  const daemon = new Daemon('fingerpost', argv, { cwd: setup.folder });
  const listening = /"address":"[^"]*:(\d+)","what":"bgp"/;
  try {
    const log = await waitFor(
      'fingerpost to listen',
      () => daemon.log,
      (text) => (listening.test(text) && text.includes('"what":"control"')) || !daemon.isRunning,
    );
    const port = Number(listening.exec(log)?.[1]);
    if (!daemon.isRunning) throw new Error('fingerpost has ended');
    const control: RunningDaemon['control'] = (method, path, body) =>
      ask(socketPath, method, path, body);
    const reload = (edit: (text: string) => string): void => {
      writeFileSync(file, edit(readFileSync(file, 'utf8')));
      daemon.signal('SIGHUP');
    };
    return { process: daemon, port, control, reload };
  } catch (error) {
    await daemon.kill();
    throw new Error(`${String(error)}\n${daemon.report()}`, { cause: error });
  }
}

function ask(socketPath: string, method: string, path: string, body?: unknown): Promise<unknown> {
  return new Promise((fulfil, reject) => {
    const headers = { 'content-type': 'application/json' };
    const asked = request({ socketPath, path, method, headers, timeout: 60_000 }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.once('end', () => {
        if ((answer.statusCode ?? 500) < 300) fulfil(text === '' ? undefined : JSON.parse(text));
        else reject(new Error(`${method} ${path}: ${answer.statusCode} ${text}`));
      });
    });
    asked.once('error', reject).once('timeout', () => asked.destroy(new Error('no answer')));
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function config(setup: Setup, socketPath: string): string {
  return `
router_id: ${daemonRouterId}
local_as: ${daemonAs}
listen: ["${setup.address}:0"]
http: { listen: "127.0.0.1:0" }
control: { socket: ${socketPath} }
start_gate: 0
log: { level: info, format: json }
peers:
${setup.peers.map((peer) => `  - { ${peerKeys(peer, setup).join(', ')} }`).join('\n')}
`;
}

function peerKeys({ name, address, profile }: PlannedPeer, setup: Setup): string[] {
  const { routes = 'in', families, role } = profile;
  return [
    `name: ${name}`,
    `address: ${address}`,
    `peer_as: ${asOf(profile)}`,
    `import: ${routes === 'out' ? 'none' : 'all'}`,
    `export: ${routes === 'in' ? 'none' : 'all'}`,
    `accept_next_hop: ${profile.nextHop ?? 'any'}`,
    ...(profile.isDialled === true
      ? [`port: ${setup.dialPort}`, 'connect_retry: 1s', 'idle_hold: 1s', 'multihop: 10']
      : ['passive: true', 'idle_hold: 60s']),
    ...optional('local_as', profile.localAs),
    ...optional('hold_time', profile.holdTimeSec),
    ...optional('min_hold_time', profile.minHoldTimeSec),
    ...optional(
      'families',
      families && `[${families.map((each) => `${each}_unicast`).join(', ')}]`,
    ),
    ...optional('add_path', profile.addPath),
    ...optional('enforce_first_as', profile.enforceFirstAs),
    ...optional('allow_as_sets', profile.allowAsSets),
    ...optional('rs_client', profile.isRsClient),
    ...optional('role', role),
    ...optional('med', profile.missingMed && `{ missing: ${profile.missingMed} }`),
    ...optional('max_prefix', profile.limit && limitText(profile.limit)),
    ...optional('max_prefix_received', profile.receivedLimit && limitText(profile.receivedLimit)),
    ...optional('communities', communities(profile)),
    ...(profile.isRestartHelper === true ? ['graceful_restart: { helper: true }'] : []),
  ];
}

function communities({ interpretsCommunities }: PeerProfile): string | undefined {
  return interpretsCommunities === true ? 'interpret_well_known' : undefined;
}

function limitText({ limit, action }: Limit): string {
  const after = action === 'restart' ? ', restart_after: 60s' : '';
  return `{ limit: ${limit}, action: ${action}${after} }`;
}

function optional(key: string, value: string | number | boolean | undefined): string[] {
  return value === undefined ? [] : [`${key}: ${value}`];
}
