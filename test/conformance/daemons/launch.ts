import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Daemon } from '#support/process.ts';
import type { RunningDaemon } from './candidate.ts';

/** Writes the configuration and starts the program in the foreground. */
export function launch(
  label: string,
  folder: string,
  port: number,
  config: { readonly file: string; readonly text: string },
  argv: readonly string[],
): RunningDaemon {
  // OpenBGPD refuses a configuration to which others may write.
  writeFileSync(join(folder, config.file), config.text, { mode: 0o600 });
  return { process: new Daemon(label, argv, { cwd: folder }), port };
}
