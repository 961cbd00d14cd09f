import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { FailoverView } from '#api/events/failover.ts';
import type { PeerView } from '#api/views/peer.ts';
import type { BirdRouter } from '#support/daemons/bird.ts';
import { Fingerpost } from '#support/daemons/fingerpost.ts';
import type { Host } from '#support/netns.ts';
import {
  attribute,
  fourOctetAsCapability,
  ipv6Hex,
  ipv6UnicastCapability,
  ipv6Update,
  keepalive,
  open,
  update,
} from '#support/raw-message.ts';
import { RawSpeaker } from '#support/raw-speaker.ts';
import { describeInterop } from '#support/requirements.ts';
import { waitFor } from '#support/wait.ts';
import { withLab } from './lab-test.ts';
import { type Lab, nodeAs, routerAs } from './lab.ts';
import { ipv6Plan } from './plan.ts';

const [address] = ipv6Plan.services;
const nodes = [
  { name: 'N1', address: ipv6Plan.router(40), routerId: '1.1.1.40' },
  { name: 'N2', address: ipv6Plan.router(41), routerId: '1.1.1.41' },
  { name: 'FLOOD', address: ipv6Plan.router(42), routerId: '1.1.1.42' },
] as const;
/** The routers: two that read, a BIRD that is frozen, and a socket that is not read. */
const routerNames = ['ER2', 'ER3', 'ER4', 'SHUT'];
const shutAddress = ipv6Plan.router(43);
const holdTimeSec = 240;
const floodPrefixes = 20_000;
const prefixesPerUpdate = 200;
const lastOfFlood = floodPrefix(floodPrefixes);
/** More than our kernel and the other one buffer, and more than a router may be behind in the shared stream. */
const floodsUntilBehind = 36;

const config = (folder: string): string => `
router_id: 1.1.1.9
local_as: 65002
listen: ["[${ipv6Plan.routeServer}]:179"]
control: { socket: ${join(folder, 'control.sock')} }
start_gate: 0
services: [{ name: web, prefix: "${ipv6Plan.servicePattern}" }]
peer_groups:
  nodes: { peer_as: 65001, families: [ipv6_unicast], import: all, passive: true, hold_time: ${holdTimeSec} }
  routers: { peer_as: 65003, families: [ipv6_unicast], export: all, passive: true, hold_time: ${holdTimeSec} }
peers:
${nodes.map((node) => `  - { name: ${node.name}, address: "${node.address}", group: nodes }`).join('\n')}
${[2, 3, 4].map((number) => `  - { name: ER${number}, address: "${ipv6Plan.router(number)}", group: routers }`).join('\n')}
  - { name: SHUT, address: "${shutAddress}", group: routers }
`;

/**
 * Opens a session, reads the answer to its OPEN and never reads again; KEEPALIVEs go on. Its arguments: from, to, and
 * its messages in hexadecimal.
 */
const unreadSocket = `
  const [from, to, hello, beat] = process.argv.slice(1);
  const socket = require('node:net').connect({ host: to, port: 179, localAddress: from });
  socket.write(Buffer.from(hello, 'hex'));
  socket.once('data', () => socket.pause());
  setInterval(() => socket.write(Buffer.from(beat, 'hex')), 1000);
`;

function openOf(as: number, routerId: string) {
  const capabilities = [ipv6UnicastCapability, fourOctetAsCapability(as)];
  return { as, holdTimeSec, routerId, capabilities };
}

/**
 * What the kernel may keep for a process that does not read. Without a limit it grows with what was read before,
 * sometimes so far that everything sent here was acknowledged.
 */
async function limitReceiveBuffers(host: Host): Promise<void> {
  await host.run(['sh', '-c', 'echo 4096 65536 65536 > /proc/sys/net/ipv4/tcp_rmem']);
}

async function startUnreadSocket(lab: Lab): Promise<void> {
  const host = lab.backboneHost('SHUT', shutAddress);
  await limitReceiveBuffers(host);
  const hello = Buffer.concat([open(openOf(routerAs, '1.1.1.43')), keepalive()]).toString('hex');
  const argv = [shutAddress, ipv6Plan.routeServer, hello, keepalive().toString('hex')];
  host.start('unread', [process.execPath, '-e', unreadSocket, '--', ...argv]);
}

interface Stage {
  readonly fingerpost: Fingerpost;
  readonly routers: readonly BirdRouter[];
  readonly hosts: ReadonlyMap<string, Host>;
}

async function setStage(lab: Lab): Promise<Stage> {
  const fingerpost = new Fingerpost(lab.routeServerHost, config(lab.routeServerHost.folder));
  // A peer connects here only once.
  await fingerpost.get('/api/v1/status');
  const routers = [2, 3, 4].map((number) => lab.birdRouter(`ER${number}`, number));
  await limitReceiveBuffers(routers[1].bird.host);
  await startUnreadSocket(lab);
  const hosts = nodes.map(({ name, address: own }) => [name, lab.backboneHost(name, own)] as const);
  return { fingerpost, routers, hosts: new Map(hosts) };
}

