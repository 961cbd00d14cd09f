import { spawn } from 'node:child_process';
import { createConnection, type Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import type { Host } from './netns.ts';
import { environment } from './process.ts';
import { keepalive, MessageType, open, type OpenFields } from './raw-message.ts';
import { waitFor } from './wait.ts';

/** A message as received; the body is what follows the 19 octets of the header. */
export interface RawMessage {
  readonly type: number;
  readonly body: Buffer;
  readonly bytes: Buffer;
  /** `performance.now()` when its last octet had arrived. */
  readonly atMs: number;
}

export interface Connection {
  readonly from: string;
  readonly to: string;
  readonly port?: number;
}

/**
 * A BGP speaker that does exactly what the test says, and nothing by itself: it sends any bytes and keeps every message
 * that it receives. It shares no code with src/wire, so that one mistake is not made twice.
 */
export class RawSpeaker {
  readonly received: RawMessage[] = [];
  private readonly output: Writable;
  private readonly stop: () => void;
  private pending = Buffer.alloc(0);
  private ended = false;
  private beat: NodeJS.Timeout | undefined;

  private constructor(input: Readable, output: Writable, stop: () => void) {
    this.output = output;
    this.stop = stop;
    input.on('data', (chunk: Buffer) => this.take(chunk));
    const end = (): void => {
      this.ended = true;
      clearInterval(this.beat);
    };
    for (const event of ['end', 'close', 'error']) input.on(event, end);
    output.on('error', end);
  }

  /** Uses a plain socket of this process. */
  static connect({ from, to, port }: Connection): RawSpeaker {
    return RawSpeaker.over(createConnection({ host: to, port: port ?? 179, localAddress: from }));
  }

  /** Uses an accepted connection, or any socket. */
  static over(socket: Socket): RawSpeaker {
    return new RawSpeaker(socket, socket, () => socket.destroy());
  }

  /** Connects from inside the host's namespace, through a relay process there. */
  static inside(host: Host, { from, to, port }: Connection): RawSpeaker {
    const argv = ['netns', 'exec', host.namespace, process.execPath, '-e', relayScript];
    const relay = spawn('ip', [...argv, '--', from, to, String(port ?? 179)], {
      env: environment,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    return new RawSpeaker(relay.stdout, relay.stdin, () => relay.kill('SIGKILL'));
  }

  get isClosed(): boolean {
    return this.ended;
  }

  send(...messages: readonly Uint8Array[]): void {
    this.output.write(Buffer.concat(messages));
  }

  /** Sends OPEN, then KEEPALIVE once the other side's OPEN has arrived, and waits for its KEEPALIVE. */
  async establish(fields: OpenFields): Promise<void> {
    this.send(open(fields));
    await this.next(MessageType.open);
    this.send(keepalive());
    await this.next(MessageType.keepalive);
  }

  /** Sends a KEEPALIVE at this interval until closed. There is no hold timer on this side. */
  keepAlive(everyMs: number): void {
    this.beat = setInterval(() => this.send(keepalive()), everyMs);
  }

  /** Returns the first message of the type, and waits for it if it has not arrived. */
  async next(type: number): Promise<RawMessage> {
    const find = (): RawMessage | undefined => this.received.find((each) => each.type === type);
    const found = await waitFor(
      `a message of type ${type}`,
      () => ({ message: find(), received: this.received.map((each) => each.type) }),
      ({ message }) => message !== undefined,
      { everyMs: 10 },
    );
    if (found.message === undefined) throw new Error('unreachable');
    return found.message;
  }

  of(type: number): RawMessage[] {
    return this.received.filter((message) => message.type === type);
  }

  async waitForClose(): Promise<void> {
    await waitFor('the other side to close', () => this.ended, Boolean, { everyMs: 10 });
  }

  close(): void {
    clearInterval(this.beat);
    this.stop();
  }

  private take(chunk: Buffer): void {
    this.pending = Buffer.concat([this.pending, chunk]);
    while (this.pending.length >= headerBytes) {
      const length = this.pending.readUInt16BE(16);
      if (this.pending.length < length) return;
      const bytes = Buffer.from(this.pending.subarray(0, length));
      const message = { type: bytes[18], body: bytes.subarray(headerBytes), bytes };
      this.received.push({ ...message, atMs: performance.now() });
      this.pending = this.pending.subarray(length);
    }
  }
}

const headerBytes = 19;

const relayScript = `
  const [from, host, port] = process.argv.slice(1);
  const { createConnection } = require('node:net');
  const socket = createConnection({ host, port: Number(port), localAddress: from });
  socket.on('error', () => process.exit(1)).on('close', () => process.exit(0));
  socket.setNoDelay(true).pipe(process.stdout);
  process.stdin.pipe(socket);`;
