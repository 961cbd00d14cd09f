import { type Clock, timestamp } from '#clock.ts';
import { type LineSocket, serveLines } from '#net/line-socket.ts';
import { execute, parseCommand, sendCommand } from './commands.ts';
import type { KeyAction } from './keys.ts';
import type { Look } from './look.ts';
import { type DemoEvent, Network } from './network.ts';
import { DemoError, Place } from './place.ts';
import { playRole, roleOf } from './role.ts';
import { Screen } from './screen.ts';

export interface DemoHost {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: { write(text: string): unknown };
  /** True for a terminal that cannot move its cursor; log lines are written to it. */
  readonly isDumb: boolean;
  readonly clock: Clock;
  /** Aborted by SIGINT, SIGTERM and SIGHUP. */
  readonly signal: AbortSignal;
  /** The path of the program, which the demo's processes run too. */
  readonly program: string;
  readonly look: Look;
}

/**
 * Runs `fingerpost demo` with the arguments after it. Without any, it runs the miniature network; `fail w1` is sent to
 * the demo that is running; other arguments give the demo's own processes their roles. Resolves to the exit status.
 */
export async function demo(args: readonly string[], host: DemoHost): Promise<number> {
  const role = roleOf(args);
  if (role !== undefined) return playRole(role, host.clock, host.signal);
  try {
    if (args.length === 0) await new Demo(host).run();
    else host.stdout.write(`${await sendCommand(parseCommand(args))}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof DemoError)) throw error;
    host.stderr.write(`fingerpost: ${error.message}\n`);
    return error.exitCode;
  }
}

/** A running demo: its network, its display, and the socket that takes commands. */
class Demo {
  private readonly host: DemoHost;
  private readonly place = new Place();
  private readonly network: Network;
  private readonly quit = Promise.withResolvers<void>();
  private screen: Screen | undefined;

  constructor(host: DemoHost) {
    this.host = host;
    const { program, clock } = host;
    this.network = new Network({
      program,
      clock,
      onEvent: (event) => this.tell(event),
      onChange: () => this.screen?.changed(),
    });
  }

  /** Runs until a signal, `q`, or the end of the process that reads stdout; leaves nothing behind. */
  async run(): Promise<void> {
    const { host, network, place, quit } = this;
    host.signal.addEventListener('abort', () => quit.resolve());
    host.stdout.on('error', () => quit.resolve());
    let socket: LineSocket | undefined;
    try {
      if (host.signal.aborted) return;
      this.openScreen();
      socket = await serveLines(place.commandSocket, (line) => this.answer(line));
      const error = await Promise.race([quit.promise, network.run(place)]);
      if (error instanceof DemoError) throw error;
    } finally {
      this.screen?.close();
      await network.stop();
      socket?.close();
      place.remove();
    }
  }

  private openScreen(): void {
    const { host, network, place } = this;
    const { stdin, stdout, clock, look } = host;
    if (!stdout.isTTY || host.isDumb) return;
    const { controlSocket } = place;
    const onAction = (action: KeyAction): void => this.act(action);
    this.screen = new Screen({ stdin, stdout, clock, look, network, controlSocket, onAction });
  }

  private act(action: KeyAction): void {
    if (action.kind === 'quit') return this.quit.resolve();
    const node = this.network.nodes[action.node];
    if (action.kind === 'toggleHealth') this.network.setHealth(node, !node.isHealthy);
    else if (node.isKilled) this.network.startAnnouncer(node);
    else this.network.kill(node);
  }

  private answer(line: string): string {
    try {
      return execute(this.network, parseCommand(line.split(' ')));
    } catch (error) {
      if (error instanceof DemoError) return error.message;
      throw error;
    }
  }

  /** Shows the event on the screen, or in the log that replaces it. */
  private tell(event: DemoEvent): void {
    const { stdout, clock } = this.host;
    if (this.screen !== undefined) this.screen.event(event);
    else stdout.write(`${timestamp(clock.wall())} ${event.text}\n`);
  }
}
