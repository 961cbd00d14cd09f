import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { type Clock, systemClock } from '#clock.ts';
import { dial, type DialFailure, type DialOptions } from '#net/dial.ts';
import type { TcpStream } from '#net/handle.ts';
import { type ListenAt, Listener } from '#net/listener.ts';
import { type ConnectionEnd, type ConnectionOwner, PeerConnection } from '#net/peer-connection.ts';
import type { SocketAddress } from '#net/sockaddr.ts';
import { LoopTurns } from '#net/turns.ts';
import { freePort } from '#support/free-port.ts';
import type { ManualClock } from '#support/manual-clock.ts';

export const ipv6Loopback = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

/** 127.0.0.`host` */
export function loopback(host: number): Uint8Array {
  return Uint8Array.of(127, 0, 0, host);
}

/** Waits for the condition; throws when a minute did not bring it. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`in vain: ${condition.toString()}`);
    await setTimeout(2);
  }
}

/** What a test opened; `afterEach(() => closer.close())`. */
export class Closer {
  private steps: (() => void)[] = [];
  add(step: () => void): void {
    this.steps.push(step);
  }
  close(): void {
    for (const step of this.steps.toReversed()) step();
    this.steps = [];
  }
}

/** A listener on one address, and the calls that came. Its port is free on every other address. */
export async function listenOn(
  address: Uint8Array,
  closer: Closer,
  zone?: string,
): Promise<{ listener: Listener; at: SocketAddress; calls: TcpStream[] }> {
  const calls: TcpStream[] = [];
  const place: ListenAt = {
    address,
    port: await freePort(),
    text: 'test',
    ...(zone === undefined ? {} : { zone }),
  };
  const listener = await Listener.open([place], {
    connected: (stream) => {
      closer.add(() => stream.socket.destroy());
      stream.socket.on('error', () => undefined);
      calls.push(stream);
    },
    acceptFailed: (error) => {
      throw error;
    },
  });
  closer.add(() => listener.close());
  return { listener, at: listener.addresses[0], calls };
}

export type DialResult = { stream: TcpStream } | { failure: DialFailure };

export function dialUntilAnswer(
  options: Partial<DialOptions> & { remote: SocketAddress },
  closer: Closer,
  clock: Clock = systemClock,
): Promise<DialResult> {
  return new Promise((resolve) => {
    const hangUp = dial({ ttl: 64, timeoutMs: 10_000, ...options }, clock, {
      connected: (stream) => {
        closer.add(() => stream.socket.destroy());
        stream.socket.on('error', () => undefined);
        resolve({ stream });
      },
      failed: (failure) => resolve({ failure }),
    });
    closer.add(hangUp);
  });
}

/** As `dialUntilAnswer`, where only success will do. */
export async function connectTo(
  options: Partial<DialOptions> & { remote: SocketAddress },
  closer: Closer,
): Promise<TcpStream> {
  const result = await dialUntilAnswer({ timeoutMs: 60_000, ...options }, closer);
  if ('stream' in result) return result.stream;
  throw new Error(result.failure.text);
}

/** Both ends of a new connection over loopback. */
export async function pair(closer: Closer): Promise<{ near: TcpStream; far: Socket }> {
  const { at, calls } = await listenOn(loopback(1), closer);
  const { socket: far } = await connectTo({ remote: at }, closer);
  await until(() => calls.length === 1);
  return { near: calls[0], far };
}

/** Reads a socket that has no owner; `text` grows. */
export function hear(socket: Socket): { text: string } {
  const heard = { text: '' };
  socket.on('data', (chunk) => (heard.text += String(chunk)));
  socket.resume();
  return heard;
}

/** What an owner was told, in order. */
export class Recorder implements ConnectionOwner {
  readonly told: string[] = [];
  readonly chunks: Uint8Array[] = [];
  readonly queued: number[] = [];
  end: ConnectionEnd | undefined;
  onReceived: (connection: PeerConnection, chunk: Uint8Array) => void = () => undefined;

  received(connection: PeerConnection, chunk: Uint8Array): void {
    this.told.push('received');
    this.chunks.push(Uint8Array.from(chunk));
    this.onReceived(connection, chunk);
  }
  readDry(): void {
    this.told.push('readDry');
  }
  wrote(connection: PeerConnection): void {
    this.told.push('wrote');
    this.queued.push(connection.queuedBytes);
  }
  lagging(): void {
    this.told.push('lagging');
  }
  drained(): void {
    this.told.push('drained');
  }
  closed(_connection: PeerConnection, end: ConnectionEnd): void {
    this.told.push('closed');
    this.end = end;
  }
  /** All that came, in one piece. */
  get text(): string {
    return Buffer.concat(this.chunks).toString();
  }
  count(what: string): number {
    return this.told.filter((word) => word === what).length;
  }
}

export function own(
  stream: TcpStream,
  owner: Recorder,
  options: { clock?: Clock; turns?: LoopTurns; highWaterBytes?: number } = {},
): PeerConnection {
  const clock = options.clock ?? systemClock;
  return new PeerConnection(stream, {
    direction: 'incoming',
    owner,
    clock,
    turns: options.turns ?? new LoopTurns(clock),
    ...(options.highWaterBytes === undefined ? {} : { highWaterBytes: options.highWaterBytes }),
  });
}

/** Makes other sockets use the whole time of this turn. */
export function takeAll(turns: LoopTurns, clock: ManualClock): void {
  turns.reading.run(() => {
    clock.nowMs += 100;
    return true;
  });
}

/** A counter of this network namespace, from /proc/net/netstat: `TCPMD5Failure`, `TCPMinTTLDrop`. */
export function netstat(name: string): number {
  const lines = readFileSync('/proc/net/netstat', 'utf8').split('\n');
  const at = lines.findIndex((line) => line.startsWith('TcpExt:'));
  const column = lines[at].split(' ').indexOf(name);
  return Number(lines[at + 1].split(' ')[column]);
}
