import type { ControlClient } from './client.ts';
import type { CliHost } from './host.ts';
import type { Settings } from './settings.ts';
import type { Style } from './style.ts';

/** What every command works with. */
export interface Cli {
  readonly host: CliHost;
  readonly style: Style;
  /** The width of the output in columns; Infinity when it is not a terminal. */
  readonly width: number;
  readonly settings: () => Settings;
  readonly client: () => ControlClient;
  /** Prints to stdout and adds a line end. */
  readonly print: (text: string) => void;
  readonly warn: (text: string) => void;
  /** The exit status of a command that throws nothing. */
  exitCode: number;
}
