import { noDescriptor } from '#os/descriptors.ts';
import { codeOf } from '#text/code-of.ts';
import { fileFailure } from '#text/file-failure.ts';

/** Why a listener did not open; `already_running` means that another daemon answers on the control socket. */
export class ListenError extends Error {
  readonly kind: 'already_running' | 'address_in_use' | 'permission_denied' | 'unavailable';
  /** What was to be opened, as an operator writes it. */
  readonly address: string;
  constructor(kind: ListenError['kind'], address: string, message: string) {
    super(message);
    this.kind = kind;
    this.address = address;
  }
}

/** Returns `host:port`, with an IPv6 address in brackets. */
export function endpoint(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Returns in words what the system reported about a place to listen on. */
export function listenError(address: string, error: unknown): ListenError {
  if (error instanceof ListenError) return error;
  const code = codeOf(error) ?? 'unknown';
  const [kind, text] = listenFaults.get(code) ?? (['unavailable', fileFailure(error)] as const);
  const [, port] = /:(\d+)$/.exec(address) ?? [];
  const hint =
    kind === 'address_in_use' && port !== undefined
      ? `; "ss -ltnp sport = :${port}" shows the process`
      : '';
  return new ListenError(kind, address, `cannot listen on ${address}: ${text}${hint}`);
}

const listenFaults = new Map<string, readonly [kind: ListenError['kind'], text: string]>([
  ['EADDRINUSE', ['address_in_use', 'the address is in use']],
  ['EACCES', ['permission_denied', 'permission denied']],
  ['EPERM', ['permission_denied', 'permission denied']],
  ['ENOENT', ['unavailable', 'its folder does not exist']],
  ['EADDRNOTAVAIL', ['unavailable', 'no interface has this address']],
  ['EAFNOSUPPORT', ['unavailable', 'the system does not support this address family']],
  ['EMFILE', ['unavailable', noDescriptor]],
  ['ENFILE', ['unavailable', noDescriptor]],
]);
