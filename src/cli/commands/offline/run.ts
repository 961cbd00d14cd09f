import type { Command } from 'commander';
import { CliError, exitCodes } from '../../cli-error.ts';
import type { Cli } from '../../cli-parts.ts';
import { examples } from '../../examples.ts';

export function addRun(parent: Command, cli: Cli): void {
  parent
    .command('run')
    .summary('run the daemon in the foreground')
    .description('Runs the daemon in the foreground until SIGTERM or SIGINT; SIGHUP reloads.')
    .addHelpText(
      'after',
      examples(
        ['run', 'with the default configuration'],
        ['run -c rs9.yaml', 'with this configuration'],
      ),
    )
    .action(async (_, command: Command) => {
      if (command.parent?.getOptionValue('socket') !== undefined) throw socketIsConfigured();
      cli.exitCode = await cli.host.run({ config: cli.settings().config });
    });
}

/** Elsewhere -s names the daemon to ask. Here it would be ignored, and the daemon would take the default socket. */
function socketIsConfigured(): CliError {
  return new CliError(
    exitCodes.usage,
    'run does not take -s, which names the socket of a running daemon; set control.socket in the configuration',
  );
}
