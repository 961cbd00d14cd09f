import type { Command } from 'commander';
import type { ExplainView } from '#api/views/explain.ts';
import type { Cli } from '../cli-parts.ts';
import { examples } from '../examples.ts';
import { explainText } from '../views/explain.ts';

export function addExplain(parent: Command, cli: Cli): void {
  parent
    .command('explain')
    .summary('explain why a path is best, and which peers it is sent to')
    .description(
      'Lists every candidate path of a prefix, rejected paths included: the step at which each lost with both ' +
        'values, what would change the result, what each client is sent, and why.',
    )
    .argument('<prefix>', 'a prefix or an address')
    .option('--for <peer>', 'show only what this client is sent')
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
