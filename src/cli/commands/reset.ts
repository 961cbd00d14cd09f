import type { Command } from 'commander';
import { examples } from '../examples.ts';
import type { Cli } from '../host.ts';
import { postCommand } from '../outcome.ts';
import { peerPath } from '../pages.ts';

export function addReset(parent: Command, cli: Cli): void {
  parent
    .command('reset')
    .alias('restart')
    .summary('end a session; it comes back')
    .description('Ends the session with a peer; it comes back by itself.')
    .argument('<peer>', 'name or address')
    .argument('[reason]', 'told to the peer')
    .addHelpText('after', examples(['reset W1', ''], ['restart W1', 'the same']))
    .action((peer: string, reason: string | undefined) =>
      postCommand(cli, peerPath(peer, '/reset'), reason === undefined ? {} : { reason }),
    );
}
