import type { SentConfig } from '#api/commands.ts';

/** Returns the configuration in a body; `undefined` if there is none, which means the daemon's own file. */
export function sentConfig(body: string, isLocal: boolean): SentConfig | undefined {
  return body === '' ? undefined : { text: body, mayReadFiles: isLocal };
}
