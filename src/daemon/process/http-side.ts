import type { Config } from '#config/config.ts';
import { loadAside } from '#config/load-aside.ts';
import { BoundSockets } from '#http/listen/bound-sockets.ts';
import { bindControl } from '#http/listen/control-socket.ts';
import type { HttpListeners, HttpParts, OpenHttp } from '#http/listen/listen.ts';
import type { Log } from '#log/log.ts';
import { handleOf } from '#net/handle.ts';
import { peerUid } from '#os/peer-credentials.ts';
import { DaemonCommands } from '../changes/commands.ts';
import type { Change, Surroundings } from '../changes/reloads.ts';
import type { Daemon } from '../daemon.ts';
import { FewPerMinute } from '../few-per-minute.ts';
import { DaemonQueries } from '../views/daemon-queries.ts';

/** The parts that watch the daemon and follow its configuration: the log, and the HTTP listeners. */
export class HttpSide implements Surroundings {
  readonly commands: DaemonCommands;
  readonly queries: DaemonQueries;
  /** Ends the daemon and its process, as SIGTERM does. */
  readonly end: () => void;
  private readonly daemon: Daemon;
  private readonly log: Log;
  private readonly parts: HttpParts;
  private readonly bound = new BoundSockets();
  private opened: OpenHttp | undefined;

  constructor(daemon: Daemon, log: Log, revision: string, end: () => void) {
    this.end = end;
    this.daemon = daemon;
    this.log = log;
    this.commands = new DaemonCommands(daemon, this, (file, sent) =>
      loadAside({ file, clock: daemon.clock, ...sent }),
    );
    this.queries = new DaemonQueries(daemon, this.commands.reloads);
    const { queries, commands } = this;
    const { events, clock } = daemon;
    const few = new FewPerMinute(clock);
    const authFailed = (address: string, why: string): void =>
      few.pass((keptBack) => {
        const more = keptBack === 0 ? '' : `; ${keptBack} more were refused since the last message`;
        events.emit({ event: 'auth_failed', address, text: why + more });
      });
    this.parts = {
      queries,
      commands,
      events,
      clock,
      revision,
      authFailed,
      record: daemon.journal.history,
      commandRun: (command) => events.emit({ event: 'command', ...command }),
      peerUid: (socket) => {
        const fd = handleOf(socket)?.fd;
        return fd === undefined ? undefined : peerUid(fd);
      },
    };
  }

  /** Rejects with a ListenError if another daemon runs on the control socket. */
  async bindControl({ control: { socket } }: Config): Promise<void> {
    this.bound.add(socket, await bindControl(socket));
  }

  /** The ports are bound from now on, long before requests can be answered. Throws a ListenError. */
  bindTcp({ http }: Config): void {
    this.bound.addTcp(http.listen);
  }

  async open(config: Config): Promise<void> {
    // Its libraries take half of the start.
    const { openHttp } = await import('#http/listen/listen.ts');
    this.opened = await openHttp(this.parts, listenersOf(config), this.bound);
    this.tellListening(config, []);
  }

  /** Reports the addresses that are new since `before`. */
  private tellListening({ control }: Config, before: readonly string[]): void {
    for (const address of this.opened?.addresses ?? []) {
      if (before.includes(address)) continue;
      const what = address === control.socket ? 'control' : 'http';
      this.daemon.events.emit({ event: 'listening', address, what });
    }
  }

  async close(): Promise<void> {
    await this.opened?.close();
    this.opened = undefined;
    await this.bound.close();
  }

  giveControlTo(owner: { readonly uid: number; readonly gid: number }): void {
    this.opened?.giveControlTo(owner);
  }

  async prepare(config: Config): Promise<Change> {
    const takeOverLog = await this.log.prepare(config.log);
    const before = this.opened?.addresses ?? [];
    const change = await this.opened?.change(listenersOf(config));
    return {
      commit: () => {
        takeOverLog();
        change?.commit();
        this.tellListening(config, before);
      },
      rollback: async () => change?.rollback(),
    };
  }
}

function listenersOf({ http, control }: Config): HttpListeners {
  const { listen, hosts, tokens } = http;
  return {
    tcp: listen,
    hosts,
    tokens: tokens.map(({ secret, ...token }) => ({ ...token, secret: secret.reveal() })),
    control: control.socket,
  };
}
