import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below what the kernel assigns to outgoing connections (`ip_local_port_range`), so that no process has one of these by
 * chance.
 */
const first = 20_000;
const each = 1_000;
const shares = 12;

/** Each worker of the tests has its share, so that no two draw the same port before one of them has opened it. */
const shareStart = first + each * (Number(process.env.VITEST_POOL_ID ?? 0) % shares);
let next = randomInt(each);

/** Returns a TCP port that was free a moment ago on every address, and is likely to stay so. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = shareStart + (next++ % each);
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
