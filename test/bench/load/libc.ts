import { getSystemErrorName } from 'node:util';
import koffi from 'koffi';
import type { Family } from '../addresses.ts';

/**
 * Sockets without an event loop between them: the load generator runs its own epoll loop, so that a latency is the
 * daemon's and not that of libuv. A call through koffi costs about half a microsecond.
 */

const libc = koffi.load('libc.so.6');
const socketCall = libc.func('int socket(int, int, int)');
const bindCall = libc.func('int bind(int, void *, uint32_t)');
const connectCall = libc.func('int connect(int, void *, uint32_t)');
const setsockoptCall = libc.func('int setsockopt(int, int, int, void *, uint32_t)');
const getsockoptCall = libc.func('int getsockopt(int, int, int, void *, void *)');
const recvCall = libc.func('int64_t recv(int, void *, uint64_t, int)');
const sendCall = libc.func('int64_t send(int, void *, uint64_t, int)');
const closeCall = libc.func('int close(int)');
const epollCreateCall = libc.func('int epoll_create1(int)');
const epollCtlCall = libc.func('int epoll_ctl(int, int, int, void *)');
const epollWaitCall = libc.func('int epoll_wait(int, void *, int, int)');
const clockGettimeCall = libc.func('int clock_gettime(int, void *)');

const SOCK_STREAM_NONBLOCK_CLOEXEC = 1 | 0o4000 | 0o2000000;
const SOL_SOCKET = 1;
const SO_ERROR = 4;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const EAGAIN = 11;
const EINTR = 4;
const EINPROGRESS = 115;
const MSG_NOSIGNAL = 0x4000;
const CLOCK_THREAD_CPUTIME_ID = 3;

const familyNumber: Readonly<Record<Family, number>> = { ipv4: 2, ipv6: 10 };
const int32 = new Int32Array(1);
const int32Length = new Uint32Array([4]);

/** Begins a non-blocking TCP connection from `source` to `target`, without Nagle's algorithm. */
export function dial(family: Family, source: Uint8Array, target: Uint8Array, port: number): number {
  const fd = checked('socket', socketCall(familyNumber[family], SOCK_STREAM_NONBLOCK_CLOEXEC, 0));
  int32[0] = 1;
  checked('setsockopt', setsockoptCall(fd, IPPROTO_TCP, TCP_NODELAY, int32, 4));
  const from = sockaddr(family, source, 0);
  checked('bind', bindCall(fd, from, from.length));
  const to = sockaddr(family, target, port);
  const result = connectCall(fd, to, to.length);
  if (result < 0 && koffi.errno() !== EINPROGRESS) checked('connect', result);
  return fd;
}

/** Returns the errno of a connection that failed, 0 for one that is established. */
export function connectionError(fd: number): number {
  checked('getsockopt', getsockoptCall(fd, SOL_SOCKET, SO_ERROR, int32, int32Length));
  return int32[0];
}

/**
 * Returns the number of octets read; 0 if the other side has closed, -1 if there is nothing. A reset counts as closed.
 */
export function receive(fd: number, into: Uint8Array): number {
  const count = recvCall(fd, into, into.length, 0);
  if (count >= 0) return count;
  const errno = koffi.errno();
  return errno === EAGAIN || errno === EINTR ? -1 : 0;
}

/**
 * Returns the number of octets that the kernel accepted, 0 if its buffer is full. A broken connection shows when it is
 * read.
 */
export function transmit(fd: number, octets: Uint8Array): number {
  const count = sendCall(fd, octets, octets.length, MSG_NOSIGNAL);
  return count < 0 ? 0 : count;
}

export function close(fd: number): void {
  checked('close', closeCall(fd));
}

/** Returns the CPU seconds, user and system, of all threads of another process; 0 if it has ended. */
export function cpuSeconds(pid: number): number {
  return clockSeconds((~pid << 3) | 2);
}

/**
 * Returns the CPU seconds, user and system, of this thread. Those of getrusage(2) may be counted in ticks of 4 ms.
 */
export function threadCpuSeconds(): number {
  return clockSeconds(CLOCK_THREAD_CPUTIME_ID);
}

function clockSeconds(clock: number): number {
  const time = new BigInt64Array(2);
  if (clockGettimeCall(clock, time) < 0) return 0;
  return Number(time[0]) + Number(time[1]) / 1e9;
}

/** Level-triggered epoll over file descriptors, each with a number of the caller's choice. */
export class Epoll {
  static readonly readable = 1;
  static readonly writable = 4;
  /** EPOLLERR and EPOLLHUP are always reported. */
  static readonly broken = 8 | 16;

  private readonly fd = checked('epoll_create1', epollCreateCall(0));
  private readonly events = Buffer.alloc(eventBytes * maxEvents);
  private readonly event = Buffer.alloc(eventBytes);

  add(fd: number, tag: number, events: number): void {
    this.control(1, fd, tag, events);
  }

  change(fd: number, tag: number, events: number): void {
    this.control(3, fd, tag, events);
  }

  /** Returns how many are ready now, or within `timeoutMs`; `tag` and `ready` describe each of them. */
  wait(timeoutMs: number): number {
    const count = epollWaitCall(this.fd, this.events, maxEvents, timeoutMs);
    return count < 0 ? 0 : count;
  }

  ready(at: number): number {
    return this.events.readUInt32LE(at * eventBytes);
  }

  tag(at: number): number {
    return this.events.readUInt32LE(at * eventBytes + tagOffset);
  }

  private control(operation: number, fd: number, tag: number, events: number): void {
    this.event.writeUInt32LE(events, 0);
    this.event.writeUInt32LE(tag, tagOffset);
    checked('epoll_ctl', epollCtlCall(this.fd, operation, fd, this.event));
  }
}

/** struct epoll_event is packed on x86-64 only. */
const tagOffset = process.arch === 'x64' ? 4 : 8;
const eventBytes = tagOffset + 8;
const maxEvents = 512;

function sockaddr(family: Family, address: Uint8Array, port: number): Buffer {
  const octets = Buffer.alloc(family === 'ipv4' ? 16 : 28);
  octets.writeUInt16LE(familyNumber[family], 0);
  octets.writeUInt16BE(port, 2);
  octets.set(address, family === 'ipv4' ? 4 : 8);
  return octets;
}

function checked(call: string, result: number): number {
  if (result >= 0) return result;
  throw new Error(`${call}: ${getSystemErrorName(-koffi.errno())}`);
}
