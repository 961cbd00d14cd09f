import { chmodSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { BfdListView, BfdView } from '#api/views/bfd.ts';
import { loadConfig } from '#config/load.ts';
import { renderPeer } from '#interop/render/render.ts';
import { Bird } from '#support/daemons/bird.ts';
import { Fingerpost } from '#support/daemons/fingerpost.ts';
import { type Cable, type Host, Network } from '#support/netns.ts';
import { describeInterop } from '#support/requirements.ts';
import { Shaker } from '#support/shaker.ts';
import { holdsFor, pause, waitFor } from '#support/wait.ts';

/** Hold timers decide only after this time, so whatever happens sooner is the work of BFD. */
const holdSec = 90;
/** The loss of a younger session is ignored. */
const trustedSec = 10;

/** The segments in a row with a router between each two, by the number in their addresses. */
const segments = { near: 1, far: 2, third: 3, deep: 4 } as const;
/** A host with the segment `near`, on a cable whose packets can be delayed. */
const shaken = 'shaken';

/**
 * Packets that may be missed. Daemons that wait for a processor of a busy machine send late, and the shaker delays;
 * neither is a loss.
 */
const multiplier = 10;
const pace = `min_tx: 100ms, min_rx: 100ms, multiplier: ${multiplier}`;

interface Speaker {
  readonly name: string;
  readonly make: 'bird' | 'frr';
  readonly family: 'ipv4' | 'ipv6';
  /** Behind a router BFD runs over several hops (RFC 5883), and FRR checks how many there are. */
  readonly where: keyof typeof segments;
  readonly isShaken?: true;
  /** The last part of its address. */
  readonly host: number;
}

const speakers: readonly Speaker[] = [
  { name: 'B4', make: 'bird', family: 'ipv4', where: 'near', host: 11 },
  { name: 'B6', make: 'bird', family: 'ipv6', where: 'near', host: 12, isShaken: true },
  { name: 'B6FAR', make: 'bird', family: 'ipv6', where: 'far', host: 13 },
  { name: 'F4', make: 'frr', family: 'ipv4', where: 'near', host: 14 },
  { name: 'F6', make: 'frr', family: 'ipv6', where: 'near', host: 15, isShaken: true },
  { name: 'F4FAR', make: 'frr', family: 'ipv4', where: 'far', host: 16 },
  { name: 'F6DEEP', make: 'frr', family: 'ipv6', where: 'deep', host: 17 },
];

function addressOf(family: 'ipv4' | 'ipv6', segment: number, host: number): string {
  return family === 'ipv4' ? `192.0.${segment}.${host}` : `2001:db8:${segment}::${host}`;
}

/** Both addresses of a host in a segment, with their lengths. */
function both(segment: number, host: number): string[] {
  return [`${addressOf('ipv4', segment, host)}/24`, `${addressOf('ipv6', segment, host)}/64`];
}

/** Routes from a segment to those behind it, of which `first` is the first. */
function routesFrom(segment: number, first: number): string[] {
  const behind = Object.values(segments).filter((each) => each >= first);
  return behind.flatMap((each) => [
    `192.0.${each}.0/24 via 192.0.${segment}.2`,
    `2001:db8:${each}::/64 via 2001:db8:${segment}::2`,
  ]);
}

/** Routes from a segment to those before it. */
function routesBack(segment: number): string[] {
  const before = Object.values(segments).filter((each) => each < segment);
  return before.flatMap((each) => [
    `192.0.${each}.0/24 via 192.0.${segment}.1`,
    `2001:db8:${each}::/64 via 2001:db8:${segment}::1`,
  ]);
}

const ours = {
  ipv4: addressOf('ipv4', segments.near, 9),
  ipv6: addressOf('ipv6', segments.near, 9),
} as const;

function addressIn({ family, where, host }: Speaker): string {
  return addressOf(family, segments[where], host);
}

function fingerpostConfig(socket: string): string {
  const peers = speakers.map((speaker) => {
    const { name, make, family, where } = speaker;
    const address = addressIn(speaker);
    const keys = [
      `name: ${name}`,
      `address: "${address}"`,
      `families: [${family}_unicast]`,
      `passive: ${make === 'frr'}`,
      ...(where === 'near' ? [] : ['multihop: 5']),
    ];
    return `  - { ${keys.join(', ')} }`;
  });
  return `
router_id: 1.1.1.9
local_as: 65002
listen: ['${ours.ipv4}:179', '[${ours.ipv6}]:179']
http: { listen: 127.0.0.1:9179 }
control: { socket: ${socket} }
start_gate: 0
log: { level: debug, format: json }
# Cables are pulled one after the other here, which must not look like one fault.
bfd: { brake: { within: 100ms } }
peer_groups:
  all:
    peer_as: 65003
    import: all
    export: all
    accept_next_hop: any
    hold_time: ${holdSec}
    connect_retry: 1s
    idle_hold: 1s
    bfd: { ${pace} }
peers:
${peers.map((line) => line.replace('{ ', '{ group: all, ')).join('\n')}
`;
}

/**
 * zebra, bfdd and bgpd with what `fingerpost render --for frr` prints, each when zebra answers and knows the one
 * before it, as FRR's own script starts them: a bgpd that starts before zebra listens never asks for its BFD sessions
 * again (FRR 8.4). They run as the user that they would switch to, since their sockets are in the folder of the host.
 */
async function startFrr(host: Host, { name: speaker }: Speaker, text: string): Promise<void> {
  const zserv = join(host.folder, 'zserv.api');
  for (const folder of [dirname(host.folder), host.folder]) chmodSync(folder, 0o777);
  for (const name of ['zebra', 'bfdd', 'bgpd'] as const) {
    const file = join(host.folder, `${name}.conf`);
    writeFileSync(file, 'log stdout\n');
    const files = ['-f', file, '-i', join(host.folder, `${name}.pid`), '-z', zserv];
    const more = name === 'bfdd' ? ['--bfdctl', join(host.folder, 'bfdd.sock')] : [];
    host.start(name, [
      `/usr/lib/frr/${name}`,
      ...files,
      '--vty_socket',
      host.folder,
      '-P',
      '0',
      ...more,
    ]);
    await waitFor(
      `${speaker}'s ${name} with zebra`,
      () => vtysh(host, 'zebra', 'show zebra client summary'),
      (clients) => clients.includes({ zebra: '', bfdd: 'bfd', bgpd: 'bgp' }[name]),
    );
  }
  // As at the start of the system, each line goes to the daemons that know it.
  const file = join(host.folder, 'frr.conf');
  writeFileSync(file, text);
  await host.run(['vtysh', '--vty_socket', host.folder, '-f', file]);
}

function vtysh(host: Host, daemon: string, command: string): Promise<string> {
  return host.run(['vtysh', '--vty_socket', host.folder, '-d', daemon, '-c', command]);
}

class Stage {
  readonly network = new Network();
  private readonly server = this.network.host('rs');
  private readonly config: string;
  readonly cables = new Map<string, Cable>();
  private readonly birds: Bird[] = [];
  private readonly hosts = new Map<string, Host>();
  readonly routeServer: Fingerpost;
  readonly ownCable: Cable;
  readonly shaker: Shaker;
  private readonly frrs: Promise<void>[] = [];

  constructor() {
    const { network } = this;
    const { server } = this;
    for (const name of [...Object.keys(segments), shaken]) network.segment(name);
    this.shaker = new Shaker(network, 'near', shaken);
    this.ownCable = network.plug(server, 'eth0', 'near', both(segments.near, 9));
    server.routes(routesFrom(segments.near, segments.far));
    for (const near of [segments.near, segments.far, segments.third]) this.gateway(near);
    for (const speaker of speakers) {
      const host = network.host(speaker.name.toLowerCase());
      this.hosts.set(speaker.name, host);
      const { where, isShaken } = speaker;
      const segment = isShaken === true ? shaken : where;
      const cable = network.plug(host, 'eth0', segment, both(segments[where], speaker.host));
      this.cables.set(speaker.name, cable);
      if (where !== 'near') host.routes(routesBack(segments[where]));
    }
    this.config = fingerpostConfig(join(server.folder, 'control.sock'));
    this.routeServer = new Fingerpost(server, this.config);
    for (const speaker of speakers) this.start(speaker);
  }

  /** The router between a segment and the next. */
  private gateway(near: number): void {
    const { network } = this;
    const gateway = network.host(`gw${near}`);
    const [name, next] = Object.keys(segments).slice(near - 1);
    network.plug(gateway, 'eth0', name, both(near, 2));
    network.plug(gateway, 'eth1', next, both(near + 1, 1));
    if (near > segments.near) gateway.routes(routesBack(near));
    if (near < segments.third) gateway.routes(routesFrom(near + 1, near + 2));
  }

  /** Starts the other side with the output of `fingerpost render`. */
  private start(speaker: Speaker): void {
    const { name, make } = speaker;
    const outcome = loadConfig(this.routeServer.configFile);
    if (!outcome.ok) throw new Error(outcome.problems.map(({ message }) => message).join('\n'));
    const host = this.hosts.get(name);
    if (host === undefined) return;
    const text = renderPeer(outcome.config, make, name);
    if (make === 'bird') this.birds.push(new Bird(host, text));
    else this.frrs.push(startFrr(host, speaker, text));
  }

  async bfd(): Promise<Map<string, BfdView>> {
    const { items } = await this.routeServer.get<BfdListView>('/api/v1/bfd');
    return new Map(items.map((row) => [row.peer, row]));
  }

  /** Returns what FRR shows about BFD, for the message of a failed test. */
  private async ofFrr(): Promise<string[]> {
    const hosts = speakers.flatMap(({ name, make }) =>
      make === 'frr' ? [this.hosts.get(name)] : [],
    );
    return Promise.all(
      hosts.flatMap((host) =>
        host === undefined ? [] : [vtysh(host, 'bfdd', 'show bfd peers counters')],
      ),
    );
  }

  /** Waits until all sessions of both protocols are up, and BFD has been up long enough for its losses to count. */
  async allUp(): Promise<void> {
    await Promise.all(this.frrs);
    await waitFor(
      'BFD and BGP with all',
      async () => ({ bgp: await this.routeServer.established(), bfd: await this.bfd() }),
      ({ bgp, bfd }) =>
        bgp.length === speakers.length && [...bfd.values()].every(({ state }) => state === 'up'),
      { seconds: 60 },
    ).catch(async (error: unknown) => {
      throw new Error([this.network.logs(), ...(await this.ofFrr())].join('\n'), { cause: error });
    });
    await waitFor(
      'BFD up for long enough',
      () => this.bfd(),
      (bfd) =>
        [...bfd.values()].every(
          ({ since }) => Date.now() - Date.parse(since) > (trustedSec + 1) * 1000,
        ),
      { seconds: 30 },
    );
  }

  /** Drops, on our side, the BFD packets that the rule about an address matches. */
  async drop(chain: 'INPUT' | 'OUTPUT', rule: string): Promise<void> {
    const words = `-A ${chain} -p udp -m multiport --dports 3784,4784 ${rule} -j DROP`.split(' ');
    await this.server.run([rule.includes(':') ? 'ip6tables' : 'iptables', ...words]);
  }

  async dropNothing(): Promise<void> {
    for (const program of ['iptables', 'ip6tables']) await this.server.run([program, '-F']);
  }

  /** Writes a changed configuration and reloads it. */
  reload(change: (text: string) => string): void {
    writeFileSync(this.routeServer.configFile, change(this.config));
    this.routeServer.daemon.signal('SIGHUP');
  }

  downs(peer: string): string[] {
    return this.routeServer
      .events()
      .filter((line) => line.event === 'peer_down' && line.peer === peer)
      .map((line) => String(Reflect.get(line, 'reason')));
  }
}

interface Failure {
  readonly name: string;
  readonly what: string;
  readonly fail: (stage: Stage, name: string) => unknown;
  /** Why our session ends; absent: BFD. */
  readonly reasons?: readonly string[];
}

const cablePulled = {
  what: 'its cable is pulled',
  fail: (stage: Stage, name: string) => stage.cables.get(name)?.pull(),
};

/** Each loss comes long before the hold timer. */
const failures: readonly Failure[] = [
  { name: 'B4', ...cablePulled },
  {
    name: 'B6',
    what: 'its packets are lost on their way to us',
    fail: (stage) => stage.drop('INPUT', `-s ${addressOf('ipv6', segments.near, 12)}`),
  },
  { name: 'B6FAR', ...cablePulled },
  {
    name: 'F4',
    what: 'our packets are lost on their way to it, which either end may say first',
    fail: (stage) => stage.drop('OUTPUT', `-d ${addressOf('ipv4', segments.near, 14)}`),
    reasons: ['bfd_down', 'notification_received'],
  },
  { name: 'F6', ...cablePulled },
  { name: 'F4FAR', ...cablePulled },
];

function haveStayedUp(now: Map<string, BfdView>, before: Map<string, BfdView>): boolean {
  return [...now.values()].every(
    ({ peer, state, downs }) => state === 'up' && downs === before.get(peer)?.downs,
  );
}

describeInterop(
  'BFD with BIRD and FRR',
  ['bird', '/usr/lib/frr/bgpd', '/usr/lib/frr/bfdd', 'iptables', '/dev/net/tun'],
  () => {
    let stage: Stage;
    beforeAll(async () => {
      stage = new Stage();
      await stage.allUp();
    }, 120_000);
    afterAll(() => stage.network.close());

    it('comes up with each, one or several hops away, with the intervals that both agreed on', async () => {
      const bfd = await stage.bfd();
      for (const { name, where } of speakers) {
        expect(bfd.get(name)).toMatchObject({
          state: 'up',
          remote_state: 'up',
          multihop: where !== 'near',
          tx_ms: 100,
          rx_ms: 100,
          detect_ms: 100 * multiplier,
        });
      }
    });

    it('loses no session when every second packet is lost', async () => {
      const before = await stage.bfd();
      for (const speaker of speakers) {
        const address = addressIn(speaker);
        // Each has a rule of its own: a common rule would drop several packets of one in a row.
        await stage.drop('OUTPUT', `-d ${address} -m statistic --mode nth --every 2 --packet 0`);
        await stage.drop('INPUT', `-s ${address} -m statistic --mode nth --every 2 --packet 0`);
      }
      await holdsFor(
        'BFD with all',
        3,
        () => stage.bfd(),
        (bfd) => haveStayedUp(bfd, before),
      );
      await stage.dropNothing();
    });

    it('loses no session when packets come unevenly and overtake each other', async () => {
      const before = await stage.bfd();
      stage.shaker.begin();
      await holdsFor(
        'BFD with all',
        5,
        () => stage.bfd(),
        (bfd) => haveStayedUp(bfd, before),
      );
      const { packets, overtaken } = await stage.shaker.end();
      console.info(`BFD packets shaken: ${packets}, of them overtaken: ${overtaken}`);
      expect(overtaken).toBeGreaterThan(0);
    });

    it('accepts other timers by a reload without losing a session', async () => {
      const before = await stage.bfd();
      stage.reload((text) => text.replaceAll('min_tx: 100ms', 'min_tx: 250ms'));
      await waitFor(
        'the new pace',
        () => stage.bfd(),
        (bfd) => [...bfd.values()].every(({ tx_ms: tx }) => tx === 250),
      );
      expect(haveStayedUp(await stage.bfd(), before)).toBe(true);
      stage.reload((text) => text);
      await waitFor(
        'the old pace',
        () => stage.bfd(),
        (bfd) => [...bfd.values()].every(({ tx_ms: tx }) => tx === 100),
      );
      expect(haveStayedUp(await stage.bfd(), before)).toBe(true);
    });

    it.each(failures)(
      'ends the session of $name: $what',
      async ({ name, fail, reasons: allowed = ['bfd_down'] }) => {
        const before = stage.downs(name).length;
        await fail(stage, name);
        const reasons = await waitFor(
          'the end of the session',
          () => stage.downs(name).slice(before),
          ({ length }) => length > 0,
          { seconds: 10 },
        );
        stage.cables.get(name)?.plug();
        await stage.dropNothing();
        expect(reasons).toHaveLength(1);
        expect(allowed).toContain(reasons[0]);
      },
    );

    it('ends no session when our own cable is pulled', async () => {
      await stage.allUp();
      stage.ownCable.pull();
      await waitFor(
        'BFD down with all',
        () => stage.bfd(),
        (bfd) => [...bfd.values()].every(({ state }) => state === 'down'),
        { seconds: 10 },
      );
      // The kernel is asked for our networks again, and still no neighbour is further away.
      await pause(1100);
      const loaded = (): number =>
        stage.routeServer.events().filter(({ event }) => event === 'config_loaded').length;
      const before = loaded();
      stage.reload((text) => text.replaceAll('min_tx: 100ms', 'min_tx: 250ms'));
      await waitFor('the reload', loaded, (count) => count > before);
      const bfd = await stage.bfd();
      for (const { name, where } of speakers)
        expect(bfd.get(name)).toMatchObject({ state: 'down', multihop: where !== 'near' });
      stage.reload((text) => text);
      await holdsFor(
        'all BGP sessions',
        1,
        () => stage.routeServer.established(),
        ({ length }) => length === speakers.length,
      );
      expect(stage.routeServer.events().filter(({ event }) => event === 'brake')).toHaveLength(1);
    });

    it('ignores losses of a time in which this host did not run', async () => {
      stage.ownCable.plug();
      await stage.allUp();
      const since = stage.routeServer.events().length;
      stage.routeServer.daemon.signal('SIGSTOP');
      await pause(2000);
      stage.routeServer.daemon.signal('SIGCONT');
      await stage.allUp();
      const told = stage.routeServer.events().slice(since);
      const losses = told.filter(
        ({ event, msg }) => event === 'bfd' && /down|not heard/.test(String(msg)),
      );
      expect(losses.filter(({ msg }) => msg?.includes('not heard for'))).toEqual([]);
      expect(
        told.filter(
          (line) => line.event === 'peer_down' && Reflect.get(line, 'reason') === 'bfd_down',
        ),
      ).toEqual([]);
    });
  },
);
