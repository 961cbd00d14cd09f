import type { Command } from 'commander';
import type { EventView } from '#api/event-view.ts';
import { failoverText, summaryText } from '#api/failover-text.ts';
import type { FailoverCauseView, FailoverView } from '#api/failover.ts';
import { timestamp } from '#clock.ts';
import { CliError, exitCodes } from '../../cli-error.ts';
import { examples } from '../../examples.ts';
import type { Cli } from '../../host.ts';

/** By the names that the API has for them. */
type FailoverOptions = Readonly<Record<string, string>>;

/** What happened around a failover belongs to its story. */
const aroundMs = 60_000;

export function addShowFailovers(parent: Command, cli: Cli): void {
  parent
    .command('failovers')
    .alias('failover')
    .summary('show which addresses moved, why, and how long each stage took')
    .description(
      'Shows the last moves of service addresses, the latest last: their cause, and the time until they were ' +
        'decided, written, and received by the kernels of the routers. The latter says nothing of the tables of ' +
        'the routers, and comes up to 40 ms late where acknowledgements are delayed.',
    )
    .argument('[id]', 'one of them, as its id in the output of --json')
    .option('--since <time>', 'RFC 3339, or a duration before now: 2h')
    .option('--until <time>', 'RFC 3339, or a duration before now')
    .option('--peer <peer>', 'only those that this peer was the cause of')
    .option('--prefix <prefix>', 'only of this address')
    .option('--service <service>', 'only of this service')
    .option('--group <what>', 'cause: one line for each cause')
    .option('--limit <number>', 'at most so many', '100')
    .option('--export', 'with an id: the failover and all that happened around it, as JSON')
    .addHelpText(
      'after',
      examples(
        ['show failovers --since 2h', 'what moved in the last two hours'],
        ['show failovers --group cause', 'what came of each cause'],
      ),
    )
    .action(async (id: string | undefined, { export: isExport, ...options }) => {
      if (id !== undefined) return cli.print(await one(cli, id, isExport === true));
      const url = `/api/v1/failovers?${new URLSearchParams(options as FailoverOptions).toString()}`;
      const { text, value } = await cli.client().get<{ items: Item[] }>(url);
      cli.print(cli.settings().json ? text : failoversText(cli, value.items));
    });
}

type Item = FailoverView | FailoverCauseView;

function failoversText(cli: Cli, items: readonly Item[]): string {
  if (items.length === 0) return 'no failover is in the record';
  return items
    .toReversed()
    .map((item) => {
      const line = 'prefix' in item ? failoverText(item) : summaryText(item);
      return `${cli.style.faint(item.at.slice(0, 23).replace('T', ' '))} ${line}`;
    })
    .join('\n');
}

async function one(cli: Cli, id: string, isExport: boolean): Promise<string> {
  const { value } = await cli
    .client()
    .get<{ items: FailoverView[] }>('/api/v1/failovers?limit=1000');
  const failover = value.items.find((item) => item.id === id);
  if (failover === undefined) {
    throw new CliError(exitCodes.refused, `no failover ${id} is in the record`);
  }
  if (isExport) return JSON.stringify(await story(cli, failover), undefined, 2);
  return cli.settings().json ? JSON.stringify(failover) : failoversText(cli, [failover]);
}

/** For a post-mortem: all that is known of it, and what else happened then. */
async function story(cli: Cli, failover: FailoverView) {
  const at = Date.parse(failover.suspected_at ?? failover.at);
  const range = {
    since: timestamp(at - aroundMs),
    until: timestamp(Date.parse(failover.at) + aroundMs),
    limit: '1000',
  };
  const url = `/api/v1/events?${new URLSearchParams(range).toString()}`;
  const { value } = await cli.client().get<{ items: EventView[] }>(url);
  return { failover, events: value.items.toReversed() };
}
