import type { Config } from '#config/config.ts';
import { plural } from '#words/text.ts';
import { CliError, exitCodes } from './cli-error.ts';
import type { Cli } from './cli-parts.ts';
import { problemLines } from './problems.ts';

/**
 * Loads the configuration that the command line names, for a command that needs no daemon; prints its errors and throws
 * a CliError where it has any. What loads it is itself loaded here, since most commands do without.
 */
export async function loadedConfig(cli: Cli): Promise<Config> {
  const { loadConfig } = await import('#config/load.ts');
  const file = cli.settings().config;
  const outcome = loadConfig(file);
  if (outcome.ok) return outcome.config;
  for (const line of problemLines(outcome.problems)) cli.host.stderr.write(`${line}\n`);
  throw new CliError(exitCodes.refused, `${file}: ${plural(outcome.problems.length, 'error')}`);
}
