import { createConnection, type Socket } from 'node:net';
import {
  fourOctetAsCapability,
  keepalive,
  MessageType,
  open,
  type OpenFields,
} from '#support/raw-message.ts';
import { waitFor } from '#support/wait.ts';
import { capabilities, mostPrefixes, readRoutes } from './routes.ts';
import { serverAddress } from './server.ts';

export interface TalkerOptions {
  /** 127.x.y.z */
  readonly from: string;
  readonly as: number;
  readonly holdTimeSec?: number;
  /** Capabilities that are offered in addition to those of every talker. */
  readonly capabilities?: OpenFields['capabilities'];
  /** Keeps what it is sent. */
  readonly isRouter?: boolean;
}

/** Where the daemon accepts sessions. */
export interface Callee {
  readonly port: number;
}

const headerBytes = 19;

/** A speaker with one session that uses so little that one process can have hundreds. */
export class Talker {
  readonly from: string;
  isEstablished = false;
  isClosed = false;
  readonly closed: Promise<void>;
  /** `6/2`, if the daemon has sent one. */
  notification: string | undefined;
  updates = 0;
  /** By prefix: the MED + 1 of what this router holds, 0 for nothing. */
  readonly table: Uint32Array | undefined;
  held = 0;
  /** The longest time between two KEEPALIVEs of the daemon. */
  longestGapMs = 0;
  private lastKeepaliveMs = 0;
  private readonly socket: Socket;
  private readonly options: TalkerOptions;
  private rest: Buffer = Buffer.alloc(0);
  private beat: NodeJS.Timeout | undefined;

  private constructor(port: number, options: TalkerOptions) {
    this.options = options;
    this.from = options.from;
    if (options.isRouter === true) this.table = new Uint32Array(mostPrefixes);
    this.socket = createConnection({
      host: serverAddress,
      port,
      localAddress: options.from,
    });
    this.socket.setNoDelay(true);
    this.socket.on('data', (chunk: Buffer) => this.read(chunk));
    for (const event of ['end', 'error', 'close']) this.socket.on(event, () => this.end());
    this.closed = new Promise((resolve) => this.socket.once('close', () => resolve()));
  }

  /** Returns a connection that has sent nothing yet. */
  static call({ port }: Callee, options: TalkerOptions): Talker {
    return new Talker(port, options);
  }

  /**
   * Returns an Established session that is kept alive. A server that has not read the end of the former session yet
   * answers 6/7, and the next connection is accepted.
   */
  static async establish(server: Callee, options: TalkerOptions): Promise<Talker> {
    for (let callsLeft = 20; ; callsLeft--) {
      const talker = Talker.call(server, options);
      try {
        await talker.establish();
        return talker;
      } catch (error) {
        if (talker.notification !== '6/7' || callsLeft === 0) throw error;
      }
    }
  }

  /** Rejects if the connection ends before that. */
  async establish(): Promise<void> {
    const { as, holdTimeSec = 90, from, capabilities: more = [] } = this.options;
    const offered = [...capabilities, fourOctetAsCapability(as), ...more];
    this.socket.write(open({ as, holdTimeSec, routerId: from, capabilities: offered }));
    this.socket.write(keepalive());
    const everyMs = (holdTimeSec * 1000) / 3;
    this.beat = setInterval(() => this.socket.write(keepalive()), everyMs);
    const isOver = (): boolean => this.isEstablished || this.isClosed;
    await waitFor(`a session of ${this.from}`, isOver, Boolean, { everyMs: 5 });
    if (!this.isEstablished) throw new Error(`${this.from}: ${this.notification ?? 'closed'}`);
  }

  /** Resolves when the kernel has accepted all of it. */
  send(...messages: readonly Uint8Array[]): Promise<void> {
    return new Promise((resolve) => {
      this.socket.write(Buffer.concat(messages), () => resolve());
    });
  }

  /** Reads nothing any more; the session is kept alive. */
  stall(): void {
    this.socket.pause();
  }

  /** FIN, or RST. */
  close(isRude = false): void {
    clearInterval(this.beat);
    if (isRude) this.socket.resetAndDestroy();
    else this.socket.destroy();
  }

  forgetGap(): void {
    this.longestGapMs = 0;
    this.lastKeepaliveMs = 0;
  }

  private end(): void {
    this.isClosed = true;
    clearInterval(this.beat);
  }

  private read(chunk: Buffer): void {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    let at = 0;
    while (bytes.length - at >= headerBytes) {
      const end = at + bytes.readUInt16BE(at + 16);
      if (end > bytes.length) break;
      this.take(bytes.subarray(at, end));
      at = end;
    }
    this.rest = bytes.subarray(at);
  }

  private take(message: Buffer): void {
    switch (message[18]) {
      case MessageType.update:
        return this.takeUpdate(message);
      case MessageType.notification:
        this.notification = `${message[19]}/${message[20]}`;
        return;
      case MessageType.keepalive:
        return this.takeKeepalive();
      default:
    }
  }

  private takeUpdate(message: Buffer): void {
    this.updates++;
    const { table } = this;
    if (table === undefined) return;
    readRoutes(message, (prefix, med) => {
      this.held += Number(med >= 0) - Number(table[prefix] > 0);
      table[prefix] = med + 1;
    });
  }

  private takeKeepalive(): void {
    const now = performance.now();
    if (this.lastKeepaliveMs > 0) {
      this.longestGapMs = Math.max(this.longestGapMs, now - this.lastKeepaliveMs);
    }
    this.lastKeepaliveMs = now;
    this.isEstablished = true;
  }
}
