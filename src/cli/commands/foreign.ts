import { Argument, type Command } from 'commander';
import { CliError, exitCodes } from '../cli-error.ts';
import type { Cli } from '../cli-parts.ts';
import { examples } from '../examples.ts';
import { postCommand } from '../outcome.ts';
import { peerPath } from '../pages.ts';
import { monitor } from './monitor.ts';

/** Registers commands of other daemons that have no counterpart of the same form here. */
export function addForeignWords(parent: Command, cli: Cli): void {
  addNeighbor(parent, cli);
  parent
    .command('terminal')
    .summary('show events as they happen, in the words of vtysh')
    .addArgument(new Argument('<what>', 'monitor').choices(['monitor']))
    .addHelpText('after', examples(['terminal monitor', 'the same as monitor']))
    .action(() => monitor(cli, []));
  parent
    .command('echo')
    .summary('show events as they happen, in the words of birdc')
    .addArgument(new Argument('<what>', 'all').choices(['all']))
    .addHelpText('after', examples(['echo all', 'the same as monitor']))
    .action(() => monitor(cli, []));
}

/** bgpctl's actions on a neighbour. */
const neighborVerbs: Readonly<Record<string, string>> = {
  up: '/enable',
  down: '/disable',
  clear: '/reset',
  refresh: '/refresh',
};

function addNeighbor(parent: Command, cli: Cli): void {
  parent
    .command('neighbor')
    .summary('enable, disable, reset or refresh a peer in the words of bgpctl')
    .argument('<peer>', 'name or address')
    .addArgument(new Argument('<verb>', 'what to do').choices(Object.keys(neighborVerbs)))
    .argument('[reason]', 'with down or clear: reason that is sent to the peer')
    .addHelpText(
      'after',
      examples(['neighbor W1 up', 'enable W1'], ['neighbor W1 down maintenance', 'disable W1']),
    )
    .action((peer: string, verb: string, reason: string | undefined) => {
      if (reason !== undefined && verb !== 'down' && verb !== 'clear') {
        throw new CliError(exitCodes.usage, `${reason}: only down and clear take a reason`);
      }
      const body = reason === undefined ? {} : { reason };
      return postCommand(cli, peerPath(peer, neighborVerbs[verb]), body);
    });
}
