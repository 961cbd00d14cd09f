import { readFileSync } from 'node:fs';
import {
  birdRouteServerConfig,
  clientConfig,
  dataRouterConfig,
  edgeRouterConfig,
} from '../lab/bird-config.ts';
import { frrRouteServerConfig } from '../lab/frr-config.ts';
import { exabgpConfig, healthcheckConfig, nginxConfig } from '../lab/node-config.ts';
import { type HostPlan, nodes, routers } from '../lab/plan.ts';

/** Where a host's directory is inside its container. */
const lab = '/lab';
const example = new URL('../examples/service-ha.yaml', import.meta.url);

type Files = Readonly<Record<string, string>>;

/** Returns name -> text of what a host needs: its configurations, and the script that sets it up. */
export function hostFiles(host: HostPlan): Files {
  const { files, daemons } = software(host);
  return { ...files, 'start.sh': startScript(host, daemons) };
}

interface Software {
  readonly files: Files;
  /** Each to be run in the foreground. */
  readonly daemons: readonly string[];
}

function software(host: HostPlan): Software {
  const node = nodes.find(({ name }) => name === host.name);
  if (node !== undefined) {
    return {
      files: {
        'nginx.conf': nginxConfig('/run', node.name),
        'healthcheck.conf': healthcheckConfig(node, '/run/disabled'),
        'exabgp.conf': exabgpConfig(node, `${lab}/healthcheck.conf`, '/run/commands'),
      },
      daemons: [
        `nginx -c ${lab}/nginx.conf -e stderr -g 'daemon off;'`,
        `: >/run/commands && env exabgp_daemon_user=root exabgp_api_cli=false exabgp ${lab}/exabgp.conf`,
      ],
    };
  }
  if (host.name === 'RS9') {
    const config = readFileSync(example, 'utf8');
    const run = `fingerpost run -c ${lab}/fingerpost.yaml`;
    return { files: { 'fingerpost.yaml': config }, daemons: [run] };
  }
  if (host.name === 'RS5') {
    const ways = '--no_zebra --no_kernel --skip_runas -P 0 --log stdout -i /run/bgpd.pid';
    return {
      files: { 'bgpd.conf': frrRouteServerConfig(host) },
      daemons: [`/usr/lib/frr/bgpd -f ${lab}/bgpd.conf ${ways}`],
    };
  }
  return {
    files: { 'bird.conf': birdConfig(host) },
    daemons: [`bird -f -c ${lab}/bird.conf -s /run/bird.ctl`],
  };
}

function birdConfig(host: HostPlan): string {
  const router = routers.find(({ name }) => name === host.name);
  if (router === undefined) {
    return host.name === 'RS4' ? birdRouteServerConfig(host) : clientConfig(host);
  }
  const other = routers.find(({ name }) => name.startsWith('ER') && name !== router.name);
  const isEdge = router.name.startsWith('ER') && other !== undefined;
  return isEdge ? edgeRouterConfig(router, other) : dataRouterConfig(router);
}

/** Addresses first, then daemons, each with a log: containerlab waits for the script, not for them. */
function startScript(host: HostPlan, daemons: readonly string[]): string {
  const lines = [
    'ip link set lo up',
    ...host.interfaces.map(
      ({ device, address }) =>
        `ip address add ${address} dev ${device} nodad && ip link set ${device} up`,
    ),
    ...(host.loopback ?? []).map((address) => `ip address add ${address} dev lo`),
    ...(host.routes ?? []).map((route) => `ip -6 route add ${route}`),
    ...daemons.map((command, at) => `setsid sh -c ${quoted(command)} >/run/daemon${at}.log 2>&1 &`),
  ];
  return `#!/bin/sh\nset -eu\n${lines.join('\n')}\n`;
}

function quoted(command: string): string {
  return `'${command.replaceAll("'", `'\\''`)}'`;
}
