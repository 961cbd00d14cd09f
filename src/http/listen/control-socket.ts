import { chownSync, type Stats } from 'node:fs';
import { chmod, lstat, rename, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { dirname } from 'node:path';
import { closeSocket, listen, openUnixListener } from '#net/socket.ts';
import { FileLock, lockHolder } from '#os/file-lock.ts';
import { makeFolders } from '#os/folders.ts';
import { backlog, type BoundSocket } from './bound-sockets.ts';
import { ListenError, listenError } from './listen-error.ts';

/** The lock beside the socket: one daemon at a time can have it, and it is removed with the socket. */
function lockPath(path: string): string {
  return `${path}.lock`;
}

/**
 * The socket is bound beside its place and moved there with the right mode, so that whoever sees it may use it, and a
 * file that a killed daemon has left is replaced in one step. Rejects with a ListenError, above all if another daemon
 * runs on the path.
 */
export async function bindControl(path: string): Promise<BoundSocket> {
  const lock = takeLock(path);
  try {
    await requireFree(path);
    const fd = await bindBeside(path);
    const bound = await lstat(path);
    return {
      fd,
      address: path,
      remove: async () => {
        await removeFile(path, bound);
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw listenError(path, error);
  }
}

/** Gives the socket and its lock to this user, as whom the process is about to run. */
export function giveControl(path: string, owner: { uid: number; gid: number }): void {
  for (const file of [path, lockPath(path)]) chownSync(file, owner.uid, owner.gid);
}

function takeLock(path: string): FileLock {
  const at = lockPath(path);
  try {
    makeFolders(dirname(path));
    const lock = FileLock.take(at);
    if (lock !== undefined) return lock;
  } catch (error) {
    throw listenError(path, error);
  }
  throw alreadyRunning(path, lockHolder(at));
}

function alreadyRunning(path: string, holder: string): ListenError {
  const text = `${path}: ${holder} is running on this control socket; stop it first, or give this one another control.socket`;
  return new ListenError('already_running', path, text);
}

/** A socket that no process serves may be replaced. */
async function requireFree(path: string): Promise<void> {
  const file = await lstat(path).catch(() => undefined);
  if (file === undefined) return;
  if (!file.isSocket()) throw new ListenError('unavailable', path, `${path} is not a socket`);
  if (await answers(path)) throw alreadyRunning(path, 'another fingerpost');
}

/** Returns whether a process accepts connections there, even if it is a daemon that is too busy to answer. */
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

async function bindBeside(path: string): Promise<number> {
  const beside = `${path}.new`;
  await rm(beside, { force: true });
  const fd = openUnixListener(beside);
  try {
    await chmod(beside, 0o660);
    listen(fd, backlog);
    await rename(beside, path);
  } catch (error) {
    closeSocket(fd);
    throw error;
  }
  return fd;
}

/** Another process may have put its own file there, which is not ours to remove. */
async function removeFile(path: string, { dev, ino }: Stats): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.dev !== dev || found.ino !== ino) return;
  // As another user we may not be allowed to remove it; the next start replaces it.
  await rm(path, { force: true }).catch(() => undefined);
}
