import { Argument, type Command } from 'commander';
import type { Cli } from '../cli-parts.ts';
import { examples } from '../examples.ts';
import { postCommand } from '../outcome.ts';
import { peerPath } from '../pages.ts';

/** `clear` is vtysh's command for `reset` and `refresh`. */
export function addClear(parent: Command, cli: Cli): void {
  const clear = parent.command('clear').summary('reset or refresh in the words of vtysh');
  clear
    .command('bgp')
    .summary('reset a session, or refresh its routes')
    .description('Resets the session with a peer. With `soft`, refreshes its routes instead.')
    .argument('<peer>', 'name or address')
    .addArgument(
      new Argument('[soft]', 'keep the session and only refresh the routes').choices(['soft']),
    )
    .addArgument(
      new Argument('[direction]', 'direction of a soft refresh; default: both').choices([
        'in',
        'out',
      ]),
    )
    .addHelpText('after', examples(['clear bgp W1', ''], ['clear bgp W1 soft', '']))
    .action((peer: string, soft: string | undefined, direction: string | undefined) =>
      soft === undefined
        ? postCommand(cli, peerPath(peer, '/reset'), {})
        : postCommand(
            cli,
            peerPath(peer, '/refresh'),
            direction === undefined ? {} : { direction },
          ),
    );
}
