import { createHash } from 'node:crypto';
import type { Guard } from '#net/connection-guard.ts';
import { closeSocket, endListening } from '#net/socket.ts';

const prefix = 'bgp-';

/** A socket that has outlived a restart, and the name that it was stored under. */
export interface StoredSocket {
  readonly fd: number;
  readonly name: string;
}

/** Whether a descriptor of this name is one that we have stored. */
export function isStoreName(name: string): boolean {
  return name.startsWith(prefix);
}

/**
 * The listening sockets in the descriptor store of systemd (sd_pid_notify_with_fds(3)): while the daemon
 * is restarted the kernel goes on answering, with the MD5 keys and least TTLs that are set, and connections
 * wait in the queue instead of being refused. A unit that is stopped loses its store, and refuses.
 */
export class StoredSockets {
  private readonly send: ((state: string, fds?: readonly number[]) => void) | undefined;
  private name: string | undefined;

  /** `send` absent: there is no store. */
  constructor(send: ((state: string, fds?: readonly number[]) => void) | undefined) {
    this.send = send;
  }

  get hasSome(): boolean {
    return this.name !== undefined;
  }

  /**
   * Those that may go on under this guard: keys can be replaced but not listed, so that one which has
   * keys for others than the configuration names ends here, and its store entry with it.
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

  /** Nothing outlives us. */
  forget(): void {
    if (this.name !== undefined) this.send?.(`FDSTOREREMOVE=1\nFDNAME=${this.name}`);
    this.name = undefined;
  }

  /** In the place of those that were kept before. Throws SocketError. */
  keep(fds: readonly number[], guard: Guard): void {
    if (this.send === undefined) return;
    const name = nameFor(guard);
    // What is stored already would keep its name: it goes first.
    this.forget();
    this.send(`FDSTORE=1\nFDNAME=${name}`, fds);
    this.name = name;
  }
}

/** By whom keys are for, not what they are. */
function nameFor({ keys }: Guard): string {
  const owners = keys.map(({ address, lengthBits }) => `${address.join('.')}/${lengthBits ?? ''}`);
  const hash = createHash('sha256').update(owners.toSorted().join('\n'));
  return `${prefix}${hash.digest('hex').slice(0, 16)}`;
}
