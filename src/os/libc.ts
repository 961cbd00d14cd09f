import { getSystemErrorMessage, getSystemErrorName } from 'node:util';
import koffi from 'koffi';

/** A libc call that failed; `code` is the errno name, `call` the function or the option. */
export class SocketError extends Error {
  readonly code: string;
  readonly call: string;
  constructor(call: string, errno: number) {
    const code = getSystemErrorName(-errno);
    super(`${call}: ${getSystemErrorMessage(-errno)} (${code})`);
    this.code = code;
    this.call = call;
  }
}

/** Returns the result of a call, or throws a SocketError if it failed. */
export function check(call: string, result: number): number {
  if (result < 0) throw new SocketError(call, lastErrno());
  return result;
}

/** Returns the errno of the call that failed last. */
export function lastErrno(): number {
  return koffi.errno();
}

/** Numbers by name. */
export const errno = koffi.os.errno;

export type Bytes = Uint8Array | Int32Array | Uint32Array | BigUint64Array;

/** Returns where the bytes are, which is valid as long as they are referenced. */
export function addressOf(bytes: Bytes): bigint {
  return koffi.address(bytes);
}

export interface Libc {
  socket(family: number, type: number, protocol: number): number;
  bind(fd: number, sockaddr: Bytes, length: number): number;
  close(fd: number): number;
  setsockopt(fd: number, level: number, option: number, value: Bytes, length: number): number;
  getsockopt(fd: number, level: number, option: number, value: Bytes, length: Bytes): number;
  getsockname(fd: number, sockaddr: Bytes, length: Bytes): number;
  getpeername(fd: number, sockaddr: Bytes, length: Bytes): number;
  listen(fd: number, backlog: number): number;
  shutdown(fd: number, how: number): number;
  sendmsg(fd: number, message: Bytes, flags: number): number;
  ioctl(fd: number, request: number, argument: Bytes): number;
  flock(fd: number, operation: number): number;
  if_nametoindex(name: string): number;
  if_indextoname(index: number, name: Bytes): unknown;
  getpwnam(name: string): unknown;
  initgroups(name: string, group: number): number;
}

let loaded: Libc | undefined;

/** Returns libc. It is loaded when the first socket is made, because the CLI never needs it. */
export function libc(): Libc {
  loaded ??= loadLibc();
  return loaded;
}

/** The process itself is linked to its libc, glibc or musl, so no file name has to be guessed. */
function loadLibc(): Libc {
  const own = koffi.load(null);
  return {
    socket: own.func('int socket(int, int, int)'),
    bind: own.func('int bind(int, const void *, uint32_t)'),
    close: own.func('int close(int)'),
    setsockopt: own.func('int setsockopt(int, int, int, const void *, uint32_t)'),
    getsockopt: own.func('int getsockopt(int, int, int, void *, void *)'),
    getsockname: own.func('int getsockname(int, void *, void *)'),
    getpeername: own.func('int getpeername(int, void *, void *)'),
    listen: own.func('int listen(int, int)'),
    shutdown: own.func('int shutdown(int, int)'),
    sendmsg: own.func('long sendmsg(int, const void *, int)'),
    ioctl: own.func('int ioctl(int, unsigned long, void *)'),
    flock: own.func('int flock(int, int)'),
    if_nametoindex: own.func('uint32_t if_nametoindex(const char *)'),
    getpwnam: own.func('void *getpwnam(const char *)'),
    initgroups: own.func('int initgroups(const char *, uint32_t)'),
    if_indextoname: own.func('char *if_indextoname(uint32_t, void *)'),
  };
}

/** mallopt(3) and malloc_trim(3), which glibc has and musl lacks. */
export interface Allocator {
  mallopt(option: number, value: number): number;
  malloc_trim(padBytes: number): number;
}

/** Returns `undefined` if the libc has no such functions. */
export function allocator(): Allocator | undefined {
  const own = koffi.load(null);
  const find = own.func('void *dlsym(void *, const char *)');
  if (find(null, 'malloc_trim') === null) return undefined;
  return {
    mallopt: own.func('int mallopt(int, int)'),
    malloc_trim: own.func('int malloc_trim(size_t)'),
  };
}
