import { createSocket, type Socket } from 'node:dgram';
import { decodeBfdPacket, encodeBfdPacket } from '#bfd/packet.ts';
import { type BfdMove, BfdSession, type BfdTerms } from '#bfd/session.ts';
import type { BfdEndsFigures, BfdEndsOrder } from './bfd-ends.ts';

/**
 * A process that is the other end of many BFD sessions of one daemon, each with its own address. It repeatedly prints
 * its figures, one line of JSON each time.
 */
const port = 3784;
const everyMs = 5;
const figuresEveryMs = 250;
/**
 * A timer that is later than this means that this process did not run, so it could not receive the daemon's packets.
 */
const stallMs = 50;

class End {
  readonly session: BfdSession;
  /** How often the daemon was no longer heard. */
  lostHere = 0;
  /** How often the daemon reported that it no longer heard us. */
  lostThere = 0;
  private readonly socket: Socket;

  constructor(at: number, address: string, daemon: string, terms: BfdTerms) {
    this.socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    const now = performance.now();
    this.session = new BfdSession(
      at + 1,
      terms,
      {
        send: (packet) => this.socket.send(encodeBfdPacket(packet), port, daemon),
        moved: (move) => this.count(move),
      },
      Math.random,
      now,
    );
    this.socket.on('message', (bytes) => {
      const packet = decodeBfdPacket(bytes);
      if (packet === undefined) return;
      if (![0, at + 1].includes(packet.yourDiscriminator)) return;
      this.session.receive(packet, performance.now());
    });
    this.socket.bind(port, address, () => this.socket.setTTL(255));
  }

  private count({ from, by }: BfdMove): void {
    if (from !== 'up') return;
    if (by === 'timeout') this.lostHere++;
    else this.lostThere++;
  }
}

function main(): void {
  const { addresses, daemon, terms }: BfdEndsOrder = JSON.parse(process.argv[2]);
  const ends = addresses.map((address, at) => new End(at, address, daemon, terms));
  let [lastMs, latestMs, printedMs] = [performance.now(), 0, 0];
  setInterval(() => {
    const now = performance.now();
    const lateMs = now - lastMs - everyMs;
    lastMs = now;
    latestMs = Math.max(latestMs, lateMs);
    for (const { session } of ends) {
      if (lateMs > stallMs) session.forgive(lateMs);
      session.tick(now);
    }
    if (now - printedMs < figuresEveryMs) return;
    printedMs = now;
    console.log(JSON.stringify(figures(ends, latestMs)));
  }, everyMs);
}

function figures(ends: readonly End[], latestMs: number): BfdEndsFigures {
  const sum = (count: (end: End) => number): number =>
    ends.reduce((total, end) => total + count(end), 0);
  return {
    up: sum(({ session }) => (session.state === 'up' ? 1 : 0)),
    lostHere: sum(({ lostHere }) => lostHere),
    lostThere: sum(({ lostThere }) => lostThere),
    latestMs,
  };
}

main();
