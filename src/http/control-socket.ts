import { lstat } from 'node:fs/promises';
import { request } from 'node:http';
import { ListenError } from './listen-error.ts';

/** Rejects with a ListenError when a daemon answers at the path; a socket that nobody serves may be replaced. */
export async function requireFree(path: string): Promise<void> {
  const file = await lstat(path).catch(() => undefined);
  if (file === undefined) return;
  if (!file.isSocket()) throw new ListenError('unavailable', path, `${path} is not a socket`);
  if (await answers(path)) {
    throw new ListenError('already_running', path, `a fingerpost is already running on ${path}`);
  }
}

/** Somebody accepts connections there, be it a daemon too busy to say more. */
function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = request({ socketPath, path: '/livez' });
    probe.once('socket', (socket) => {
      socket.once('connect', () => {
        resolve(true);
        probe.destroy();
      });
    });
    probe.once('error', () => resolve(false));
    probe.end();
  });
}
