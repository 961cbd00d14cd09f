import type { Command } from 'commander';
import type { EventView } from '#api/events/event-view.ts';
import type { EventPage } from '#api/queries.ts';
import type { Cli } from '../../cli-parts.ts';
import { paintedText } from '../../events.ts';
import { examples } from '../../examples.ts';
import { warnIfIncomplete } from '../../pages.ts';

/** The options under the names that the API uses. */
type EventOptions = Readonly<Record<string, string>>;

export function addShowEvents(parent: Command, cli: Cli): void {
  parent
    .command('events')
    .alias('event')
    .summary('show past events, the latest last')
    .description('Shows the latest events of the history with their time in UTC, the latest last.')
    .option('--since <time>', 'RFC 3339, or a duration before now: 2h')
    .option('--until <time>', 'RFC 3339, or a duration before now')
    .option('--peer <peer>', 'only events of this peer, by name or address')
    .option('--prefix <prefix>', 'only events of this address')
    .option('--service <service>', 'only events of this service')
    .option('--kind <kind>', 'only events of this kind, such as peer_down')
    .option('--limit <number>', 'print at most this many', '100')
    .addHelpText(
      'after',
      examples(
        ['show events --since 2h', 'what happened in the last two hours'],
        ['show events --peer W1 --kind peer_down', 'when W1 was lost, and why'],
      ),
    )
    .action(async (options: EventOptions) => {
      const url = `/api/v1/events?${new URLSearchParams(options).toString()}`;
      const { text, value } = await cli.client().get<EventPage>(url);
      warnIfIncomplete(cli, value);
      cli.print(cli.settings().json ? text : eventsText(cli, value.items));
    });
}

function eventsText(cli: Cli, items: readonly EventView[]): string {
  if (items.length === 0) return 'no such event is in the history';
  return items
    .toReversed()
    .map((item) => `${cli.style.faint(timeOf(item))} ${paintedText(cli, item)}`)
    .join('\n');
}

/** Returns `2026-11-28 21:37:27.019`. */
function timeOf({ at }: EventView): string {
  return at.slice(0, 23).replace('T', ' ');
}
