import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '#support/free-port.ts';
import { DaemonProcess } from '../daemon/process.ts';

/** A daemon with a page, on free ports, and a token that may drain. */
export interface DaemonPage extends AsyncDisposable {
  readonly daemon: DaemonProcess;
  /** The URL of the page, with a slash at its end. */
  readonly base: string;
  /** Writes the configuration for the next start of the daemon. */
  configure(peers: readonly string[]): void;
}

export const secret = 'a-token-of-the-test-that-is-long-enough';

/** Starts a daemon with these peers, and more keys of `http`, and waits until it answers. */
export async function daemonPage(peers: readonly string[], http = ''): Promise<DaemonPage> {
  const folder = mkdtempSync(join(tmpdir(), 'fingerpost-web-'));
  const token = join(folder, 'token');
  writeFileSync(token, `${secret}\n`, { mode: 0o600 });
  const [bgp, page] = [await freePort(), await freePort()];
  const configOf = (these: readonly string[]): string => `
listen: ["127.0.0.1:${bgp}"]
http:
  listen: "127.0.0.1:${page}"
  tokens: [{ name: web, file: ${token}, may: [drain] }]
  ${http}
state_dir: state
peers:
${these.map((peer) => `  - ${peer}\n`).join('')}`;
  const daemon = new DaemonProcess(configOf(peers));
  await daemon.ready();
  return {
    daemon,
    base: `http://127.0.0.1:${page}/`,
    configure: (these) => daemon.write(configOf(these)),
    async [Symbol.asyncDispose]() {
      daemon.child.kill('SIGTERM');
      await daemon.ended();
      rmSync(daemon.folder, { recursive: true, force: true });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
