import type { Command } from 'commander';
import type { ConfigProblem } from '#api/problem.ts';
import type { Config } from '#config/config.ts';
import { plural } from '#words/text.ts';
import { exitCodes } from '../../cli-error.ts';
import type { Cli } from '../../cli-parts.ts';
import { examples } from '../../examples.ts';
import { problemLines } from '../../problems.ts';

/** This command needs no daemon: it uses the loader that `run` uses. */
export function addCheck(parent: Command, cli: Cli): void {
  parent
    .command('check')
    .summary('check a configuration')
    .description(
      'Checks a configuration file and every file that it includes. Reports all errors at once, and ' +
        'warns about settings that are valid but probably not intended.',
    )
    .argument('[file]', 'the file to check instead of the one given by -c')
    .addHelpText(
      'after',
      examples(
        ['check', 'check the default configuration'],
        ['check new.yaml', 'check a file before it is used'],
      ),
    )
    .action((file: string | undefined) => check(cli, file ?? cli.settings().config));
}

/** Prints the errors in the file, and the settings that are probably not intended. */
export async function check(cli: Cli, file: string): Promise<void> {
  const { loadConfig } = await import('#config/load.ts');
  const { json } = cli.settings();
  const outcome = loadConfig(file);
  if (outcome.ok) {
    const { hash, peers, policies } = outcome.config;
    const message = `${file}: ok, ${plural(peers.length, 'peer')}, ${plural(policies.length, 'policy')}, hash ${hash}`;
    const warnings = await warningsFor(outcome.config, outcome.warnings);
    const { notesOf } = await import('#config/notes.ts');
    const notes = notesOf(outcome.config).map((note) => `${file}: note: ${note}`);
    cli.print(json ? JSON.stringify({ ok: true, message, warnings, notes }) : message);
    if (!json) for (const line of [...warnings, ...notes]) cli.host.stderr.write(`${line}\n`);
    return;
  }
  const { problems } = outcome;
  const message = `${file}: ${plural(problems.length, 'error')}`;
  cli.exitCode = exitCodes.refused;
  if (json) {
    cli.print(JSON.stringify({ ok: false, message, problems }));
    return;
  }
  for (const line of problemLines(problems)) cli.host.stderr.write(`${line}\n`);
  cli.warn(message);
}

/**
 * Prints `rs9.yaml:31: warning: …` lines. They hold for this machine: its interfaces show which peers are on
 * connected networks, and it has the user or not.
 */
async function warningsFor(config: Config, found: readonly ConfigProblem[]): Promise<string[]> {
  const { warningsOf } = await import('#config/warnings.ts');
  const { interfaceAddresses } = await import('#os/interfaces.ts');
  const { findUser } = await import('#os/user.ts');
  const networks = interfaceAddresses().map(({ text, lengthBits }) => `${text}/${lengthBits}`);
  const lines = [...found, ...warningsOf(config, networks)].map(
    ({ file, line, message }) => `${file}:${line}: warning: ${message}`,
  );
  const { file, user } = config;
  if (user === undefined || findUser(user) !== undefined) return lines;
  return [
    ...lines,
    `${file}: warning: user: there is no user ${user} on this machine, so the daemon does not start on it`,
  ];
}
