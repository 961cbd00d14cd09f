import { createHash } from 'node:crypto';
import type { Guard } from '#net/connection-guard.ts';
import { closeSocket, endListening } from '#net/socket.ts';

const prefix = 'bgp-';

/** A socket that has survived a restart, and the name under which it was stored. */
export interface StoredSocket {
  readonly fd: number;
  readonly name: string;
}

/** Returns whether a descriptor of this name is one that we have stored. */
export function isStoreName(name: string): boolean {
  return name.startsWith(prefix);
}

/**
 * The listening sockets in the descriptor store of systemd (sd_pid_notify_with_fds(3)). While the daemon is restarted,
 * the kernel continues to answer with the MD5 keys and minimum TTLs that are set, and connections wait in the queue
 * instead of being refused. A unit that is stopped loses its store, and connections are refused.
 */
export class StoredSockets {
  private readonly send: ((state: string, fds?: readonly number[]) => void) | undefined;
  private name: string | undefined;

  /** Without `send` there is no store. */
  constructor(send: ((state: string, fds?: readonly number[]) => void) | undefined) {
    this.send = send;
  }

  get hasSome(): boolean {
    return this.name !== undefined;
  }

  /**
   * Returns those that may continue under this guard. Keys can be replaced but not listed, so a socket that has keys
   * for others than the configuration names is closed, and its store entry removed.
   */
  usable(stored: readonly StoredSocket[], guard: Guard): number[] {
    const name = nameFor(guard);
    const unusable = stored.filter((one) => one.name !== name);
    for (const old of new Set(unusable.map((one) => one.name))) {
      this.send?.(`FDSTOREREMOVE=1\nFDNAME=${old}`);
    }
    for (const { fd } of unusable) {
      endListening(fd);
      closeSocket(fd);
    }
    const usable = stored.filter((one) => one.name === name).map(({ fd }) => fd);
    if (usable.length > 0) this.name = name;
    return usable;
  }

  /** Leaves nothing for a later process. */
  forget(): void {
    if (this.name !== undefined) this.send?.(`FDSTOREREMOVE=1\nFDNAME=${this.name}`);
    this.name = undefined;
  }

  /** Replaces those that were stored before. Throws SocketError. */
  keep(fds: readonly number[], guard: Guard): void {
    if (this.send === undefined) return;
    const name = nameFor(guard);
    // What is stored already would keep its name, so it is removed first.
    this.forget();
    this.send(`FDSTORE=1\nFDNAME=${name}`, fds);
    this.name = name;
  }
}

/** Derived from whom keys are for, not from the keys. */
function nameFor({ keys }: Guard): string {
  const owners = keys.map(({ address, lengthBits }) => `${address.join('.')}/${lengthBits ?? ''}`);
  const hash = createHash('sha256').update(owners.toSorted().join('\n'));
  return `${prefix}${hash.digest('hex').slice(0, 16)}`;
}
