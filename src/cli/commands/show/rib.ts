import { Argument, type Command } from 'commander';
import type { Cli } from '../../cli-parts.ts';
import { examples } from '../../examples.ts';
import { peerPath } from '../../pages.ts';
import { printMatch, printPaths } from './print-paths.ts';

/** `show rib` takes bgpctl's words for `show route`. */
export function addShowRib(parent: Command, cli: Cli): void {
  const rib = parent
    .command('rib')
    .summary('show routes in the words of bgpctl')
    .argument('[prefix]', 'an address or a prefix; its longest match is shown')
    .addHelpText(
      'after',
      examples(
        ['show rib', 'the same as show route'],
        ['show rib detail 2001:db8:30::1', 'with every attribute'],
        ['show rib neighbor W1 in', 'what W1 sent'],
      ),
    )
    .action((prefix: string | undefined) => printMatch(cli, prefix, false));
  rib
    .command('detail')
    .summary('show routes with every attribute')
    .argument('[prefix]', 'an address or a prefix; its longest match is shown')
    .addHelpText('after', examples(['show rib detail 2001:db8:30::1', '']))
    .action((prefix: string | undefined) => printMatch(cli, prefix, true));
  rib
    .command('neighbor')
    .summary('show the routes of a peer')
    .argument('<peer>', 'name or address')
    .addArgument(
      new Argument(
        '[direction]',
        'in: routes as the peer sent them; out: routes that we send to the peer',
      ).choices(['in', 'out']),
    )
    .addHelpText('after', examples(['show rib neighbor ER2 out', 'what ER2 is sent']))
    .action(async (peer: string, direction: 'in' | 'out' | undefined) => {
      const table = { in: 'received', out: 'advertised' };
      const path = direction === undefined ? 'accepted' : table[direction];
      const withReason = direction === 'in';
      await printPaths(cli, peerPath(peer, `/${path}`), {
        all: false,
        limit: Infinity,
        withReason,
      });
    });
}
