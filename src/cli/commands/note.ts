import type { Command } from 'commander';
import type { Cli } from '../cli-parts.ts';
import { examples } from '../examples.ts';
import { postCommand } from '../outcome.ts';

export function addNote(parent: Command, cli: Cli): void {
  parent
    .command('note')
    .summary('add a note to the event history')
    .description(
      'Adds a note to the event history, with the time and who wrote it. show events prints it.',
    )
    .argument('<text...>', 'text of the note')
    .addHelpText('after', examples(['note "ticket 4711: w1 gets a new disk"', '']))
    .action((words: string[]) => postCommand(cli, '/api/v1/notes', { text: words.join(' ') }));
}
