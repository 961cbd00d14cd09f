import type { Command } from 'commander';
import type { Cli } from '../cli-parts.ts';
import { examples } from '../examples.ts';
import { postCommand } from '../outcome.ts';
import { peerPath } from '../pages.ts';
import { noteOption, type ReasonOptions } from '../reason.ts';

export function addEnable(parent: Command, cli: Cli): void {
  parent
    .command('enable')
    .summary('enable a disabled peer')
    .description('Enables a peer that was disabled, so that its session can come up again.')
    .argument('<peer>', 'name or address')
    .addOption(noteOption())
    .addHelpText(
      'after',
      examples(['enable W1', 'by name'], ['enable 2001:db8:6::11', 'by address']),
    )
    .action((peer: string, options: ReasonOptions) =>
      postCommand(cli, peerPath(peer, '/enable'), options),
    );
}
