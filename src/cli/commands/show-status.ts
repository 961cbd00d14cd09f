import { type Command, Option } from 'commander';
import type { StatusView } from '#api/status.ts';
import { CliError } from '../host.ts';
import { type Cli, exitCodes } from '../host.ts';
import { examples } from '../examples.ts';
import { statusText } from '../views/status.ts';

export function addShowStatus(parent: Command, cli: Cli): void {
  parent
    .command('status')
    .summary('the daemon at a glance')
    .description('Shows the daemon at a glance; with --wait, once it is ready.')
    .addOption(new Option('--wait <state>', 'wait until it is so').choices(['ready']))
    .option('--timeout <seconds>', 'wait no longer than this', '120')
    .addHelpText(
      'after',
      examples(['show status', ''], ['show status --wait ready --timeout 30', 'in a script']),
    )
    .action(async (options: { wait?: string; timeout: string }) => {
      if (options.wait !== undefined) await waitUntilReady(cli, secondsOf(options.timeout));
      const { text, value } = await cli.client().get<StatusView>('/api/v1/status');
      cli.print(cli.settings().json ? text : statusText(cli, value));
    });
}

function secondsOf(text: string): number {
  const seconds = Number(text.replace(/s$/, ''));
  if (!(seconds >= 0)) throw new CliError(exitCodes.usage, `${text}: expected a number of seconds`);
  return seconds;
}

const pollMs = 200;

/** A daemon that does not answer yet is one to wait for too. */
async function waitUntilReady(cli: Cli, seconds: number): Promise<void> {
  const { clock } = cli.host;
  const deadline = clock.monotonic() + seconds * 1000;
  for (;;) {
    const failure = await readiness(cli);
    if (failure === undefined) return;
    if (clock.monotonic() >= deadline) throw failure;
    await new Promise<void>((resolve) => {
      clock.after(pollMs, resolve);
    });
  }
}

async function readiness(cli: Cli): Promise<CliError | undefined> {
  try {
    await cli.client().get('/readyz');
    return undefined;
  } catch (error) {
    if (error instanceof CliError) return error;
    throw error;
  }
}
