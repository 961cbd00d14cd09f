import { type Command, InvalidArgumentError } from 'commander';
import { durationToMs } from '#config/schema/units.ts';
import { examples } from '../examples.ts';
import type { Cli } from '../host.ts';
import { postCommand } from '../outcome.ts';

export function addReload(parent: Command, cli: Cli): void {
  parent
    .command('reload')
    .summary('apply the changed configuration')
    .description(
      'Makes the daemon read its configuration again. It is applied completely or not at all, and only what ' +
        'changed is touched. Because half a file may be valid too, programs should write a new file and rename ' +
        'it into place. Without --force a reload is refused if a service address would go dark, or if all or ' +
        'more than half of the sources or of the clients of routes would be removed.',
    )
    .option(
      '--confirm <time>',
      'restore the previous configuration after this time unless `confirm` follows',
      seconds,
    )
    .option('--force', 'reload even if addresses go dark or most nodes or routers are removed')
    .addHelpText(
      'after',
      examples(
        ['check && fingerpost reload', 'see all errors first'],
        ['reload --confirm 120s', 'revert after 120 s unless `fingerpost confirm` follows'],
        ['plan && fingerpost reload --force', 'although most peers are removed'],
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
