import type { Command } from 'commander';
import { failoverText, summaryText } from '#api/events/failover-text.ts';
import type { FailoverCauseView, FailoverView } from '#api/events/failover.ts';
import type { FailoverPage } from '#api/queries.ts';
import type { Cli } from '../../cli-parts.ts';
import { examples } from '../../examples.ts';
import { warnIfIncomplete } from '../../pages.ts';
import { findFailover, storyOf } from './failover-story.ts';

/** The options under the names that the API uses. */
type FailoverOptions = Readonly<Record<string, string>>;

export function addShowFailovers(parent: Command, cli: Cli): void {
  parent
    .command('failovers')
    .alias('failover')
    .summary('show which addresses moved, why, and how long each stage took')
    .description(
      'Shows the last moves of service addresses, the latest last: their cause, and the time until they were ' +
        'decided, written, and received by the kernels of the routers. The last does not show when the routers installed ' +
        'them, and is up to 40 ms late where acknowledgements are delayed.',
    )
    .argument('[id]', 'one failover, by its id in the output of --json')
    .option('--since <time>', 'RFC 3339, or a duration before now: 2h')
    .option('--until <time>', 'RFC 3339, or a duration before now')
    .option('--peer <peer>', 'only failovers that this peer caused')
    .option('--prefix <prefix>', 'only failovers of this address')
    .option('--service <service>', 'only failovers of this service')
    .option('--kind <cause>', 'only failovers with a cause of this kind: hold_timer')
    .option('--group <what>', 'cause: print one line for each cause')
    .option('--limit <number>', 'print at most this many', '100')
    .option(
      '--export',
      'with an id: the failover as JSON, with the events around it, changes by operators, and the present state of the address',
    )
    .addHelpText(
      'after',
      examples(
        ['show failovers --since 2h', 'what moved in the last two hours'],
        ['show failovers --group cause', 'one line for each cause'],
      ),
    )
    .action(async (id: string | undefined, { export: isExport, ...options }) => {
      if (id !== undefined) return cli.print(await one(cli, id, isExport === true));
      const url = `/api/v1/failovers?${new URLSearchParams(options as FailoverOptions).toString()}`;
      const { text, value } = await cli.client().get<FailoverPage>(url);
      warnIfIncomplete(cli, value);
      cli.print(cli.settings().json ? text : failoversText(cli, value.items));
    });
}

type Item = FailoverView | FailoverCauseView;

function failoversText(cli: Cli, items: readonly Item[]): string {
  if (items.length === 0) return 'no failover is in the history';
  return items
    .toReversed()
    .map((item) => {
      const line = 'prefix' in item ? failoverText(item) : summaryText(item);
      return `${cli.style.faint(item.at.slice(0, 23).replace('T', ' '))} ${line}`;
    })
    .join('\n');
}

async function one(cli: Cli, id: string, isExport: boolean): Promise<string> {
  const failover = await findFailover(cli, id);
  if (isExport) return JSON.stringify(await storyOf(cli, failover), undefined, 2);
  return cli.settings().json ? JSON.stringify(failover) : failoversText(cli, [failover]);
}
