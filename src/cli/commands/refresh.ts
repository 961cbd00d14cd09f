import { Argument, type Command } from 'commander';
import type { Cli } from '../cli-parts.ts';
import { examples } from '../examples.ts';
import { postCommand } from '../outcome.ts';
import { peerPath } from '../pages.ts';
import { noteOption, type ReasonOptions } from '../reason.ts';

export function addRefresh(parent: Command, cli: Cli): void {
  parent
    .command('refresh')
    .summary('exchange routes again without a reset')
    .description(
      'Asks a peer to send its routes again (RFC 2918), sends it our routes again, or both. If a peer ' +
        'does not support route refresh, import policy is applied again to its stored routes.',
    )
    .argument('<peer>', 'name or address')
    .addArgument(
      new Argument('[direction]', 'direction; default: both').choices(['in', 'out', 'both']),
    )
    .addOption(noteOption())
    .addHelpText(
      'after',
      examples(['refresh W1', ''], ['refresh ER2 out', 'send our routes again']),
    )
    .action((peer: string, direction: string | undefined, options: ReasonOptions) =>
      postCommand(cli, peerPath(peer, '/refresh'), {
        ...(direction !== undefined && { direction }),
        ...options,
      }),
    );
}
