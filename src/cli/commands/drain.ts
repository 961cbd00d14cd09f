import { type Command, Option } from 'commander';
import type { DrainAnswerView, DrainView } from '#api/views/drain.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import type { Cli } from '../cli-parts.ts';
import { Refusal } from '../client.ts';
import { millisecondsOf } from '../duration.ts';
import { examples } from '../examples.ts';
import { targetIn, type TargetOptions, withTargets } from '../targets.ts';
import { drainedText, isEffective } from '../views/drains.ts';

const pollMs = 250;

type Options = TargetOptions & {
  readonly ttl?: string;
  readonly comment?: string;
  readonly force?: boolean;
  readonly volatile?: boolean;
  readonly wait?: string;
  readonly timeout: string;
  readonly settle: string;
};

export function addDrain(parent: Command, cli: Cli): void {
  const command = parent
    .command('drain')
    .summary('take a node out of service; its sessions stay up')
    .description(
      'Ranks the paths of a node behind those of every other node that is up, and shows for each address and router ' +
        'whether traffic has moved. A drain survives a restart of the daemon; undrain or --ttl ends it. It is ' +
        'refused where a service would be left with too few healthy nodes. With --wait effective the exit status ' +
        'is 1 unless traffic is shown, or can be inferred, to have moved on every router.',
    );
  withTargets(command)
    .option(
      '--ttl <duration>',
      'end the drain after this time, provided that the node is up by then',
    )
    .option('--comment <text>', 'the reason, shown by show drains')
    .option('--force', 'drain even if a service is left with too few healthy nodes')
    .option(
      '--volatile',
      'drain even if the drain cannot be stored, and would be lost by a restart',
    )
    .addOption(new Option('--wait <state>', 'wait until traffic has moved').choices(['effective']))
    .option('--timeout <duration>', 'with --wait: maximum time to wait', '60s')
    .option('--settle <duration>', 'with --wait: how long every row must have shown yes', '2s')
    .addHelpText(
      'after',
      examples(
        ['drain --node w1 --ttl 2h --comment "new kernel"', ''],
        [
          'drain --node w1 --wait effective --timeout 60s',
          'in a script, before the node is stopped',
        ],
        ['drain --site dc1', 'every node of a site'],
      ),
    )
    .action((options: Options) => drain(cli, options));
}

async function drain(cli: Cli, options: Options): Promise<void> {
  const [timeoutMs, settleMs] = [
    millisecondsOf('--timeout', options.timeout),
    millisecondsOf('--settle', options.settle),
  ];
  const answer = await cli.client().post<DrainAnswerView>('/api/v1/drains', bodyOf(options));
  for (const warning of answer.value.warnings) cli.warn(warning);
  if (options.wait === undefined) return print(cli, answer);
  const last = await waitForEffect(cli, answer, timeoutMs, settleMs);
  print(cli, { ...last, value: { ...answer.value, ...last.value } });
  if (!last.hasSettled) cli.exitCode = exitCodes.refused;
}

function bodyOf(options: Options): object {
  const target = targetIn(options);
  if (target === undefined) {
    throw new CliError(exitCodes.usage, 'expected one of --node, --site, --rack and --peer');
  }
  const { ttl, comment, force, volatile } = options;
  return {
    [target.kind]: target.name,
    ...(ttl !== undefined && { ttl_s: millisecondsOf('--ttl', ttl) / 1000 }),
    ...(comment !== undefined && { comment }),
    ...(force === true && { force }),
    ...(volatile === true && { volatile }),
  };
}

interface Shown {
  readonly text: string;
  readonly value: DrainView;
}

/**
 * Polls until every row has been `yes` for the whole of `settleMs`, or the time is up. Throws a `CliError` when the drain
 * has been ended, or covers no peer any more: the node may be in service again.
 */
async function waitForEffect(
  cli: Cli,
  first: Shown,
  timeoutMs: number,
  settleMs: number,
): Promise<Shown & { readonly hasSettled: boolean }> {
  const { clock } = cli.host;
  const deadline = clock.monotonic() + timeoutMs;
  let last = first;
  let sinceMs: number | undefined;
  for (;;) {
    const now = clock.monotonic();
    sinceMs = isEffective(last.value) ? (sinceMs ?? now) : undefined;
    if (sinceMs !== undefined && now - sinceMs >= settleMs) return { ...last, hasSettled: true };
    if (now >= deadline) return { ...last, hasSettled: false };
    await new Promise<void>((resolve) => {
      clock.after(pollMs, resolve);
    });
    last = await drainNow(cli, first.value);
  }
}

async function drainNow(cli: Cli, { id, target: { kind, name } }: DrainView): Promise<Shown> {
  const which = `the drain of ${kind} ${name} (${id})`;
  let now: Shown;
  try {
    now = await cli.client().get<DrainView>(`/api/v1/drains/${id}`);
  } catch (error) {
    if (!(error instanceof Refusal && error.problem.kind === 'unknown_drain')) throw error;
    throw new CliError(exitCodes.refused, `${which} has been ended meanwhile`);
  }
  if (now.value.nodes.length > 0) return now;
  const why = `a reload has renamed or removed every peer of ${kind} ${name}`;
  throw new CliError(exitCodes.refused, `${which} covers no peer any more: ${why}`);
}

function print(cli: Cli, { text, value }: { text: string; value: DrainAnswerView }): void {
  cli.print(cli.settings().json ? text : drainedText(cli, value));
}
