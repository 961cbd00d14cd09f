import type { Command } from 'commander';
import type { BfdListView } from '#api/views/bfd.ts';
import type { Cli } from '../../cli-parts.ts';
import { examples } from '../../examples.ts';
import { bfdText } from '../../views/bfd.ts';

export function addShowBfd(parent: Command, cli: Cli): void {
  parent
    .command('bfd')
    .summary('show BFD sessions')
    .description(
      'Shows the BFD session of each peer that uses BFD: its state at both ends, the agreed intervals, ' +
        'and how often it was lost.',
    )
    .addHelpText('after', examples(['show bfd', 'all sessions']))
    .action(async () => {
      const { text, value } = await cli.client().get<BfdListView>('/api/v1/bfd');
      cli.print(cli.settings().json ? text : bfdText(cli, value));
    });
}
