import { createServer, type Server, type Socket } from 'node:net';
import { freePort } from './free-port.ts';

/**
 * A BMP collector of the tests' own on 127.0.0.1: it keeps every byte of each connection, reads when it is told to,
 * and says nothing.
 */
export class BmpStation {
  readonly port: number;
  /** What came over each connection, in pieces, the first one first. */
  readonly connections: Buffer[][] = [];
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private isPaused = false;

  private constructor(port: number) {
    this.port = port;
    this.server = createServer((socket) => this.take(socket));
  }

  static async start(port?: number): Promise<BmpStation> {
    const station = new BmpStation(port ?? (await freePort()));
    await new Promise<void>((resolve) => {
      station.server.listen(station.port, '127.0.0.1', resolve);
    });
    return station;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** What came over the last connection. */
  get bytes(): Buffer {
    return this.bytesOf(-1);
  }

  bytesOf(connection: number): Buffer {
    return Buffer.concat(this.connections.at(connection) ?? []);
  }

  /** Reads no more, on this connection and on those to come, until `resume`. */
  pause(): void {
    this.isPaused = true;
    for (const socket of this.sockets) socket.pause();
  }

  resume(): void {
    this.isPaused = false;
    for (const socket of this.sockets) socket.resume();
  }

  hangUp(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.hangUp();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private take(socket: Socket): void {
    const pieces: Buffer[] = [];
    this.connections.push(pieces);
    this.sockets.add(socket);
    socket.on('data', (bytes) => pieces.push(bytes));
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => undefined);
    if (this.isPaused) socket.pause();
  }
}
