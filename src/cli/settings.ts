import { CliError, exitCodes } from './cli-error.ts';
import type { CliHost } from './host.ts';

export interface Settings {
  readonly config: string;
  /** Found when first asked: it may take reading the configuration. */
  readonly socket: () => Promise<string>;
  readonly json: boolean;
}

/** As commander gives them. */
export interface GlobalOptions {
  readonly config?: string;
  readonly socket?: string;
  readonly json?: boolean;
}

const defaultConfig = '/etc/fingerpost/fingerpost.yaml';
const defaultSocket = '/run/fingerpost/control.sock';

/** Option before environment before the configuration that was named before the default. */
export function settingsOf(options: GlobalOptions, env: CliHost['env']): Settings {
  const named = options.config ?? nonEmpty(env.FINGERPOST_CONFIG);
  const given = options.socket ?? nonEmpty(env.FINGERPOST_SOCKET);
  return {
    config: named ?? defaultConfig,
    socket: async () => given ?? (await socketOf(named)) ?? defaultSocket,
    json: options.json === true,
  };
}

/**
 * What a named file says of the socket, whatever else is wrong in it. One that cannot be read as YAML might
 * name any: the default may be another daemon's, and a command must never reach that by mistake.
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

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
