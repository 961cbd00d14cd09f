import type { Command } from 'commander';
import type { Cli } from '../cli-parts.ts';
import { examples } from '../examples.ts';
import { postCommand } from '../outcome.ts';
import { peerPath } from '../pages.ts';
import { reasonBody, reasonOption, type ReasonOptions } from '../reason.ts';

export function addReset(parent: Command, cli: Cli): void {
  parent
    .command('reset')
    .alias('restart')
    .summary('end a session, which is then re-established')
    .description(
      'Ends the session with a peer, which is then re-established automatically. A passive peer has to connect ' +
        'again: ExaBGP waits longer after each lost session, up to a minute, and nothing on this side can ' +
        'shorten that wait; only a restart of ExaBGP does.',
    )
    .argument('<peer>', 'name or address')
    .argument('[reason]', 'reason that is sent to the peer; a single word needs --reason')
    .addOption(reasonOption())
    .addHelpText('after', examples(['reset W1', ''], ['restart W1', 'the same']))
    .action((peer: string, second: string | undefined, options: ReasonOptions) =>
      postCommand(cli, peerPath(peer, '/reset'), reasonBody(second, options)),
    );
}
