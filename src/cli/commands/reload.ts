import { Argument, type Command, InvalidArgumentError } from 'commander';
import { durationToMs } from '#text/units.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import type { Cli } from '../cli-parts.ts';
import { examples } from '../examples.ts';
import { postCommand } from '../outcome.ts';
import { peerPath } from '../pages.ts';

export function addReload(parent: Command, cli: Cli): void {
  parent
    .command('reload')
    .summary('apply the changed configuration')
    .description(
      'Makes the daemon read its configuration again. It is applied completely or not at all, and only what ' +
        'changed is touched. Since a half-written file may be valid, programs should write a new file and rename ' +
        'it into place. Without --force a reload is refused if a service address would go dark, or if all or ' +
        'more than half of the nodes (sources) or routers (clients) would no longer be used or sent routes, for ' +
        'example because they are removed, disabled or without a policy. While a reload waits for `confirm`, only ' +
        '--confirm (again) and --rollback are accepted. A daemon that ends meanwhile, or after the time is up, ' +
        'starts with the configuration that was last confirmed, until the next reload.',
    )
    .addArgument(
      new Argument('[direction]', 'as in birdc: refresh the routes of a peer instead').choices([
        'in',
        'out',
      ]),
    )
    .argument('[peer]', 'with a direction: name or address')
    .option(
      '--confirm <time>',
      'restore the previous configuration after this time unless `confirm` follows',
      seconds,
    )
    .option('--rollback', 'return at once to the configuration that was last confirmed')
    .option(
      '--volatile',
      'reload even if a daemon that crashes could not return to the confirmed configuration',
    )
    .option('--force', 'reload even if addresses go dark or most nodes or routers are lost')
    .addHelpText(
      'after',
      examples(
        ['check && fingerpost reload', 'check the file first'],
        ['reload --confirm 120s', 'revert after 120 s unless `fingerpost confirm` follows'],
        ['reload --rollback', 'do not wait until the time is up'],
        ['reload --force', 'reload although most peers are lost; run plan first'],
        ['reload in W1', 'the same as refresh W1 in'],
      ),
    )
    .action((direction: string | undefined, peer: string | undefined, options: ReloadOptions) =>
      direction === undefined ? reload(cli, options) : refresh(cli, direction, peer),
    );
}

interface ReloadOptions {
  readonly confirm?: number;
  readonly rollback?: boolean;
  readonly volatile?: boolean;
  readonly force?: boolean;
}

async function reload(cli: Cli, options: ReloadOptions): Promise<void> {
  const { confirm, rollback, volatile, force } = options;
  if (rollback === true && (confirm ?? force) !== undefined) {
    throw new CliError(exitCodes.usage, '--rollback cannot be combined with --confirm or --force');
  }
  return postCommand(cli, '/api/v1/config/reload', {
    ...(confirm !== undefined && { confirm_s: confirm }),
    ...(rollback === true && { rollback }),
    ...(volatile === true && { volatile }),
    ...(force === true && { force }),
  });
}

/** Implements birdc's `reload in W1`. */
async function refresh(cli: Cli, direction: string, peer: string | undefined): Promise<void> {
  if (peer !== undefined) return postCommand(cli, peerPath(peer, '/refresh'), { direction });
  throw new CliError(
    exitCodes.usage,
    `reload ${direction}: expected the name or address of a peer`,
  );
}

/** Parses `120s`, `2m`, or a number of seconds. */
function seconds(text: string): number {
  const found = durationToMs(text) / 1000;
  if (found >= 1 && found <= 86_400) return found;
  throw new InvalidArgumentError('expected a time such as 120s or 2m, from 1s to 24h');
}
