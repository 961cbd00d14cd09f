import { Socket } from 'node:net';
import type { Cancel, Clock } from '#clock.ts';
import { SocketError } from '#os/libc.ts';
import { streamOf, type TcpStream } from './handle.ts';
import { hostText } from './sockaddr.ts';
import { type DialerOptions, openDialer } from './socket.ts';

export interface DialOptions extends DialerOptions {
  readonly timeoutMs: number;
}

export interface DialFailure {
  /** An errno name; `ETIMEDOUT` also if our own timeout ended the attempt. */
  readonly code: string;
  /** One line, for people. */
  readonly text: string;
}

/** Exactly one of the two is called, once, and never before `dial` has returned. */
export interface DialOwner {
  connected(stream: TcpStream): void;
  failed(failure: DialFailure): void;
}

/** Connects to a peer. The returned function cancels the attempt: neither callback is called after it. */
export function dial(options: DialOptions, clock: Clock, owner: DialOwner): Cancel {
  let fd: number;
  try {
    fd = openDialer(options);
  } catch (error) {
    if (!(error instanceof SocketError)) throw error;
    const failure = { code: error.code, text: error.message };
    return clock.soon(() => owner.failed(failure));
  }
  return connect(fd, options, clock, owner);
}

function connect(fd: number, options: DialOptions, clock: Clock, owner: DialOwner): Cancel {
  const socket = new Socket(adopted(fd));
  const fail = (code: string): void => {
    hangUp();
    owner.failed({ code, text: failureText(code, options) });
  };
  const onError = (error: NodeJS.ErrnoException): void => fail(error.code ?? error.message);
  const onConnect = (): void => {
    const stream = streamOf(socket);
    if (stream === undefined) return fail('ECONNRESET');
    settle();
    owner.connected(stream);
  };
  const cancelTimeout = clock.after(options.timeoutMs, () => fail('ETIMEDOUT'));
  const settle = (): void => {
    cancelTimeout();
    socket.off('error', onError).off('connect', onConnect);
  };
  const hangUp = (): void => {
    settle();
    socket.destroy();
  };
  socket.on('error', onError).on('connect', onConnect);
  socket.connect({ host: hostText(options.remote), port: options.remote.port });
  return hangUp;
}

/** `manualStart` (net.js, not in its types): the socket is not read before it is connected. */
function adopted(fd: number): { fd: number; manualStart: boolean } {
  return { fd, manualStart: true };
}

function failureText(code: string, options: DialOptions): string {
  const reason = reasons[code] ?? `connect: ${code}`;
  if (code !== 'ETIMEDOUT') return reason;
  const hint =
    options.md5Key === undefined
      ? ' (the peer is down, filtered, or requires an MD5 key)'
      : ' (possible MD5 mismatch: Linux silently drops such packets)';
  return `${reason}${hint}`;
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused: nothing is listening there',
  ECONNRESET: 'connection reset while connecting',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network unreachable',
  ETIMEDOUT: 'no answer to the connection attempt',
};
