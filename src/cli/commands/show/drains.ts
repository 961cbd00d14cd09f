import type { Command } from 'commander';
import type { DrainView } from '#api/views/drain.ts';
import type { Cli } from '../../cli-parts.ts';
import { examples } from '../../examples.ts';
import { drainsText } from '../../views/drains.ts';

export function addShowDrains(parent: Command, cli: Cli): void {
  parent
    .command('drains')
    .alias('drain')
    .summary('show what is drained, since when, by whom, and whether traffic has moved')
    .description(
      'Shows the drains of this server. A node that takes itself out of service appears in show services instead.',
    )
    .addHelpText('after', examples(['show drains', '']))
    .action(async () => {
      const { text, value } = await cli.client().get<{ items: DrainView[] }>('/api/v1/drains');
      cli.print(cli.settings().json ? text : drainsText(cli, value.items));
    });
}
