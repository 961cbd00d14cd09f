import type { Command } from 'commander';
import { printableJson } from '#text/printable.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import type { Cli } from '../cli-parts.ts';
import { eventLine, eventsOf, type StreamEvent } from '../events.ts';
import { examples } from '../examples.ts';

const kinds = ['peers', 'routes', 'services'] as const;

export function addMonitor(parent: Command, cli: Cli): void {
  parent
    .command('monitor')
    .summary('show events as they happen')
    .description(
      'Prints events until Ctrl-C: peers that go up and down, changes of best paths and of the configuration.',
    )
    .argument('[what...]', 'peers, routes or services; default: all events')
    .addHelpText(
      'after',
      examples(
        ['monitor', ''],
        ['monitor peers', 'only events of peers'],
        ['monitor -j', 'one line of JSON for each event'],
      ),
    )
    .action((words: string[]) => monitor(cli, words));
}

/** Returns the event kinds for words that may be abbreviated. */
function wantedNames(words: readonly string[]): Set<string> | undefined {
  if (words.length === 0) return undefined;
  const names = words.map((word) => {
    const kind = kinds.find((one) => one.startsWith(word));
    if (kind === undefined) {
      throw new CliError(exitCodes.usage, `${word}: expected ${kinds.join(', ')}`);
    }
    return kind.slice(0, -1);
  });
  return new Set([...names, 'gap']);
}

/** Prints events until the command is interrupted; without words, events of every kind. */
export async function monitor(cli: Cli, words: readonly string[]): Promise<void> {
  const wanted = wantedNames(words);
  const signal = cli.host.takeSignals();
  const { json } = cli.settings();
  const chunks = cli.client().follow('/api/v1/stream', signal);
  for await (const event of eventsOf(chunks)) {
    if (isWanted(event, wanted))
      cli.print(json ? printableJson(event.data) : eventLine(cli, event));
  }
  if (!signal.aborted) {
    throw new CliError(exitCodes.noDaemon, 'the daemon closed the connection');
  }
}

function isWanted({ name }: StreamEvent, wanted: Set<string> | undefined): boolean {
  return name !== 'snapshot' && (wanted === undefined || wanted.has(name));
}
