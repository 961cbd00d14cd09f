import type { Command } from 'commander';
import type { ExplainView } from '#api/explain.ts';
import { examples } from '../examples.ts';
import type { Cli } from '../host.ts';
import { explainText } from '../views/explain.ts';

export function addExplain(parent: Command, cli: Cli): void {
  parent
    .command('explain')
    .summary('why a path is best, and who is sent it')
    .description(
      'Lists every candidate for a prefix, rejected ones too, the step at which each lost with both ' +
        'values, what would change the result, and what each client is sent and why.',
    )
    .argument('<prefix>', 'or an address')
    .option('--for <peer>', 'exports to this client only')
    .addHelpText(
      'after',
      examples(
        ['explain 2001:db8:30::1', ''],
        ['explain 2001:db8:30::1/128 --for ER2', 'what ER2 is sent'],
      ),
    )
    .action(async (prefix: string, options: { for?: string }) => {
      const query = new URLSearchParams({ prefix });
      if (options.for !== undefined) query.set('peer', options.for);
      const path = `/api/v1/explain?${query.toString()}`;
      const { text, value } = await cli.client().get<ExplainView>(path);
      cli.print(cli.settings().json ? text : explainText(cli, value));
    });
}
