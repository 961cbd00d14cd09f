import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '#cli/cli.ts';
import type { CliHost } from '#cli/host.ts';
import { openHttp } from '#http/listen/listen.ts';
import { FakeClock, type FakeDaemon, fakeDaemon } from '../http/fake-daemon.ts';

export interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

export interface CliBench extends AsyncDisposable {
  readonly daemon: FakeDaemon;
  readonly socket: string;
  readonly folder: string;
  /** Runs words against the fake daemon; `over` replaces parts of the host. */
  run(words: readonly string[], over?: Partial<CliHost> & { columns?: number }): Promise<Ran>;
}

/** A fake daemon behind a real control socket. */
export async function cliBench(): Promise<CliBench> {
  const folder = await mkdtemp(join(tmpdir(), 'fingerpost-cli-'));
  const socket = join(folder, 'control.sock');
  const daemon = fakeDaemon();
  const parts = { queries: daemon, commands: daemon, events: daemon, clock: new FakeClock() };
  const http = await openHttp(parts, { tcp: [], control: socket });
  return {
    daemon,
    socket,
    folder,
    run: (words, over = {}) => runWith(words, { env: { FINGERPOST_SOCKET: socket }, ...over }),
    async [Symbol.asyncDispose]() {
      await http.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Runs words without any daemon or environment except what is given. */
export async function runWith(
  words: readonly string[],
  { columns, ...over }: Partial<CliHost> & { columns?: number },
): Promise<Ran> {
  let out = '';
  let err = '';
  const terminal = columns === undefined ? {} : { isTTY: true, columns };
  const status = await runCli(words, {
    stdout: { write: (text) => (out += text), ...terminal },
    stderr: { write: (text) => (err += text) },
    env: {},
    clock: new FakeClock(),
    version: '0.1.0',
    hasReader: () => true,
    takeSignals: () => new AbortController().signal,
    run: async ({ config }) => {
      out += `run ${config}\n`;
      return 0;
    },
    demo: async (given) => {
      out += `demo ${given.join(' ')}\n`;
      return 0;
    },
    ...over,
  });
  return { status, out, err };
}
