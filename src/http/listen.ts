import { chmod, mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../clock.ts';
import { ListenError, requireFree } from './control-socket.ts';
import type { Commands, EventSource, Queries } from '../watch.ts';
import type { Writable } from './guard.ts';
import { createMetrics } from './metrics.ts';
import type { Context } from './route.ts';
import { type App, createApp } from './server.ts';
import { EventStream } from './stream.ts';

export interface HttpParts {
  readonly queries: Queries;
  readonly commands: Commands;
  readonly events: EventSource;
  readonly clock: Clock;
  /** The commit the program was built from. */
  readonly revision?: string;
}

export interface HttpListeners {
  readonly tcp: readonly { readonly host: string; readonly port: number }[];
  /** With it, writes over TCP; without, none. */
  readonly token?: string;
  /** Path of the control socket, where writes need no token. */
  readonly control?: string;
}

/** Everything that answers HTTP. */
export interface OpenHttp {
  /** As an operator writes them, ports filled in: `127.0.0.1:9179`, then the socket's path. */
  readonly addresses: readonly string[];
  /** Ends what is in flight, event streams included; the socket file is gone afterwards. */
  close(): Promise<void>;
}

/** Opens all listeners or none; throws a `ListenError` for the first that does not open. */
export async function openHttp(parts: HttpParts, listeners: HttpListeners): Promise<OpenHttp> {
  const stream = new EventStream(parts);
  const metrics = createMetrics({ ...parts, sseClients: () => stream.clients });
  const context: Context = { ...parts, metrics, stream };
  const opened: Listening[] = [];
  const close = async (): Promise<void> => {
    stream.close();
    await Promise.all(opened.map((listening) => listening.close()));
  };
  try {
    if (listeners.control !== undefined) {
      opened.push(await listenControl(context, listeners.control));
    }
    const writable: Writable = listeners.token === undefined ? 'never' : { token: listeners.token };
    for (const { host, port } of listeners.tcp) {
      opened.push(await listenTcp(await createApp(context, writable), host, port));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { addresses: opened.map(({ address }) => address), close };
}

interface Listening {
  readonly address: string;
  close(): Promise<void>;
}

async function listenTcp(app: App, host: string, port: number): Promise<Listening> {
  const wanted = endpoint(host, port);
  await opening(wanted, app.listen({ host, port }));
  const bound = app.server.address();
  return {
    address: endpoint(host, typeof bound === 'object' && bound !== null ? bound.port : port),
    close: () => app.close(),
  };
}

function endpoint(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * Bound beside its place and moved there with the right mode: whoever sees the socket may use it, and
 * a file left behind by a daemon that was killed is replaced in one step.
 */
async function listenControl(context: Context, path: string): Promise<Listening> {
  await requireFree(path);
  const app = await createApp(context, 'always');
  const beside = `${path}.new`;
  await opening(path, bindBeside(app, beside));
  await chmod(beside, 0o660);
  await rename(beside, path);
  return {
    address: path,
    close: async () => {
      await app.close();
      await rm(path, { force: true });
    },
  };
}

async function bindBeside(app: App, beside: string): Promise<void> {
  await mkdir(dirname(beside), { recursive: true });
  await rm(beside, { force: true });
  await app.listen({ path: beside });
}

async function opening(address: string, opened: Promise<unknown>): Promise<void> {
  try {
    await opened;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const [kind, text] = listenFaults.get(code) ?? (['unavailable', code] as const);
    throw new ListenError(kind, address, `cannot listen on ${address}: ${text}`);
  }
}

const listenFaults = new Map<string, readonly [kind: ListenError['kind'], text: string]>([
  ['EADDRINUSE', ['address_in_use', 'the address is in use']],
  ['EACCES', ['permission_denied', 'permission denied']],
  ['EPERM', ['permission_denied', 'permission denied']],
  ['EADDRNOTAVAIL', ['unavailable', 'no interface has this address']],
  ['EAFNOSUPPORT', ['unavailable', 'the system does not know this kind of address']],
]);
