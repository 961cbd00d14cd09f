import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { keepalive, MessageType } from '#support/raw-message.ts';
import { RawSpeaker } from '#support/raw-speaker.ts';
import { pause } from '#support/wait.ts';
import { asOf, type Case, clientAs, daemonAddress, type PeerProfile } from './case.ts';
import type { Candidate, RunningDaemon } from './daemons/candidate.ts';
import {
  addPath,
  type CapabilityBytes,
  enhancedRefresh,
  extendedMessage,
  fourOctetAs,
  multiprotocolIpv4,
  multiprotocolIpv6,
  routeRefresh,
  usualCapabilities,
} from './open-bytes.ts';
import { RouteView } from './route-view.ts';
import { Speaker } from './speaker.ts';

/** A peer as the daemon is configured for it. */
export interface PlannedPeer {
  readonly name: string;
  readonly address: string;
  readonly profile: PeerProfile;
}

/**
 * Clients that are connected all the time and hold every route: what is announced to one of them is announced to all.
 */
export interface Clients {
  readonly plain: RouteView;
  /** 2-octet AS numbers. */
  readonly old: RouteView;
  /** ADD-PATH. */
  readonly paths: RouteView;
  /** Extended messages. */
  readonly long: RouteView;
}

interface SharedClient {
  readonly profile: PeerProfile;
  readonly capabilities: (as: number) => readonly CapabilityBytes[];
}

const sharedClients: Readonly<Record<keyof Clients, SharedClient>> = {
  plain: { profile: { routes: 'out' }, capabilities: usualCapabilities },
  old: {
    profile: { routes: 'out', as: 65_004 },
    capabilities: () => [multiprotocolIpv4, multiprotocolIpv6, routeRefresh, enhancedRefresh],
  },
  paths: {
    profile: { routes: 'out', as: 65_005, addPath: 'send' },
    capabilities: (as) => [multiprotocolIpv4, multiprotocolIpv6, fourOctetAs(as), addPath(1)],
  },
  long: {
    profile: { routes: 'out', as: 65_006 },
    capabilities: (as) => [...usualCapabilities(as), extendedMessage],
  },
};

const clientNames = ['plain', 'old', 'paths', 'long'] as const;

/** GoBGP waits ten seconds before it dials, and a machine may be slow in addition. */
const dialPatienceSec = 60;

/** A running daemon with all the peers of a suite, and its shared clients. */
export class World {
  readonly address = daemonAddress;
  readonly port: number;
  readonly clients: Clients;
  readonly patienceSec: number;
  /** See `Candidate`. */
  readonly answersAtOnce: boolean;
  readonly daemon: RunningDaemon;
  private readonly peers: ReadonlyMap<string, PlannedPeer>;
  private readonly doors: Doors;

  private constructor(
    candidate: Candidate,
    daemon: RunningDaemon,
    peers: ReadonlyMap<string, PlannedPeer>,
    doors: Doors,
    clients: Clients,
  ) {
    this.patienceSec = candidate.patienceSec;
    this.answersAtOnce = candidate.answersAtOnce;
    this.daemon = daemon;
    this.port = daemon.port;
    this.peers = peers;
    this.doors = doors;
    this.clients = clients;
  }

  static async start(candidate: Candidate, folder: string, cases: readonly Case[]): Promise<World> {
    const peers = planPeers(cases);
    const doors = await Doors.open([...peers.values()].filter(({ profile }) => profile.isDialled));
    const daemon = await candidate.launch({
      folder,
      address: daemonAddress,
      dialPort: doors.port,
      peers: [...peers.values()],
    });
    try {
      const clients = await joinClients(daemon.port, peers);
      return new World(candidate, daemon, peers, doors, clients);
    } catch (error) {
      await daemon.process.kill();
      throw new Error(`${String(error)}\n${daemon.process.report()}`, { cause: error });
    }
  }

  peer(row: Case, part: string): PlannedPeer {
    const planned = this.peers.get(peerKey(row, part));
    if (planned === undefined) throw new Error(`nobody plays ${part} in "${row.name}"`);
    return planned;
  }

  /** Returns the daemon's latest connection to this peer that has not been taken yet. */
  accepted(row: Case, part: string): Promise<Socket> {
    return this.doors.next(this.peer(row, part).address, dialPatienceSec);
  }

