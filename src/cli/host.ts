import type { Clock } from '#clock.ts';
import type { Look } from '#demo/look.ts';

/** A stream for text, which may be a terminal. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** The environment of the command line: main passes in the real one, tests their own. */
export interface CliHost {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** The version of the program. */
  readonly version: string;
  /**
   * Returns whether someone may still read stdout. A command goes on without a reader, because its exit status counts;
   * only a long list ends early.
   */
  hasReader(): boolean;
  /**
   * For a command that runs until it is interrupted: from now on SIGINT and SIGTERM do not end the process but
   * abort the signal that is returned.
   */
  takeSignals(): AbortSignal;
  /** Runs the daemon; resolves to the exit status when it has ended. */
  run(options: { config: string }): Promise<number>;
  /** Runs the demonstration network, or sends a command such as `fail w1` to the one that is running. */
  demo(words: readonly string[], look: Look): Promise<number>;
}
