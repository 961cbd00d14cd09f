import { Argument, type Command } from 'commander';
import type { Cli } from '../cli-parts.ts';
import { examples } from '../examples.ts';
import { postCommand } from '../outcome.ts';
import { check } from './offline/check.ts';

/** `configure` is birdc's command for `reload`, `check` and `confirm`. */
export function addConfigure(parent: Command, cli: Cli): void {
  parent
    .command('configure')
    .summary('reload or check in the words of birdc')
    .description('Applies the changed configuration as `reload` does, or checks or confirms it.')
    .addArgument(
      new Argument('[what]', 'check or confirm instead of a reload').choices(['check', 'confirm']),
    )
    .addHelpText(
      'after',
      examples(
        ['configure check', 'check the file without applying it'],
        ['configure', 'apply it'],
      ),
    )
    .action(async (what: 'check' | 'confirm' | undefined) => {
      if (what === 'check') return check(cli, cli.settings().config);
      return postCommand(cli, `/api/v1/config/${what ?? 'reload'}`, {});
    });
}
