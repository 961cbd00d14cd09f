import type { Clock } from '#clock.ts';
import { Listener, ListenError } from '#net/listener.ts';
import { parseAddress } from '#text/address.ts';
import { Child, type ChildEnd } from './child.ts';
import { daemonConfig } from './daemon-config.ts';
import { DemoError, type Place } from './place.ts';
import { routeServer } from './plan.ts';

export interface RouteServerOptions {
  /** The path of the program. */
  readonly program: string;
  readonly clock: Clock;
  /** Called with the text of each log message of the daemon. */
  readonly onText: (text: string) => void;
}

/** The ports that are tried first; the ones after them are tried next. */
const firstPort = { bgp: 11790, http: 9179 } as const;
const portsTried = 200;
/** Another demo that starts at the same moment may take a port that was free. */
const attempts = 3;

/** The fields of the daemon's JSON log lines that are used here. */
interface LogLine {
  readonly event?: string;
  readonly what?: string;
  readonly msg?: string;
}

/** The daemon, started as everyone starts it: `fingerpost run -c FILE`. */
export class RouteServer {
  bgpPort = 0;
  httpPort = 0;
  /** Settles when the daemon ends without having been asked to. */
  readonly broken: Promise<DemoError>;
  private readonly options: RouteServerOptions;
  private readonly breaks: (error: DemoError) => void;
  private child: Child | undefined;
  private lastText = '';
  private isEnding = false;

  constructor(options: RouteServerOptions) {
    this.options = options;
    const { promise, resolve } = Promise.withResolvers<DemoError>();
    this.broken = promise;
    this.breaks = resolve;
  }

  /**
   * Resolves when the daemon listens on all of its ports, which were free before. Another demo may take one meanwhile,
   * most easily that of HTTP, which is opened last; then the next ports are tried. Rejects with DemoError.
   */
  async start(place: Place): Promise<void> {
    for (let attempt = 1; !this.isEnding; attempt++) {
      const end = await this.tryStart(place);
      if (end === undefined || this.isEnding) return;
      if (attempt === attempts) throw this.failure(end);
    }
  }

  async end(): Promise<void> {
    this.isEnding = true;
    await this.child?.end();
  }

  /** Returns how the daemon ended, if it ended before it listened. */
  private async tryStart(place: Place): Promise<ChildEnd | undefined> {
    this.bgpPort = await freePort(routeServer.address, this.bgpPort + 1, firstPort.bgp);
    this.httpPort = await freePort('127.0.0.1', this.httpPort + 1, firstPort.http);
    const { bgpPort, httpPort } = this;
    const { controlSocket, stateDir } = place;
    const file = place.writeConfig(daemonConfig({ bgpPort, httpPort, controlSocket, stateDir }));
    if (this.isEnding) return undefined;
    return new Promise((resolve) => {
      let isListening = false;
      const child = this.launch(file, () => {
        isListening = true;
        resolve(undefined);
      });
      void child.ended.then((end) => {
        if (!isListening) resolve(end);
        else if (!this.isEnding) this.breaks(this.failure(end));
      });
    });
  }

  private launch(file: string, onListening: () => void): Child {
    const { program, clock, onText } = this.options;
    this.child = new Child({
      program,
      clock,
      args: ['run', '-c', file],
      onLine: (line) => {
        const { event, what, msg } = readLine(line);
        this.lastText = msg ?? line;
        onText(this.lastText);
        if (event === 'listening' && what === 'http') onListening();
      },
    });
    return this.child;
  }

  private failure({ text }: ChildEnd): DemoError {
    return new DemoError(`the route server ended (${text}); its last line: ${this.lastText}`);
  }
}

/** The daemon's log is JSON; what it prints on stderr is not. */
function readLine(line: string): LogLine {
  return line.startsWith('{') ? (JSON.parse(line) as LogLine) : { msg: line };
}

async function freePort(address: string, from: number, first: number): Promise<number> {
  const start = Math.max(from, first);
  for (let port = start; port < first + portsTried; port++) {
    if (await isFree(address, port)) return port;
  }
  throw new DemoError(`no port from ${first} to ${first + portsTried - 1} is free on ${address}`);
}

/** Returns whether the port is free. Throws for any error other than "in use", since no other port would help. */
async function isFree(address: string, port: number): Promise<boolean> {
  const at = { address: parseAddress(address), port, text: `${address}:${port}` };
  try {
    const nobody = { connected: () => undefined, acceptFailed: () => undefined };
    (await Listener.open([at], nobody)).close();
    return true;
  } catch (error) {
    if (!(error instanceof ListenError)) throw error;
    if (error.code === 'EADDRINUSE') return false;
    throw new DemoError(error.message);
  }
}
