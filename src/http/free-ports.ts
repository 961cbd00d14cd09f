import { createServer } from 'node:net';
import { endpoint, listenError } from './listen-error.ts';
import type { TcpPlace } from './listen.ts';

/**
 * Rejects with a ListenError where a place cannot be listened on, by a plain socket that is closed again: this is
 * known long before the libraries of HTTP are loaded.
 */
export async function requireFreePorts(places: readonly TcpPlace[]): Promise<void> {
  for (const { host, port } of places) {
    const server = createServer();
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ host, port }, resolve);
      });
    } catch (error) {
      throw listenError(endpoint(host, port), error);
    } finally {
      server.close();
    }
  }
}
