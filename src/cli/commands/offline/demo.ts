import type { Command } from 'commander';
import type { Cli } from '../../cli-parts.ts';
import { examples } from '../../examples.ts';
import { ColumnTable } from '../../table.ts';

export function addDemo(parent: Command, cli: Cli): void {
  parent
    .command('demo')
    .summary('run a small demonstration network on this machine')
    .description(
      'Runs three announcers, two routers and the daemon over loopback, without root. Keys: 1, 2 and ' +
        "3 make a node's health check fail or recover; with Shift, or with k before the digit, its process " +
        'dies or starts; q quits. With arguments, it sends a command to the demo that was started last, ' +
        'to change the state of a node.',
    )
    .argument('[words...]', 'fail, heal, kill or start, and a node')
    .addHelpText(
      'after',
      examples(
        ['demo', 'start the demo'],
        ['demo fail w1', "w1's health check fails: its MED rises by 900"],
        ['demo kill w1', "w1's announcer dies"],
      ),
    )
    .action(async (words: string[]) => {
      const { style } = cli;
      cli.exitCode = await cli.host.demo(words, {
        style,
        table: (columns, rows, width) => new ColumnTable(columns, width).render(rows, style.strong),
      });
    });
}
