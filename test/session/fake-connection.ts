import type { Direction } from '#session/collision.ts';
import type { Connection } from '#session/host.ts';
import { MessageType } from '#wire/constants.ts';
import { Framer } from '#wire/framer.ts';

/** Records what a session does with its connection: `OPEN`, `KEEPALIVE`, `NOTIFICATION 6/2`, `FIN`, `RST`. */
export class FakeConnection implements Connection {
  readonly direction: Direction;
  readonly log: string[] = [];
  /** The data of the last NOTIFICATION. */
  data: readonly number[] = [];
  private readonly framer = new Framer();

  constructor(direction: Direction) {
    this.direction = direction;
  }

  write(bytes: Uint8Array): void {
    this.framer.push(bytes);
    while (this.framer.next()) this.log.push(this.describe());
  }

  close(): void {
    this.log.push('FIN');
  }

  abort(): void {
    this.log.push('RST');
  }

  readUntilDry(): void {
    this.log.push('read until dry?');
  }

  /** Returns what was recorded since the last call. */
  take(): string[] {
    return this.log.splice(0);
  }

  private describe(): string {
    const { bytes, type, start, end } = this.framer;
    if (type !== MessageType.notification) return names[type];
    this.data = [...bytes.subarray(start + 2, end)];
    return `NOTIFICATION ${bytes[start]}/${bytes[start + 1]}`;
  }
}

const names: Readonly<Record<MessageType, string>> = {
  [MessageType.open]: 'OPEN',
  [MessageType.update]: 'UPDATE',
  [MessageType.notification]: 'NOTIFICATION',
  [MessageType.keepalive]: 'KEEPALIVE',
  [MessageType.routeRefresh]: 'ROUTE-REFRESH',
};
