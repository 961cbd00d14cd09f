import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Bird } from '#support/daemons/bird.ts';
import { Fingerpost } from '#support/daemons/fingerpost.ts';
import type { Host } from '#support/netns.ts';
import { describeInterop } from '#support/requirements.ts';
import { waitFor } from '#support/wait.ts';
import { withLab } from './lab-test.ts';
import type { Lab } from './lab.ts';
import { ipv4Plan } from './plan.ts';
import { recipe } from './recipe-snippets.ts';

const [address] = ipv4Plan.services;
const [w1, w2] = ipv4Plan.nodes;
const mainFile = resolve(new URL('../../src/main.ts', import.meta.url).pathname);

const config = (folder: string): string => `
router_id: 1.1.1.9
local_as: 65002
control: { socket: ${join(folder, 'control.sock')} }
http: { listen: ["127.0.0.1:9179", "${ipv4Plan.routeServer}:9179"], hosts: [] }
start_gate: 0
sole_route_server: true
services: [{ name: web, prefix: "198.51.100.0/24{32,32}" }]
peer_groups:
  nodes: { peer_as: 65001, families: [ipv4_unicast], import: all, multihop: 10, passive: true }
peers:
  - { name: W1, address: ${w1.address}, group: nodes, node: w1 }
  - { name: W2, address: ${w2.address}, group: nodes, node: w2 }
  - { name: ER2, address: ${ipv4Plan.router(2)}, peer_as: 65003, families: [ipv4_unicast], export: all }
`;

const secondNode = `
log stderr all;
router id ${w2.routerId};
protocol device { }
protocol static { ipv4; route ${address} blackhole; }
protocol bgp RS9 {
  local ${w2.address} as 65001; neighbor ${ipv4Plan.routeServer} as 65002; multihop 10;
  connect delay time 1; connect retry time 1;
  ipv4 { import none; export filter { bgp_med = 200; accept; }; };
}
`;

/** The health check of the recipe, with its disable file. */
function exabgpConfig(disableFile: string): string {
  const check =
    '/usr/bin/exabgp-healthcheck --no-syslog --no-ip-setup --interval 1 --fast-interval 0.2 --rise 1 --fall 1 ' +
    `--disable ${disableFile} --cmd /bin/true --ip ${address}`;
  return `process web { run ${check}; encoder text; }
neighbor ${ipv4Plan.routeServer} {
  router-id ${w1.routerId};
  local-address ${w1.address};
  local-as 65001;
  peer-as 65002;
  api { processes [ web ]; }
}
`;
}

function setStage(lab: Lab) {
  const [first, second] = lab.nodes;
  const { host } = first;
  const disableFile = join(host.folder, 'web.disabled');
  writeFileSync(join(host.folder, 'exabgp.conf'), exabgpConfig(disableFile));
  host.start('exabgp', ['exabgp', join(host.folder, 'exabgp.conf')], {
    env: { exabgp_daemon_user: 'root', exabgp_api_cli: 'false' },
  });
  standIns(host, { fingerpost: `exec ${process.execPath} ${mainFile} "$@"` });
  for (const name of ['systemctl', 'curl', 'logger']) {
    standIns(host, { [name]: `echo ${name} "$@" >>${host.folder}/said` });
  }
  return {
    fingerpost: new Fingerpost(lab.routeServerHost, config(lab.routeServerHost.folder)),
    second: new Bird(second.host, secondNode),
    er2: lab.birdRouter('ER2', 2),
    host,
    disableFile,
  };
}

/** Stand-ins for programs, which come first in the PATH of `run`. */
function standIns(host: Host, programs: Readonly<Record<string, string>>): void {
  for (const [name, line] of Object.entries(programs)) {
    writeFileSync(join(host.folder, name), `#!/bin/sh\n${line}\n`, { mode: 0o755 });
  }
}

describeInterop('a node that takes itself out by the recipes', ['exabgp', 'bird'], () => {
  const stage = withLab(ipv4Plan, setStage);

  /** Waits until the router uses this node. */
  const served = ({ address: nextHop }: { address: string }) =>
    waitFor(
      `ER2 to use ${nextHop}`,
      () => stage().er2.routes(),
      ([route]) => route?.nextHop === nextHop,
    );

  /** Runs a shell script of the page, its paths and names replaced by those of the lab. */
  const run = async (script: string): Promise<void> => {
    const { host, disableFile } = stage();
    const text = script
      .replaceAll('/run/exabgp/web.disabled', disableFile)
      .replaceAll(/http:\/\/rs\d+\.example\.net:9179/g, `http://${ipv4Plan.routeServer}:9179`);
    const file = join(host.folder, 'script');
    writeFileSync(file, text);
    await host.run(['env', `PATH=${host.folder}:${process.env.PATH}`, 'NODE_NAME=w1', 'sh', file]);
  };

  const said = (): string => {
    const file = join(stage().host.folder, 'said');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  };

  beforeEach(async () => {
    rmSync(stage().disableFile, { force: true });
    rmSync(join(stage().host.folder, 'said'), { force: true });
    await served(w1);
  });

  it('ExecStop= of systemd returns once routers have moved', async () => {
    await run(recipe('sh', '/usr/local/sbin/leave-service'));
    const [route] = await stage().er2.routes();
    expect([route.nextHop, said()]).toEqual([w2.address, '']);
  });

  it('ExecStop= of systemd ends at its timeout if they do not move, and says so', async () => {
    await stage().second.command('disable RS9');
    const script = recipe('sh', '/usr/local/sbin/leave-service');
    await run(script.replace('--timeout 60s', '--timeout 2s'));
    expect(said()).toMatch(/^logger -t leave-service routers may still be sent here/);
    await stage().second.command('enable RS9');
  });

  it('a deployment restarts the service while the node is out of service, and brings it back', async () => {
    await run(recipe('sh', 'deploy-web'));
    expect(said()).toMatch(/^systemctl restart web\ncurl .* http:\/\/localhost\/health\n$/);
    await served(w1);
  });

  it('the hook of a pod returns once routers have moved', async () => {
    const pod: { containers: { lifecycle: { preStop: { exec: { command: string[] } } } }[] } =
      parse(recipe('yaml', 'preStop'));
    const [shell, option, script] = pod.containers[0].lifecycle.preStop.exec.command;
    expect([shell, option]).toEqual(['sh', '-c']);
    await run(script);
    const [route] = await stage().er2.routes();
    expect(route.nextHop).toBe(w2.address);
  });
});
