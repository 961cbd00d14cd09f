import type { Command } from 'commander';
import type { Cli } from '../cli-parts.ts';
import { examples } from '../examples.ts';
import { postCommand } from '../outcome.ts';

export function addConfirm(parent: Command, cli: Cli): void {
  parent
    .command('confirm')
    .summary('keep the configuration of `reload --confirm`')
    .description(
      'Keeps the running configuration. Unless this is run in time, the previous configuration is restored.',
    )
    .option(
      '--volatile',
      'confirm even if the confirmation cannot be stored, and would be lost by a restart',
    )
    .addHelpText('after', examples(['confirm', 'after fingerpost reload --confirm 120s']))
    .action(({ volatile }: { readonly volatile?: boolean }) =>
      postCommand(cli, '/api/v1/config/confirm', { ...(volatile === true && { volatile }) }),
    );
}
