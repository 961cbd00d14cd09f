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

/** Option before environment before the configuration that was named before the default (product.md §3). */
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
 * A faulty file names no socket: the daemon that runs has a good one, and `check` tells of the fault.
 * The loader and all that it needs is itself loaded only when it must be.
 */
async function socketOf(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const { loadConfig } = await import('#config/load.ts');
  const outcome = loadConfig(file);
  return outcome.ok ? outcome.config.control.socket : undefined;
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
