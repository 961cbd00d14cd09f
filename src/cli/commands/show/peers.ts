import type { Command } from 'commander';
import type { PeerView } from '#api/views/peer.ts';
import type { Cli } from '../../cli-parts.ts';
import { examples } from '../../examples.ts';
import { pagesOf, peerPath } from '../../pages.ts';
import { peerText } from '../../views/peer.ts';
import { peersTable } from '../../views/peers.ts';

export function addShowPeers(parent: Command, cli: Cli): void {
  parent
    .command('peers')
    .aliases(['peer', 'protocols', 'neighbors', 'summary'])
    .summary('show all peers, or one in detail')
    .description('Shows a table of all peers or, with a name, everything about that peer.')
    .argument('[peers...]', 'names or addresses; `all` shows every peer in detail')
    .addHelpText(
      'after',
      examples(
        ['show peers', ''],
        ['show peer W1', 'one peer in detail'],
        ['show protocols all W1', 'the same in the words of birdc'],
      ),
    )
    .action((words: string[]) => showPeers(cli, words));
}

/** Takes words as birdc does: `all W1` is `W1`, and `all` alone shows every peer in detail. */
export async function showPeers(cli: Cli, words: readonly string[]): Promise<void> {
  const names = words.filter((word) => word !== 'all');
  if (names.length > 0) await showDetails(cli, names);
  else await showAll(cli, words.length > 0);
}

async function showDetails(cli: Cli, names: readonly string[]): Promise<void> {
  let separator = '';
  for (const name of names) {
    const { text, value } = await cli.client().get<PeerView>(peerPath(name));
    cli.print(cli.settings().json ? text : separator + peerText(cli, value));
    separator = '\n';
  }
}

async function showAll(cli: Cli, inDetail: boolean): Promise<void> {
  const peers: PeerView[] = [];
  for await (const { text, value } of pagesOf<PeerView>(cli.client(), '/api/v1/peers')) {
    if (cli.settings().json) cli.print(text);
    peers.push(...value.items);
  }
  if (cli.settings().json) return;
  const details = (): string => peers.map((peer) => peerText(cli, peer)).join('\n\n');
  cli.print(inDetail && peers.length > 0 ? details() : peersTable(cli, peers));
}
