import { createServer, type Server, type Socket } from 'node:net';
import { freePort } from './free-port.ts';
import { CachePdus } from './rtr-pdus.ts';

/**
 * An RTR cache on 127.0.0.1 for tests. It has the VRPs and ASPAs that it is given, and answers queries according to RFC
 * 8210 §8; everything about it can be changed at any time.
 */
export class RtrCache {
  readonly port: number;
  /** As text: `reset 1`, `serial 7 3`. */
  readonly queries: string[] = [];
  sessionId = 7;
  serial = 1;
  timers = [3600, 600, 7200];
  /** Texts in the form that `CachePdus.prefix` takes. */
  vrps: readonly string[] = [];
  aspas: readonly (readonly [customer: number, providers: readonly number[]])[] = [];
  /** If false, it answers that it has no data yet. */
  hasData = true;
  /** The highest version that it speaks. */
  readonly version: number;
  private before: readonly string[] | undefined;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(port: number, version: number) {
    this.port = port;
    this.version = version;
    this.server = createServer((socket) => this.take(socket));
  }

  static async start(version = 1, port?: number): Promise<RtrCache> {
    const cache = new RtrCache(port ?? (await freePort()), version);
    await new Promise<void>((resolve) => {
      cache.server.listen(cache.port, '127.0.0.1', resolve);
    });
    return cache;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Replaces its VRPs; connected routers are notified, and can query the difference. */
  change(vrps: readonly string[]): void {
    this.before = this.vrps;
    this.vrps = vrps;
    this.serial++;
    this.tell(new CachePdus(this.version).notify(this.sessionId, this.serial));
  }

  tell(bytes: Uint8Array): void {
    for (const socket of this.sockets) socket.write(bytes);
  }

  /** Ends all connections. */
  hangUp(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.hangUp();
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
    });
  }

  private take(socket: Socket): void {
    this.sockets.add(socket);
    let rest = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 8 && rest.length >= rest.readUInt32BE(4)) {
        const pdu = rest.subarray(0, rest.readUInt32BE(4));
        rest = rest.subarray(pdu.length);
        this.answer(socket, pdu);
      }
    });
  }

  private answer(socket: Socket, pdu: Buffer): void {
    const [version, type] = pdu;
    if (type === 10) return void this.queries.push(`error ${pdu.readUInt16BE(2)}`);
    const serial = type === 1 ? pdu.readUInt32BE(8) : undefined;
    const sessionId = pdu.readUInt16BE(2);
    this.queries.push(serial === undefined ? `reset ${version}` : `serial ${sessionId} ${serial}`);
    const pdus = new CachePdus(Math.min(version, this.version));
    if (version > this.version) return void socket.write(pdus.error(4, 'too new'));
    if (!this.hasData) return void socket.write(pdus.error(2, 'no data yet'));
    const isKnown =
      serial === this.serial || (serial === this.serial - 1 && this.before !== undefined);
    if (serial === undefined) this.send(socket, pdus, this.vrps, []);
    else if (sessionId !== this.sessionId || !isKnown) socket.write(pdus.cacheReset());
    else if (serial === this.serial) this.send(socket, pdus, [], []);
    else this.send(socket, pdus, this.vrps, this.before ?? []);
  }

  private send(
    socket: Socket,
    pdus: CachePdus,
    vrps: readonly string[],
    before: readonly string[],
  ): void {
    socket.write(pdus.response(this.sessionId));
    for (const vrp of vrps) if (!before.includes(vrp)) socket.write(pdus.prefix(vrp));
    for (const vrp of before) if (!vrps.includes(vrp)) socket.write(pdus.prefix(vrp, false));
    if (pdus.version >= 2) for (const row of this.aspas) socket.write(pdus.aspa(...row));
    socket.write(pdus.endOfData(this.sessionId, this.serial, this.timers));
  }
}
