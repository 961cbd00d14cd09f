import type { Clock } from '#clock.ts';
import type { Look } from '#demo/look.ts';
import type { ControlClient } from './client.ts';
import type { Settings } from './settings.ts';
import type { Style } from './style.ts';

/** Where text goes; a terminal is one that says so. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** The world as the command line sees it; main hands in the real one, tests their own. */
export interface CliHost {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Of the program. */
  readonly version: string;
  /**
   * For a command that goes on until it is told to stop: from now on SIGINT and SIGTERM do not end the process but
   * abort the signal that is returned.
   */
  takeSignals(): AbortSignal;
  /** Runs the daemon; resolves to the exit status when it has ended. */
  run(options: { config: string }): Promise<number>;
  /** The miniature network, or a word to the one that runs: `fail w1`. */
  demo(words: readonly string[], look: Look): Promise<number>;
}

/** What a command works with. */
export interface Cli {
  readonly host: CliHost;
  readonly style: Style;
  /** Columns to fit into; Infinity when nobody looks. */
  readonly width: number;
  readonly settings: () => Settings;
  readonly client: () => ControlClient;
  /** To stdout, a line end added. */
  readonly print: (text: string) => void;
  readonly warn: (text: string) => void;
  /** The status of a command that neither fails nor throws. */
  exitCode: number;
}