  async close(): Promise<void> {
    for (const name of clientNames) this.clients[name].speaker.close();
    this.doors.close();
    await this.daemon.process.end();
  }
}

function peerKey({ group, name }: Case, part: string): string {
  return `${group}/${name}/${part}`;
}

function planPeers(cases: readonly Case[]): Map<string, PlannedPeer> {
  const peers = new Map<string, PlannedPeer>();
  for (const [index, row] of cases.entries()) {
    for (const [at, [part, profile]] of Object.entries(row.peers).entries()) {
      const address = `127.${at + 1}.${index >> 8}.${index & 0xff}`;
      peers.set(peerKey(row, part), { name: `case${index}${part}`, address, profile });
    }
  }
  for (const [at, name] of clientNames.entries()) {
    const { profile } = sharedClients[name];
    peers.set(name, { name: `${name}Client`, address: `127.9.0.${at + 1}`, profile });
  }
  return peers;
}

async function joinClients(
  port: number,
  peers: ReadonlyMap<string, PlannedPeer>,
): Promise<Clients> {
  const [plain, old, paths, long] = await Promise.all(
    clientNames.map((name) => joinClient(name, port, peers.get(name)?.address ?? '')),
  );
  return { plain, old, paths, long };
}

/** Connects until the daemon answers, because not every daemon is ready for its peers as soon as it listens. */
async function joinClient(name: keyof Clients, port: number, from: string): Promise<RouteView> {
  const { profile, capabilities } = sharedClients[name];
  const as = asOf(profile);
  const encoding = { asBytes: 4, hasPathIds: false, family: 'ipv4', as } as const;
  const deadline = performance.now() + 60_000;
  const routerId = `10.9.0.${1 + clientNames.indexOf(name)}`;
  while (performance.now() < deadline) {
    const raw = RawSpeaker.connect({ from, to: daemonAddress, port });
    const speaker = new Speaker(raw, encoding, 60);
    if (await speaker.has(MessageType.open, 1, 3)) {
      const parts = { as, routerId, capabilities: capabilities(as) };
      const answer = await speaker.establish(parts);
      if (answer !== 'established') throw new Error(`client ${name}: ${answer}`);
      raw.send(keepalive());
      raw.keepAlive(20_000);
      return new RouteView(raw, name === 'paths' && sendsPathIds(raw));
    }
    speaker.close();
    await pause(100);
  }
  throw new Error(`client ${name} (AS ${clientAs} or so) was not answered`);
}

/** The daemon's OPEN has ADD-PATH with Send for IPv4 (RFC 7911 §4). */
function sendsPathIds(raw: RawSpeaker): boolean {
  const open = raw.of(MessageType.open).at(0)?.body.toString('hex') ?? '';
  return /45(04|08|0c)0001010[23]/.test(open);
}

/** Listens where the daemon dials: at the addresses of peers, on one port for all. */
class Doors {
  port = 0;
  private readonly servers: Server[] = [];
  private readonly calls = new Map<string, Socket[]>();

  static async open(peers: readonly PlannedPeer[]): Promise<Doors> {
    const doors = new Doors();
    for (const { address } of peers) {
      const server = createServer((socket) => doors.called(address, socket));
      server.listen(doors.port, address);
      await once(server, 'listening');
      const at = server.address();
      if (at !== null && typeof at === 'object') doors.port = at.port;
      doors.servers.push(server);
    }
    return doors;
  }

  async next(address: string, seconds: number): Promise<Socket> {
    const deadline = performance.now() + seconds * 1000;
    while (performance.now() < deadline) {
      const alive = (this.calls.get(address) ?? []).filter(({ destroyed }) => !destroyed);
      const socket = alive.pop();
      this.calls.set(address, alive);
      if (socket !== undefined) return socket;
      await pause(20);
    }
    throw new Error(`the daemon did not call ${address}`);
  }

  close(): void {
    for (const server of this.servers) server.close();
    for (const socket of [...this.calls.values()].flat()) socket.destroy();
  }

  private called(address: string, socket: Socket): void {
    socket.on('error', () => undefined);
    this.calls.set(address, [...(this.calls.get(address) ?? []), socket]);
  }
}
