import type { Command } from 'commander';
import { examples } from '../examples.ts';
import type { Cli } from '../host.ts';
import { ColumnTable } from '../table.ts';

export function addDemo(parent: Command, cli: Cli): void {
  parent
    .command('demo')
    .summary('a network in miniature on this machine')
    .description(
      'Runs three announcers, two routers and the daemon over loopback, without root. Keys: 1, 2 and ' +
        "3 let a node's health check fail or recover; with Shift, or k before the digit, its process " +
        'dies or starts; q quits. With words: tells the demo that was started last what shall happen ' +
        'to a node.',
    )
    .argument('[words...]', 'fail, heal, kill or start, and a node')
    .addHelpText(
      'after',
      examples(
        ['demo', 'start it'],
        ['demo fail w1', "w1's health check fails: its MED rises by 900"],
        ['demo kill w1', "w1's announcer dies"],
      ),
    )
    .action(async (words: string[]) => {
      const { style } = cli;
      cli.exitCode = await cli.host.demo(words, {
        style,
        table: (columns, rows, room) => new ColumnTable(columns, room).render(rows, style.strong),
      });
    });
}
