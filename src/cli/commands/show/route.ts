import { type Command, InvalidArgumentError } from 'commander';
import type { Page } from '#api/queries.ts';
import type { PathView } from '#api/views/path.ts';
import type { PeerView } from '#api/views/peer.ts';
import type { StatusView } from '#api/views/status.ts';
import { plural } from '#words/text.ts';
import type { Cli } from '../../cli-parts.ts';
import { examples } from '../../examples.ts';
import { pagesOf, peerPath } from '../../pages.ts';
import { type Listing, printPaths, requireAny } from './print-paths.ts';

/** Registers `show route` and its subcommands; each prints the same table for other paths. */
export function addShowRoute(parent: Command, cli: Cli): void {
  const route = parent
    .command('route')
    .summary('show paths, with the best one marked')
    .description('Shows every accepted path, or those of one prefix: `*` is valid, `>` is best.')
    .argument('[prefix]', 'exactly this prefix')
    .argument('[all]', 'show every attribute, like --all')
    .addHelpText(
      'after',
      examples(
        ['show route', ''],
        ['show route for 2001:db8:30::1', 'the longest match'],
        ['show route received W1', 'as W1 sent them, rejected routes included'],
        ['show route export ER2', 'what ER2 is sent'],
        ['show route filtered', 'rejected routes, and why'],
      ),
    );
  withOptions(route).action(async (prefix: string | undefined, all: string | undefined) => {
    const words = [prefix, all].filter((word) => word !== undefined);
    const exact = words.find((word) => word !== 'all');
    const listing = options(route, words.includes('all'));
    const query = exact === undefined ? {} : { prefix: exact };
    const count = await printPaths(cli, '/api/v1/routes', { ...listing, query });
    if (exact !== undefined) requireAny(count, exact);
  });
  addFor(route, cli);
  addPeerTable(route, cli, 'peer', 'accepted', 'show the paths accepted from a peer', ['protocol']);
  addPeerTable(
    route,
    cli,
    'received',
    'received',
    'show the paths received from a peer, before import policy',
  );
  addPeerTable(route, cli, 'export', 'advertised', 'show what a peer is sent');
  addPeerTable(route, cli, 'noexport', 'withheld', 'show what a peer is not sent, and why');
  addFiltered(route, cli);
  addIn(route, cli);
  addPrimary(route, cli);
  addCount(route, cli);
}

function withOptions(command: Command): Command {
  return command
    .option('-a, --all', 'show every attribute')
    .option('-n, --limit <paths>', 'show at most this many paths', wholeNumber);
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new InvalidArgumentError('expected a whole number from 1.');
  return Number(text);
}

function options(command: Command, saysAll: boolean): Listing {
  const { all = false, limit = Infinity } = command.optsWithGlobals<Partial<Listing>>();
  return { all: all || saysAll, limit };
}

function addFor(parent: Command, cli: Cli): void {
  const command = parent
    .command('for')
    .summary('show the longest match of an address or prefix')
    .argument('<address>', 'an address or a prefix')
    .argument('[all]', 'show every attribute, like --all')
    .addHelpText('after', examples(['show route for 2001:db8:30::1', '']));
  withOptions(command).action(async (prefix: string, all: string | undefined) => {
    const listing = options(command, all === 'all');
    const query = { prefix, lookup: 'longest' };
    const count = await printPaths(cli, '/api/v1/routes', { ...listing, query });
    requireAny(count, prefix);
  });
}

/** Registers `in`, birdc's word for the paths inside a network. */
function addIn(parent: Command, cli: Cli): void {
  const command = parent
    .command('in')
    .summary('show the paths inside a network, including the network itself')
    .argument('<prefix>', 'a prefix')
    .argument('[all]', 'show every attribute, like --all')
    .addHelpText('after', examples(['show route in 2001:db8:30::/64', '']));
  withOptions(command).action(async (prefix: string, all: string | undefined) => {
    const query = { prefix, lookup: 'longer' };
    await printPaths(cli, '/api/v1/routes', { ...options(command, all === 'all'), query });
  });
}

/** Registers `primary`, birdc's word for the best paths. */
function addPrimary(parent: Command, cli: Cli): void {
  const command = parent
    .command('primary')
    .summary('show the best path of each prefix')
    .argument('[all]', 'show every attribute, like --all')
    .addHelpText('after', examples(['show route primary', '']));
  withOptions(command).action(async (all: string | undefined) => {
    const query = { best: 'true' };
    await printPaths(cli, '/api/v1/routes', { ...options(command, all === 'all'), query });
  });
}

function addPeerTable(
  parent: Command,
  cli: Cli,
  word: string,
  table: string,
  summary: string,
  aliases: readonly string[] = [],
): void {
  const command = parent
    .command(word)
    .aliases(aliases)
    .summary(summary)
    .argument('<peer>', 'name or address')
    .argument('[all]', 'show every attribute, like --all')
    .addHelpText('after', examples([`show route ${word} W1`, '']));
  withOptions(command).action(async (peer: string, all: string | undefined) => {
    const listing = {
      ...options(command, all === 'all'),
      withReason: word === 'received' || word === 'noexport',
    };
    await printPaths(cli, peerPath(peer, `/${table}`), listing);
  });
}

function addFiltered(parent: Command, cli: Cli): void {
  const command = parent
    .command('filtered')
    .summary('rejected routes, and why')
    .argument('[peer]', 'name or address; default: all peers')
    .addHelpText('after', examples(['show route filtered', ''], ['show route filtered W1', '']));
  withOptions(command).action(async (peer: string | undefined) => {
    const listing = { ...options(command, false), withReason: true };
    const names = peer === undefined ? await peersWithRejected(cli) : [peer];
    if (cli.settings().json && peer === undefined) {
      cli.print(JSON.stringify(await rejectedOf(cli, names, listing.limit)));
      return;
    }
    for (const name of names) await printPaths(cli, peerPath(name, '/rejected'), listing);
    if (names.length === 0) cli.print('no path is rejected');
  });
}

/** Prints the rejected paths of several peers as one document of the API's shape. */
async function rejectedOf(
  cli: Cli,
  names: readonly string[],
  limit: number,
): Promise<Page<PathView>> {
  const items: PathView[] = [];
  let version = 0;
  for (const name of names) {
    const left = limit - items.length;
    if (left <= 0) break;
    const pages = pagesOf<PathView>(cli.client(), peerPath(name, '/rejected'), {}, left);
    for await (const { value } of pages) {
      items.push(...value.items);
      version = value.rib_version;
    }
  }
  return { items, rib_version: version };
}

async function peersWithRejected(cli: Cli): Promise<string[]> {
  const names: string[] = [];
  for await (const { value } of pagesOf<PeerView>(cli.client(), '/api/v1/peers')) {
    for (const { name, prefixes } of value.items) if (prefixes.rejected > 0) names.push(name);
  }
  return names;
}

function addCount(parent: Command, cli: Cli): void {
  parent
    .command('count')
    .summary('show the number of prefixes and paths')
    .addHelpText('after', examples(['show route count', '']))
    .action(async () => {
      const { text, value } = await cli.client().get<StatusView>('/api/v1/status');
      const { paths, prefixes } = value.rib;
      const totals = `${plural(paths, 'path')} for ${plural(prefixes, 'prefix')}`;
      cli.print(cli.settings().json ? text : totals);
    });
}
