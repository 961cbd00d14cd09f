import type { Command } from 'commander';
import { examples } from '../examples.ts';
import type { Cli } from '../host.ts';
import { postCommand } from '../outcome.ts';

export function addNote(parent: Command, cli: Cli): void {
  parent
    .command('note')
    .summary('put a line into the record')
    .description('Puts a line into the record, with the time and who it was. show events shows it.')
    .argument('<text...>', 'what is to be remembered')
    .addHelpText('after', examples(['note "ticket 4711: w1 gets a new disk"', '']))
    .action((words: string[]) => postCommand(cli, '/api/v1/notes', { text: words.join(' ') }));
}
