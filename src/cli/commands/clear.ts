import { Argument, type Command } from 'commander';
import { examples } from '../examples.ts';
import type { Cli } from '../host.ts';
import { postCommand } from '../outcome.ts';
import { peerPath } from '../pages.ts';

/** vtysh's word for `reset` and `refresh`. */
export function addClear(parent: Command, cli: Cli): void {
  const clear = parent.command('clear').summary("vtysh's words for reset and refresh");
  clear
    .command('bgp')
    .summary('reset a session, or refresh its routes')
    .description('Resets the session with a peer; with `soft` refreshes its routes instead.')
    .argument('<peer>', 'name or address')
    .addArgument(new Argument('[soft]', 'keep the session').choices(['soft']))
    .addArgument(new Argument('[direction]', 'of a soft one; default: both').choices(['in', 'out']))
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
