import type { Server } from 'node:http';
import type { Commands } from '#api/commands.ts';
import type { EventSource } from '#api/events/events.ts';
import type { Queries } from '#api/queries.ts';
import type { Cancel, Clock } from '#clock.ts';
import { answerPlaces, OpenAnswers, streamPlaces } from '../answers/open-answers.ts';
import { Turns } from '../answers/turns.ts';
import { Connections } from '../connections.ts';
import type { Context, RunCommand } from '../context.ts';
import type { Access, Door, Token } from '../guard.ts';
import { createMetrics } from '../metrics/metrics.ts';
import { OneAtATime } from '../one-at-a-time.ts';
import { createApp } from '../server.ts';
import { type EventRecord, EventStream } from '../stream.ts';
import type { PeerUid } from '../who.ts';
import {
  backlog,
  bindTcp,
  type BoundSocket,
  BoundSockets,
  closeBound,
  type TcpPlace,
} from './bound-sockets.ts';
import { bindControl, giveControl } from './control-socket.ts';
import { endpoint, ListenError, listenError } from './listen-error.ts';

export interface HttpParts {
  readonly queries: Queries;
  readonly commands: Commands;
  readonly events: EventSource;
  readonly clock: Clock;
  /** The commit from which the program was built. */
  readonly revision?: string;
  /** Called for each request that had no right to what it asked for. */
  readonly authFailed?: (address: string, text: string) => void;
  /** Called for each command when it has been executed or refused. */
  readonly commandRun?: (command: RunCommand) => void;
  readonly peerUid?: PeerUid;
  readonly record?: EventRecord;
}

export interface HttpListeners {
  readonly tcp: readonly TcpPlace[];
  /** With a guard, writes over TCP are allowed; without one, none are. */
  readonly tokens?: readonly Token[];
  /** Host names under which requests over TCP are accepted, in addition to addresses and localhost. */
  readonly hosts?: readonly string[];
  /** The path of the control socket, where writes need no token. */
  readonly control?: string;
}

/** Everything that answers HTTP. */
export interface OpenHttp {
  /** The listeners as an operator writes them, with their ports: the path of the control socket, `127.0.0.1:9179`. */
  readonly addresses: readonly string[];
  /**
   * Opens the new listeners while the others continue. Rejects with a `ListenError`; then nothing has changed.
   * A listener that is in the way of a new one is closed first, and opened again if that fails.
   */
  change(listeners: HttpListeners): Promise<HttpChange>;
  /** Gives the control socket to this user, as whom the process is about to run. */
  giveControlTo(owner: { readonly uid: number; readonly gid: number }): void;
  /** Ends all requests, event streams included, and removes the socket file. */
  close(): Promise<void>;
}

/** New listeners that are open beside the old ones; one of the two methods must be called. */
export interface HttpChange {
  /** Closes the listeners that are no longer wanted, after a moment in which current requests may still be answered. */
  commit(): void;
  rollback(): Promise<void>;
}

/**
 * Opens all listeners or none, those that are bound already included; throws a `ListenError` for the first that
 * does not open.
 */
export async function openHttp(
  parts: HttpParts,
  listeners: HttpListeners,
  bound = new BoundSockets(),
): Promise<OpenHttp> {
  const http = new Listeners(parts, bound);
  try {
    (await http.change(listeners)).commit();
  } catch (error) {
    await Promise.all([http.close(), bound.close()]);
    throw error;
  }
  return http;
}

/** How much time a current request has left when its listener is closed. */
const lastAnswersMs = 1000;

/** A listener that is open. */
interface Opened {
  readonly address: string;
  close(): Promise<void>;
}

type Opener = () => Promise<Listening>;

interface Listening extends Opened {
  /** A place as it is configured: the path of the control socket, or `host:port`, where port 0 is any port. */
  readonly place: string;
  readonly isTcp: boolean;
  /** Opens the same place again. */
  readonly open: Opener;
}

class Listeners implements OpenHttp {
  private readonly context: Context;
  private readonly clock: Clock;
  private readonly bound: BoundSockets;
  /** Accepts the connections of all TCP listeners; it can change without reopening any of them. */
  private readonly access: Access = { tokens: [], hosts: [] };
  private opened: readonly Listening[] = [];
  /** Listeners that are being closed and are open for a moment, each with a function that postpones its end. */
  private readonly leaving = new Map<Listening, Cancel>();

  constructor(parts: HttpParts, bound: BoundSockets) {
    const turns = new Turns(parts.clock);
    const stream = new EventStream({ ...parts, turns });
    const metrics = createMetrics({ ...parts, turns, sseClients: () => stream.clients });
    const answers = new OpenAnswers(parts.clock, answerPlaces);
    const streams = new OpenAnswers(parts.clock, streamPlaces);
    const connections = new Connections();
    const whatIfs = new OneAtATime();
    this.context = { ...parts, turns, answers, streams, connections, whatIfs, metrics, stream };
    this.clock = parts.clock;
    this.bound = bound;
  }

