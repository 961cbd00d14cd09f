import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Daemon } from '../process.ts';
import { waitFor } from '../wait.ts';

/** A line of pmbmpd's log, as far as tests name its fields. */
export interface PmbmpdRow {
  readonly bmp_msg_type?: string;
  readonly peer_ip?: string;
  readonly reason_type?: number;
}

/** pmacct's BMP collector on a port of 127.0.0.1, which logs what it is told as JSON. */
export class Pmbmpd {
  private readonly log: string;
  private readonly daemon: Daemon;

  constructor(folder: string, port: number) {
    this.log = join(folder, 'bmp.json');
    const file = join(folder, 'pmbmpd.conf');
    writeFileSync(
      file,
      [
        'bmp_daemon_ip: 127.0.0.1',
        `bmp_daemon_port: ${port}`,
        `bmp_daemon_msglog_file: ${this.log}`,
        'bmp_daemon_msglog_output: json',
        '',
      ].join('\n'),
    );
    this.daemon = new Daemon('pmbmpd', ['pmbmpd', '-f', file], {});
  }

  /** What it has understood until now. */
  get rows(): PmbmpdRow[] {
    const lines = readFileSync(this.log, 'utf8').split('\n').slice(0, -1);
    return lines.map((line): PmbmpdRow => JSON.parse(line));
  }

  /** A collector that refuses us is tried again after seconds only. */
  async listening(): Promise<void> {
    await waitFor('pmbmpd', () => this.daemon.log.includes('waiting for BMP data'), Boolean);
  }

  async stop(): Promise<void> {
    await this.daemon.end();
  }
}
