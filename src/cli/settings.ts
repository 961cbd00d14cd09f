import { CliError, exitCodes } from './cli-error.ts';
import type { CliHost } from './host.ts';

export interface Settings {
  readonly config: string;
  /** Determined on first use, since it may require reading the configuration. */
  readonly socket: () => Promise<string>;
  readonly json: boolean;
}

/** The global options as commander returns them. */
export interface GlobalOptions {
  readonly config?: string;
  readonly socket?: string;
  readonly json?: boolean;
}

const defaultConfig = '/etc/fingerpost/fingerpost.yaml';
const defaultSocket = '/run/fingerpost/control.sock';

/** An option takes precedence over the environment, and the environment over the configuration file. */
export function settingsOf(options: GlobalOptions, env: CliHost['env']): Settings {
  const named = given('-c', options.config) ?? nonEmpty(env.FINGERPOST_CONFIG);
  const socket = given('-s', options.socket) ?? nonEmpty(env.FINGERPOST_SOCKET);
  return {
    config: named ?? defaultConfig,
    socket: async () => socket ?? (await socketOf(named)) ?? defaultSocket,
    json: options.json === true,
  };
}

/**
 * Returns the socket that a named file sets, whatever else is wrong in the file. A file that is not readable as
 * YAML might name any socket: the default may belong to another daemon, which a command must never reach by
 * mistake.
 */
async function socketOf(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const { controlSocketIn } = await import('#config/paths-in.ts');
  const found = controlSocketIn(file);
  if (found.ok) return found.socket;
  throw new CliError(
    exitCodes.refused,
    `${file}: ${found.reason}, so the control socket is not known; give it with -s`,
  );
}

/** An empty path is an error: a script whose variable is not set must not reach the daemon of another file. */
function given(option: string, path: string | undefined): string | undefined {
  if (path !== '') return path;
  throw new CliError(exitCodes.usage, `${option}: the path is empty`);
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
