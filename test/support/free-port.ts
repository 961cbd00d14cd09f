import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below what the kernel assigns to outgoing connections (`ip_local_port_range`), so that no process has one of these by
 * chance.
 */
const first = 20_000;
const end = 32_000;

/** Returns a TCP port that was free a moment ago on every address, and is likely to stay so. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(first, end);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
