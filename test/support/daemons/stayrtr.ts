import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Daemon } from '../process.ts';
import { waitFor } from '../wait.ts';

/** One row of stayrtr's JSON. */
export interface Roa {
  readonly prefix: string;
  readonly maxLength: number;
  readonly asn: string;
}

/** stayrtr on a port of 127.0.0.1, with the VRPs of a JSON file that the test writes. */
export class StayRtr {
  private readonly file: string;
  private readonly daemon: Daemon;
  private readonly port: number;

  constructor(folder: string, port: number, roas: readonly Roa[]) {
    this.port = port;
    this.file = join(folder, 'vrps.json');
    this.write(roas);
    this.daemon = new Daemon(
      'stayrtr',
      [
        'stayrtr',
        '-bind',
        `127.0.0.1:${port}`,
        '-cache',
        this.file,
        '-metrics.addr',
        '',
        '-refresh',
        '1',
        '-checktime=false',
        '-rtr.refresh',
        '3600',
        '-rtr.retry',
        '600',
        '-rtr.expire',
        '7200',
      ],
      {},
    );
  }

  /** A router that it refuses tries again only minutes later. */
  async listening(): Promise<void> {
    await waitFor('stayrtr', () => canConnect(this.port), Boolean);
  }

  /** It reads the file every second. */
  write(roas: readonly Roa[]): void {
    writeFileSync(this.file, JSON.stringify({ roas }));
  }

  async stop(): Promise<void> {
    await this.daemon.end();
  }
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
