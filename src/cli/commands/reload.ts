import type { Command } from 'commander';
import { examples } from '../examples.ts';
import type { Cli } from '../host.ts';
import { postCommand } from '../outcome.ts';

export function addReload(parent: Command, cli: Cli): void {
  parent
    .command('reload')
    .summary('take over the changed configuration')
    .description(
      'The daemon reads its configuration again: all or nothing, and only what changed is touched.',
    )
    .addHelpText('after', examples(['check && fingerpost reload', 'with the faults seen first']))
    .action(() => postCommand(cli, '/api/v1/config/reload'));
}