/** UPDATEs that announce all prefixes of the flood with this MED, about 380 KB. */
function flood(nextHop: string, med: number): Buffer {
  const updates: Buffer[] = [];
  for (let at = 0; at < floodPrefixes; at += prefixesPerUpdate) {
    const nlri = Array.from({ length: prefixesPerUpdate }, (_, more) =>
      Buffer.from(`80${hexOf(floodPrefix(at + more + 1))}`, 'hex'),
    );
    const reach = [
      0,
      2,
      1,
      16,
      ...Buffer.from(hexOf(`${nextHop}/128`), 'hex'),
      0,
      ...Buffer.concat(nlri),
    ];
    updates.push(
      update(
        [
          attribute(0x40, 1, [0]),
          attribute(0x40, 2, [2, 1, 0, 0, nodeAs >> 8, nodeAs & 255]),
          attribute(0x80, 4, [0, 0, med >> 8, med & 255]),
          attribute(0x90, 14, reach),
        ],
        Buffer.alloc(0),
        Buffer.alloc(0),
      ),
    );
  }
  return Buffer.concat(updates);
}

function floodPrefix(number: number): string {
  return `2001:db8:31::${number.toString(16)}/128`;
}

function hexOf(prefix: string): string {
  return ipv6Hex(prefix).split('/')[0];
}

describeInterop('routers whose window is shut', ['bird'], () => {
  const stage = withLab(ipv6Plan, setStage);
  const speakers = new Map<string, RawSpeaker>();
  let floods = 0;

  const announce = (name: 'N1' | 'N2', med: number): void => {
    const node = nodes.find((each) => each.name === name);
    if (node === undefined) throw new Error(`no node ${name}`);
    const route = { prefix: address, nextHop: node.address, asPath: [nodeAs], med };
    speakers.get(name)?.send(ipv6Update(route));
  };

  /** Waits until the daemon has read all of it. */
  const send = async (count: number): Promise<void> => {
    const { fingerpost } = stage();
    for (let more = 0; more < count; more++) {
      speakers.get('FLOOD')?.send(flood(nodes[2].address, 100 + ++floods));
      const url = `/api/v1/routes?prefix=${encodeURIComponent(lastOfFlood)}`;
      await waitFor(
        'the flood',
        () => fingerpost.get<{ items: { med?: number }[] }>(url),
        ({ items: [route] }) => route?.med === 100 + floods,
      );
    }
  };

  /** Waits until these routers, which read, have it too, so that the failover is the next thing that is written. */
  const haveFlood = async (...readers: BirdRouter[]): Promise<void> => {
    for (const router of readers) {
      await waitFor(
        `the flood at ${router.name}`,
        () => router.bird.command(`show route for ${lastOfFlood} all`),
        (text) => text.includes(`BGP.med: ${100 + floods}`),
      );
    }
  };

  /** Returns the recorded failover of the address, once the wait for the routers is over. */
  const move = async (from: string, to: string): Promise<FailoverView> => {
    const url = `/api/v1/failovers?limit=1&prefix=${encodeURIComponent(address)}`;
    const { items } = await waitFor(
      `the record of ${from} to ${to}`,
      () => stage().fingerpost.get<{ items: FailoverView[] }>(url),
      ({ items: [last] }) => last?.from === from && last.to === to,
    );
    return items[0];
  };

  it('all have the routes before', async () => {
    const { fingerpost, hosts } = stage();
    for (const { name, address: from, routerId } of nodes) {
      const host = hosts.get(name);
      if (host === undefined) throw new Error(`no host ${name}`);
      const speaker = RawSpeaker.inside(host, { from, to: ipv6Plan.routeServer });
      speakers.set(name, speaker);
      await speaker.establish(openOf(nodeAs, routerId));
      speaker.keepAlive(2000);
    }
    await waitFor(
      'the routers',
      () => fingerpost.established(),
      (up) => routerNames.every((name) => up.includes(name)),
    );
    announce('N1', 100);
    announce('N2', 200);
    await send(1);
  });

  it('are the only ones that a failover waits for, however long', async () => {
    const { routers } = stage();
    routers[1].daemon.signal('SIGSTOP');
    await send(3);
    await haveFlood(routers[0], routers[2]);
    announce('N1', 300);
    const failover = await move('N1', 'N2');
    expect(failover.routers).toEqual({ written: 4, received: 2, waiting: ['ER3', 'SHUT'] });
    expect(failover.received_ms).toBeUndefined();
    expect(failover.first_written_ms).toBeGreaterThan(0);
  });

  it('are waited for also when they have left the shared stream, where nothing is written to them', async () => {
    const { fingerpost, routers } = stage();
    await send(floodsUntilBehind);
    await haveFlood(routers[0], routers[2]);
    announce('N1', 100);
    const failover = await move('N2', 'N1');
    expect(failover.routers).toEqual({ written: 4, received: 2, waiting: ['ER3', 'SHUT'] });
    expect(failover.first_written_ms).toBeLessThanOrEqual(failover.last_written_ms ?? NaN);
    const { items } = await fingerpost.get<{ items: PeerView[] }>('/api/v1/peers?limit=100');
    for (const name of ['ER3', 'SHUT']) {
      expect(items.find((peer) => peer.name === name)?.state, name).toBe('established');
    }
  });

  it('are not waited for any more once they read again', async () => {
    const { routers } = stage();
    routers[1].daemon.signal('SIGCONT');
    await haveFlood(...routers);
    announce('N1', 300);
    const failover = await move('N1', 'N2');
    expect(failover.routers).toEqual({ written: 4, received: 3, waiting: ['SHUT'] });
  });
});
