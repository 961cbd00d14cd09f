import type { Command } from 'commander';
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
    .action(async () => {
      cli.exitCode = await cli.host.run({ config: cli.settings().config });
    });
}
