import type { Command } from 'commander';
import { examples } from '../examples.ts';
import type { Cli } from '../host.ts';
import { postCommand } from '../outcome.ts';
import { peerPath } from '../pages.ts';
import { reasonBody, reasonOption, type ReasonOptions } from '../reason.ts';

export function addReset(parent: Command, cli: Cli): void {
  parent
    .command('reset')
    .alias('restart')
    .summary('end a session; it comes back')
    .description(
      'Ends the session with a peer; it comes back by itself. A passive peer comes back when it calls: ' +
        'ExaBGP waits longer each time that it has lost its session, up to a minute, and nothing here can ' +
        'shorten that; only its own restart does.',
    )
    .argument('<peer>', 'name or address')
    .argument('[reason]', 'sent to the peer; one word needs --reason')
    .addOption(reasonOption())
    .addHelpText('after', examples(['reset W1', ''], ['restart W1', 'the same']))
    .action((peer: string, second: string | undefined, options: ReasonOptions) =>
      postCommand(cli, peerPath(peer, '/reset'), reasonBody(second, options)),
    );
}
