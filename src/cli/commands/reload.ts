import { InvalidArgumentError, type Command } from 'commander';
import { durationToMs } from '#config/schema/units.ts';
import { examples } from '../examples.ts';
import type { Cli } from '../host.ts';
import { postCommand } from '../outcome.ts';

export function addReload(parent: Command, cli: Cli): void {
  parent
    .command('reload')
    .summary('take over the changed configuration')
    .description(
      'The daemon reads its configuration again: all or nothing, and only what changed is touched. Half a ' +
        'file may be valid too: programs that write it write it aside and rename it into place.',
    )
    .option('--confirm <time>', 'go back after this time unless `confirm` follows', seconds)
    .addHelpText(
      'after',
      examples(
        ['check && fingerpost reload', 'with the faults seen first'],
        ['reload --confirm 120s', 'goes back by itself; `fingerpost confirm` keeps it'],
      ),
    )
    .action(({ confirm }: { confirm?: number }) =>
      postCommand(
        cli,
        '/api/v1/config/reload',
        confirm === undefined ? {} : { confirm_s: confirm },
      ),
    );
}

/** `120s`, `2m`, or a number of seconds. */
function seconds(text: string): number {
  const found = durationToMs(text) / 1000;
  if (found >= 1 && found <= 86_400) return found;
  throw new InvalidArgumentError('expected a time as 120s or 2m, from 1s to 24h');
}
