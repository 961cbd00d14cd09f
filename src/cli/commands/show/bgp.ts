import { Argument, type Command } from 'commander';
import type { PeerTable } from '#api/names.ts';
import type { PathView } from '#api/views/path.ts';
import type { StatusView } from '#api/views/status.ts';
import type { FamilyName } from '#wire/constants.ts';
import { CliError, exitCodes } from '../../cli-error.ts';
import type { Cli } from '../../cli-parts.ts';
import { examples } from '../../examples.ts';
import { pagesOf, peerPath } from '../../pages.ts';
import { frrHead, frrLine } from '../../views/frr.ts';
import { showPeers } from './peers.ts';
import { printPaths } from './print-paths.ts';

/** `show bgp` takes vtysh's words and prints FRR's columns. */
export function addShowBgp(parent: Command, cli: Cli): void {
  const bgp = parent
    .command('bgp')
    .summary('show routes and peers in the words and columns of vtysh');
  addFamily(bgp, cli, 'ipv6', 'ipv6_unicast', '2001:db8:30::1');
  addFamily(bgp, cli, 'ipv4', 'ipv4_unicast', '192.0.2.1');
  bgp
    .command('summary')
    .summary('the same as show peers')
    .addHelpText('after', examples(['show bgp summary', '']))
    .action(() => showPeers(cli, []));
  bgp
    .command('neighbors')
    .summary('the same as show peer; without a name, all peers in detail')
    .argument('[peer]', 'name or address')
    .addArgument(
      new Argument('[table]', 'routes of the peer instead of the peer').choices(
        Object.keys(neighborTables),
      ),
    )
    .addHelpText(
      'after',
      examples(
        ['show bgp neighbors W1', ''],
        ['show bgp neighbors W1 received-routes', 'the same as show route received W1'],
      ),
    )
    .action(async (peer: string | undefined, table: string | undefined) => {
      if (peer === undefined || table === undefined) return showPeers(cli, [peer ?? 'all']);
      const path = neighborTables[table];
      const withReason = path !== 'accepted' && path !== 'advertised';
      await printPaths(cli, peerPath(peer, `/${path}`), {
        all: false,
        limit: Infinity,
        withReason,
      });
    });
}

/** vtysh's names for the tables of a peer. */
const neighborTables: Readonly<Record<string, PeerTable>> = {
  routes: 'accepted',
  'received-routes': 'received',
  'advertised-routes': 'advertised',
  'filtered-routes': 'rejected',
};

function addFamily(
  parent: Command,
  cli: Cli,
  word: string,
  family: FamilyName,
  address: string,
): void {
  parent
    .command(word)
    .summary(`show ${word === 'ipv6' ? 'IPv6' : 'IPv4'} routes as vtysh does`)
    .argument(
      '[words...]',
      '`unicast`, `summary`, or an address or prefix to show its longest match',
    )
    .addHelpText('after', examples([`show bgp ${word}`, ''], [`show bgp ${word} ${address}`, '']))
    .action((given: string[]) => {
      const words = given[0] === 'unicast' ? given.slice(1) : given;
      if (words.length > 1) throw new CliError(exitCodes.usage, `unexpected word: ${words[1]}`);
      return words[0] === 'summary' ? showPeers(cli, []) : showTable(cli, family, words[0]);
    });
}

async function showTable(cli: Cli, family: FamilyName, prefix: string | undefined): Promise<void> {
  const { json } = cli.settings();
  const query = { family, ...(prefix !== undefined && { prefix, lookup: 'longest' }) };
  const status = json ? undefined : await cli.client().get<StatusView>('/api/v1/status');
  if (status !== undefined) cli.print(frrHead(status.value));
  let paths = 0;
  let networks = 0;
  let last = '';
  for await (const page of pagesOf<PathView>(cli.client(), '/api/v1/routes', query)) {
    if (json) cli.print(page.text);
    for (const path of page.value.items) {
      const isFirst = path.prefix !== last;
      last = path.prefix;
      paths++;
      if (isFirst) networks++;
      if (!json) cli.print(frrLine(path, isFirst));
    }
    if (!cli.host.hasReader()) break;
  }
  if (!json) cli.print(`\nDisplayed  ${networks} routes and ${paths} total paths`);
}
