import { loadConfig } from '../config/load.ts';
import type { CliHost } from './host.ts';

export interface Settings {
  readonly config: string;
  readonly socket: string;
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
  return {
    config: named ?? defaultConfig,
    socket: options.socket ?? nonEmpty(env.FINGERPOST_SOCKET) ?? socketOf(named) ?? defaultSocket,
    json: options.json === true,
  };
}

/** A faulty file names no socket: the daemon that runs has a good one, and `check` tells of the fault. */
function socketOf(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  const outcome = loadConfig(file);
  return outcome.ok ? outcome.config.control.socket : undefined;
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