  get addresses(): readonly string[] {
    return this.opened.map(({ address }) => address);
  }

  async change(listeners: HttpListeners): Promise<HttpChange> {
    const { tokens = [], hosts = [] } = listeners;
    const wanted = this.wanted(listeners);
    const back = [...this.leaving.keys()].filter(({ place }) => wanted.has(place));
    for (const one of back) this.stays(one);
    const kept = [...this.opened.filter(({ place }) => wanted.has(place)), ...back];
    const former = this.opened.filter(({ place }) => !wanted.has(place));
    const gone = [...former, ...this.leaving.keys()];
    for (const { place } of kept) wanted.delete(place);
    const { opened, closed } = await this.openBeside([...wanted.values()], gone).catch(
      (error: unknown) => {
        for (const one of back) this.leaves(one);
        throw error;
      },
    );
    return {
      commit: () => {
        Object.assign(this.access, { tokens, hosts });
        this.opened = [...kept, ...opened];
        for (const one of former) if (!closed.includes(one)) this.leaves(one);
      },
      rollback: async () => {
        for (const one of back) this.leaves(one);
        await closeAll(opened);
        await this.openAgain(closed);
      },
    };
  }

  giveControlTo(owner: { uid: number; gid: number }): void {
    for (const { address, isTcp } of this.opened) if (!isTcp) giveControl(address, owner);
  }

  async close(): Promise<void> {
    this.context.stream.close();
    const leaving = [...this.leaving.keys()];
    for (const one of leaving) this.stays(one);
    await closeAll([...this.opened, ...leaving]);
  }

  private leaves(one: Listening): void {
    const cancel = this.clock.after(lastAnswersMs, () => {
      this.leaving.delete(one);
      void one.close();
    });
    this.leaving.set(one, cancel);
  }

  private stays(one: Listening): void {
    this.leaving.get(one)?.();
    this.leaving.delete(one);
  }

  /** How each place is opened, by its name. */
  private wanted({ tcp, control }: HttpListeners): Map<string, Opener> {
    const places = new Map<string, Opener>();
    const add = (
      place: string,
      door: Door,
      bind: () => BoundSocket | Promise<BoundSocket>,
    ): void => {
      const open: Opener = async () => {
        const socket = this.bound.take(place) ?? (await bind());
        const opened = await serve(this.context, door, socket);
        return { ...opened, place, isTcp: door !== 'control', open };
      };
      places.set(place, open);
    };
    if (control !== undefined) add(control, 'control', () => bindControl(control));
    for (const at of tcp) add(endpoint(at.host, at.port), this.access, () => bindTcp(at));
    return places;
  }

  /** One that is in the way is closed first ("0.0.0.0:9179" is in the way of "127.0.0.1:9179"). */
  private async openBeside(
    openers: readonly Opener[],
    gone: readonly Listening[],
  ): Promise<{ opened: Listening[]; closed: readonly Listening[] }> {
    try {
      return { opened: await openAll(openers), closed: [] };
    } catch (error) {
      const isInUse = error instanceof ListenError && error.kind === 'address_in_use';
      const closed = gone.filter(({ isTcp }) => isTcp);
      if (!isInUse || closed.length === 0) throw error;
      for (const one of closed) this.stays(one);
      await closeAll(closed);
      try {
        return { opened: await openAll(openers), closed };
      } catch (second) {
        await this.openAgain(closed);
        throw second;
      }
    }
  }

  private async openAgain(closed: readonly Listening[]): Promise<void> {
    const former = closed.filter((one) => this.opened.includes(one));
    const again = await openAll(former.map(({ open }) => open));
    this.opened = [...this.opened.filter((one) => !closed.includes(one)), ...again];
  }
}

async function openAll(openers: Iterable<Opener>): Promise<Listening[]> {
  const opened: Listening[] = [];
  try {
    for (const open of openers) opened.push(await open());
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
  return opened;
}

async function closeAll(listening: readonly Listening[]): Promise<void> {
  await Promise.all(listening.map((one) => one.close()));
}

/** Accepts the connections that wait, and all later ones. */
async function serve(context: Context, door: Door, socket: BoundSocket): Promise<Opened> {
  const { address } = socket;
  try {
    const app = await createApp(context, door);
    await app.ready();
    await listenOn(app.server, socket);
    return {
      address,
      close: async () => {
        await app.close();
        await socket.remove?.();
      },
    };
  } catch (error) {
    await closeBound(socket);
    throw error;
  }
}

function listenOn(server: Server, { fd, address }: BoundSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => reject(listenError(address, error));
    server.once('error', failed);
    server.listen({ fd, backlog }, () => {
      server.removeListener('error', failed);
      resolve();
    });
  });
}
