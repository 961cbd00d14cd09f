import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import type { PeerView } from '#api/views/peer.ts';
import { dice, type Dice } from '#support/dice.ts';
import {
  fourOctetAsCapability,
  ipv4UnicastCapability,
  ipv6UnicastCapability,
  keepalive,
  open,
} from '#support/raw-message.ts';
import { pause } from '#support/wait.ts';
import type { DecodeContext } from '#wire/update.ts';
import { Series } from '../soak/figures.ts';
import { SoakNetwork } from '../soak/network.ts';
import { serverAddress } from '../soak/server.ts';
import { type Corpus, readCorpus } from './corpus.ts';
import { randomMessage } from './messages.ts';
import { randomOpen } from './random-open.ts';

export interface TcpResult {
  /** That the daemon has read. */
  messages: number;
  connections: number;
  readonly memory: Series;
  /** What does not hold. */
  readonly faults: readonly string[];
}

const hostilePeers = 24;
const batchMessages = 12;
/** A machine that stands still for the whole time would otherwise have tried nothing. */
const leastConnections = 5 * hostilePeers;
const usualOpen = open({
  as: 65001,
  holdTimeSec: 90,
  routerId: '10.0.0.77',
  capabilities: [ipv4UnicastCapability, ipv6UnicastCapability, fourOctetAsCapability(65001)],
});
/** What most of the OPENs come to. */
const usual: DecodeContext = {
  asnBytes: 4,
  families: [true, true],
  addPath: [false, false],
  extendedNextHop: [false, false],
};

/** Hostile peers against the real daemon, beside an honest source and an honest router. */
export async function fuzzOverTcp(seconds: number, seed: number): Promise<TcpResult> {
  const nodeKeys = ', enforce_first_as: false, allow_as_sets: true';
  const network = await SoakNetwork.start({ nodes: hostilePeers, routers: 0, nodeKeys });
  const result = { messages: 0, connections: 0, memory: new Series(), faults: [] as string[] };
  const endMs = performance.now() + seconds * 1000;
  const isOver = (): boolean =>
    performance.now() >= endMs && result.connections >= leastConnections;
  const corpus = readCorpus();
  try {
    const sampler = setInterval(() => result.memory.add(network.server.rssMib), 200);
    await Promise.all(
      Array.from({ length: hostilePeers }, (_, index) =>
        misbehave(network, index, dice(seed + index), corpus, isOver, result),
      ),
    );
    clearInterval(sampler);
    if (!network.server.isRunning) result.faults.push('the daemon has ended');
    if (network.server.told('internal_error').length > 0) result.faults.push('internal error');
    if (!(await network.isUndisturbed())) result.faults.push('an honest peer was disturbed');
    result.messages = await messagesRead(network);
    const { paths } = (await network.server.status()).rib;
    if (paths > 100) result.faults.push(`${paths} paths are left`);
    return result;
  } finally {
    await network.close();
  }
}

async function misbehave(
  network: SoakNetwork,
  index: number,
  roll: Dice,
  corpus: Corpus,
  isOver: () => boolean,
  result: TcpResult,
): Promise<void> {
  const { port } = network.server;
  const { from: localAddress } = SoakNetwork.nodeOptions(index);
  while (!isOver()) {
    const socket = createConnection({ host: serverAddress, port, localAddress });
    socket
      .setNoDelay(true)
      .resume()
      .on('error', () => undefined);
    result.connections++;
    await write(socket, roll.chance(0.2) ? randomOpen(roll, corpus) : usualOpen);
    await write(socket, Uint8Array.from(keepalive()));
    while (!socket.destroyed && !isOver()) {
      await write(socket, batch(roll, corpus), roll);
      // What ends the session shows before the next batch is made.
      await pause(1);
      if (roll.chance(0.01)) break;
    }
    if (roll.chance(0.5)) socket.resetAndDestroy();
    else socket.destroy();
    await pause(5);
    // What it did wrong would keep it out for up to a minute.
    await network.server.post(`/api/v1/peers/node${index}/enable`);
  }
}

/** The count is the daemon's own, since what follows an error is not read. */
async function messagesRead({ server }: SoakNetwork): Promise<number> {
  const { items } = await server.get<{ items: PeerView[] }>('/api/v1/peers?limit=1000');
  const counts = items.flatMap(({ messages }) => Object.values(messages.received));
  return counts.reduce((sum, count) => sum + count, 0);
}

function batch(roll: Dice, corpus: Corpus): Uint8Array {
  const messages = Array.from({ length: batchMessages }, () => randomMessage(roll, corpus, usual));
  return Buffer.concat(messages);
}

/** Writes in one or two pieces; resolves when the kernel has them, or the connection has ended. */
async function write(socket: Socket, bytes: Uint8Array, roll?: Dice): Promise<void> {
  const cut = roll?.chance(0.3) === true ? roll.below(bytes.length) : 0;
  if (cut > 0) {
    socket.write(bytes.slice(0, cut));
    await pause(0);
  }
  if (socket.destroyed) return;
  const ended = new AbortController();
  const taken = new Promise<void>((resolve) => {
    socket.write(bytes.slice(cut), () => resolve());
  });
  await Promise.race([taken, once(socket, 'close', { signal: ended.signal })]);
  ended.abort();
}
