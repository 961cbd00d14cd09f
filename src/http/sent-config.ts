import type { SentConfig } from '#api/commands.ts';

/** The configuration in a body; `undefined` where there is none and the daemon's own file is meant. */
export function sentConfig(body: string, isLocal: boolean): SentConfig | undefined {
  return body === '' ? undefined : { text: body, mayReadFiles: isLocal };
}
