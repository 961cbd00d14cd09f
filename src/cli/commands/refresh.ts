import { Argument, type Command } from 'commander';
import { examples } from '../examples.ts';
import type { Cli } from '../host.ts';
import { postCommand } from '../outcome.ts';
import { peerPath } from '../pages.ts';

export function addRefresh(parent: Command, cli: Cli): void {
  parent
    .command('refresh')
    .summary('exchange the routes again, without a reset')
    .description(
      'Asks a peer for its routes again (RFC 2918), sends it ours again, or both. What a peer without ' +
        'route refresh sent is judged again as it was kept.',
    )
    .argument('<peer>', 'name or address')
    .addArgument(new Argument('[direction]', 'default: both').choices(['in', 'out', 'both']))
    .addHelpText('after', examples(['refresh W1', ''], ['refresh ER2 out', 'send ours again']))
    .action((peer: string, direction: string | undefined) =>
      postCommand(cli, peerPath(peer, '/refresh'), direction === undefined ? {} : { direction }),
    );
}
