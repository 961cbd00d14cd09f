import type { Command } from 'commander';
import { byText } from '#api/by.ts';
import type { ConfigHistoryView, RanConfigView } from '#api/views/config-history.ts';
import { timeText } from '#words/text.ts';
import type { Cli } from '../../cli-parts.ts';
import { examples } from '../../examples.ts';
import { ColumnTable } from '../../table.ts';

export function addShowConfig(parent: Command, cli: Cli): void {
  parent
    .command('config')
    .summary('show the configurations that ran')
    .command('history', { isDefault: true })
    .summary('show the last ten configurations that ran, the latest first')
    .description(
      'Shows when each of the last ten configurations began to run, by whom it was loaded, and which one was last ' +
        'confirmed. plan --against shows what going back to one would change.',
    )
    .addHelpText('after', examples(['show config history', '']))
    .action(async () => {
      const { text, value } = await cli.client().get<ConfigHistoryView>('/api/v1/config/history');
      cli.print(cli.settings().json ? text : historyText(cli, value));
    });
}

function historyText(cli: Cli, { items, note }: ConfigHistoryView): string {
  const columns = [
    { head: 'Hash' },
    { head: 'Since (UTC)' },
    { head: 'How' },
    { head: 'By' },
    { head: 'State' },
  ];
  const rows = items.map((item) => [
    item.hash,
    timeText(item.at),
    item.how.replace('_', ' '),
    item.by === undefined ? '-' : byText(item.by),
    stateOf(item),
  ]);
  const table = new ColumnTable(columns, cli.width).render(rows, cli.style.strong);
  return note === undefined ? table : `${table}\n\n${note}`;
}

function stateOf({ running, confirmed_at: confirmedAt, kept }: RanConfigView): string {
  const words = [
    ...(running ? ['running'] : []),
    ...(confirmedAt === undefined ? [] : [`confirmed ${timeText(confirmedAt)}`]),
    ...(kept ? [] : ['not stored']),
  ];
  return words.join(', ') || '-';
}
