import type { Command } from 'commander';
import type { TroubleView } from '#api/views/trouble.ts';
import { exitCodes } from '../../cli-error.ts';
import type { Cli } from '../../cli-parts.ts';
import { examples } from '../../examples.ts';
import { warnIfIncomplete } from '../../pages.ts';
import { troubleText } from '../../views/trouble.ts';

export function addShowTrouble(parent: Command, cli: Cli): void {
  parent
    .command('trouble')
    .summary('show what is wrong now, worst first, and what must not be touched')
    .description(
      'Shows what is wrong now: the verdict and its age; only the addresses that are affected, since when and why; ' +
        'what lost sessions have in common, and whether they heal by themselves; the nodes whose loss would make an ' +
        'address dark; what sibling route servers say; what ends by itself; the last causes; what operators have ' +
        'changed; and how often it happened before. The exit status is 1 if anything is wrong.',
    )
    .option('--since <time>', 'list changes from then on: RFC 3339, or a duration before now', '1h')
    .addHelpText(
      'after',
      examples(
        ['show trouble', 'the first command when an alert fires'],
        ['show trouble --since 8h', 'with all that was changed since yesterday evening'],
      ),
    )
    .action(async ({ since }: { since: string }) => {
      const url = `/api/v1/trouble?${new URLSearchParams({ since }).toString()}`;
      const { text, value } = await cli.client().get<TroubleView>(url);
      warnIfIncomplete(cli, value);
      cli.print(cli.settings().json ? text : troubleText(cli, value));
      if (value.is_trouble) cli.exitCode = exitCodes.refused;
    });
}
