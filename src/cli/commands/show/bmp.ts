import type { Command } from 'commander';
import type { BmpView } from '#api/views/bmp.ts';
import type { Cli } from '../../cli-parts.ts';
import { examples } from '../../examples.ts';
import { bmpText } from '../../views/bmp.ts';

export function addShowBmp(parent: Command, cli: Cli): void {
  parent
    .command('bmp')
    .summary('show BMP collectors')
    .description(
      'Shows each BMP collector: whether it is connected and has been sent all tables, what it monitors, how much ' +
        'it has been sent, how much waits for it, and how often it was dropped because it read too slowly.',
    )
    .addHelpText('after', examples(['show bmp', 'all collectors']))
    .action(async () => {
      const { text, value } = await cli.client().get<BmpView>('/api/v1/bmp');
      cli.print(cli.settings().json ? text : bmpText(cli, value));
    });
}
