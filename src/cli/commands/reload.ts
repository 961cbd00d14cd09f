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
        'file may be valid too: programs that write it write it aside and rename it into place. Refused ' +
        'without --force: what makes an address of a service go dark, or takes away every source or ' +
        'client of routes, or more than half of them.',
    )
    .option('--confirm <time>', 'go back after this time unless `confirm` follows', seconds)
    .option('--force', 'even where addresses go dark, or most nodes or routers go')
    .addHelpText(
      'after',
      examples(
        ['check && fingerpost reload', 'with the faults seen first'],
        ['reload --confirm 120s', 'goes back by itself; `fingerpost confirm` keeps it'],
        ['plan && fingerpost reload --force', 'though most peers go'],
      ),
    )
    .action(({ confirm, force }: { confirm?: number; force?: boolean }) =>
      postCommand(cli, '/api/v1/config/reload', {
        ...(confirm !== undefined && { confirm_s: confirm }),
        ...(force === true && { force }),
      }),
    );
}

/** `120s`, `2m`, or a number of seconds. */
function seconds(text: string): number {
  const found = durationToMs(text) / 1000;
  if (found >= 1 && found <= 86_400) return found;
  throw new InvalidArgumentError('expected a time as 120s or 2m, from 1s to 24h');
}
