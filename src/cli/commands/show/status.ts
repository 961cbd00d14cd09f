import { type Command, Option } from 'commander';
import { nobodyIsUp, type ReadyView, type StatusView } from '#api/views/status.ts';
import { CliError, exitCodes } from '../../cli-error.ts';
import type { Cli } from '../../cli-parts.ts';
import { examples } from '../../examples.ts';
import { statusText } from '../../views/status.ts';

export function addShowStatus(parent: Command, cli: Cli): void {
  parent
    .command('status')
    .alias('version')
    .summary('show the state of the daemon')
    .description(
      'Shows the state of the daemon or, with --wait, waits until it is ready. Then the exit status is 1 if it is ' +
        'not ready in time, or is ready without peers that it should have. With --allow-degraded missing peers ' +
        'are accepted, unless no node (source) or no router (client) is up.',
    )
    .addOption(new Option('--wait <state>', 'wait for this state').choices(['ready']))
    .option('--timeout <seconds>', 'maximum time to wait', '120')
    .option('--allow-degraded', 'with --wait: missing peers are not a failure')
    .addHelpText(
      'after',
      examples(['show status', ''], ['show status --wait ready --timeout 30', 'in a script']),
    )
    .action(async (options: WaitOptions) => {
      if (options.wait !== undefined) await waitUntilReady(cli, options);
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

interface WaitOptions {
  readonly wait?: string;
  readonly timeout: string;
  readonly allowDegraded?: boolean;
}

/** Waits also while the daemon does not answer yet, or has no peers yet. */
async function waitUntilReady(cli: Cli, options: WaitOptions): Promise<void> {
  const { clock } = cli.host;
  const deadline = clock.monotonic() + secondsOf(options.timeout) * 1000;
  for (;;) {
    const { failure, isFinal } = await readiness(cli, options.allowDegraded === true);
    if (failure === undefined) return;
    if (isFinal || clock.monotonic() >= deadline) throw failure;
    await new Promise<void>((resolve) => {
      clock.after(pollMs, resolve);
    });
  }
}

interface Readiness {
  readonly failure?: CliError;
  /** Waiting longer would not change it. */
  readonly isFinal?: boolean;
}

async function readiness(cli: Cli, isDegradedAllowed: boolean): Promise<Readiness> {
  try {
    const { degraded = [] } = (await cli.client().get<ReadyView>('/readyz')).value;
    const isNobodyUp = Object.values(nobodyIsUp).some((text) => degraded.includes(text));
    if (degraded.length === 0 || (isDegradedAllowed && !isNobodyUp)) return {};
    const failure = new CliError(exitCodes.refused, `ready, but degraded: ${degraded.join('; ')}`);
    return { failure, isFinal: !isNobodyUp };
  } catch (error) {
    if (error instanceof CliError) return { failure: error };
    throw error;
  }
}
