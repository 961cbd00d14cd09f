import type { Command } from 'commander';
import { examples } from '../examples.ts';
import type { Cli } from '../host.ts';
import { postCommand } from '../outcome.ts';
import { peerPath } from '../pages.ts';

export function addDisable(parent: Command, cli: Cli): void {
  parent
    .command('disable')
    .summary('keep a peer down')
    .description(
      'Ends the session with a peer and keeps it down: through reload, until `enable` or the end of the' +
        ' daemon.',
    )
    .argument('<peer>', 'name or address')
    .argument('[reason]', 'told to the peer')
    .addHelpText(
      'after',
      examples(['disable W1 "switch replaced"', 'the peer is told why (RFC 9003)']),
    )
    .action((peer: string, reason: string | undefined) =>
      postCommand(cli, peerPath(peer, '/disable'), reason === undefined ? {} : { reason }),
    );
}
