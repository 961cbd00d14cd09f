import { request } from 'node:http';
import { createConnection, type Socket } from 'node:net';
import { pause } from '#support/wait.ts';
import { Series } from '../figures.ts';
import { SoakNetwork } from '../network.ts';
import { announce, withdraw } from '../routes.ts';
import { scaled, type Scenario, secondsOf } from '../scenario.ts';
import { serverAddress } from '../server.ts';

const routes = 36_000;
const routesInOne = 900;
const clients = 100;
const seconds = 30;
/** What each client requests and never reads. */
const requests = [
  ...Array<string>(20).fill('/api/v1/routes?limit=1000'),
  ...Array<string>(4).fill('/metrics'),
  '/api/v1/stream',
];

/**
 * HTTP clients that request everything, ahead of the answers, and read nothing; they connect again when they are
 * disconnected.
 */
export const httpClients: Scenario = {
  name: 'http-clients',
  claim:
    'clients that ask for big answers and read nothing fill no memory and keep nobody from an answer',
  quickSize: 0.1,
  async run(size, figures) {
    const network = await SoakNetwork.start({ nodes: 1, routers: 0 });
    const stuck: Stuck[] = [];
    try {
      const { server } = network;
      const node = await network.node(0);
      const count = Math.floor(scaled(routes, size) / routesInOne) * routesInOne;
      await node.send(...each(count, announce));
      const isThere = async () => (await server.status()).rib.prefixes >= count;
      while (!(await isThere())) await pause(50);
      const before = server.rssMib;
      const memory = new Series();
      for (let at = 0; at < clients; at++) stuck.push(new Stuck(server.httpPort));
      let longest = 0;
      for (let left = scaled(seconds, size) * 4; left > 0; left--) {
        await pause(250);
        longest = Math.max(longest, await secondsOf(() => firstRoutes(server.httpPort)));
        memory.add(server.rssMib);
      }
      figures.note('routes', count);
      figures.note('clients that read nothing', clients);
      figures.note(
        'calls',
        stuck.reduce((sum, { calls }) => sum + calls, 0),
      );
      figures.note('resident before', before, 'MiB');
      figures.note('resident', memory.text, 'MiB');
      figures.note('resident at most', memory.highest, 'MiB');
      figures.note('longest answer to another client', longest, 's');
      await node.send(...each(count, withdraw));
      figures.demand('memory stays bounded', memory.highest < before + mostMib);
      figures.demandInTime('another client is answered', longest < 5);
      await network.judgeFailovers(figures);
      figures.demand('nobody else is disturbed', await network.isUndisturbed());
    } finally {
      for (const client of stuck) client.close();
      await network.close();
    }
  },
};

function each(count: number, make: (from: number, routes: number) => Buffer): Buffer[] {
  return Array.from({ length: count / routesInOne }, (_, at) =>
    make(at * routesInOne, routesInOne),
  );
}

/** The MiB in addition to what the daemon used before; much of it is what V8 has not collected yet. */
const mostMib = 150;

/** One client that reads nothing. */
class Stuck {
  calls = 0;
  private socket: Socket | undefined;
  private isOver = false;
  private readonly port: number;

  constructor(port: number) {
    this.port = port;
    this.call();
  }

  close(): void {
    this.isOver = true;
    this.socket?.destroy();
  }

  private call(): void {
    if (this.isOver) return;
    this.calls++;
    const socket = createConnection({ host: serverAddress, port: this.port });
    this.socket = socket;
    socket.on('error', () => undefined);
    socket.pause();
    socket.write(
      requests.map((path) => `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`).join(''),
    );
    socket.once('close', () => this.call());
    socket.on('end', () => this.call());
  }
}

/** Another host than that of the clients that read nothing, because what one host may have is limited. */
const readersHost = '127.0.0.77';

/** A hundred routes, requested by a client that reads. */
function firstRoutes(port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const target = { host: serverAddress, port, localAddress: readersHost };
  const asked = request({ ...target, path: '/api/v1/routes?limit=100' }, (answer) => {
    answer.resume().once('end', () => {
      if (answer.statusCode === 200) resolve();
      else reject(new Error(`status ${answer.statusCode}`));
    });
  });
  asked.once('error', reject).end();
  return promise;
}
