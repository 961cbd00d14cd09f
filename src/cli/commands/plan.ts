import type { Command } from 'commander';
import type { EffectsView, PlanView } from '#api/views/changes.ts';
import { type ChangesLimit, changesLimit, withChangesLimit } from '../changes-limit.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import type { Cli } from '../cli-parts.ts';
import { askingWith, configText } from '../config-text.ts';
import { examples } from '../examples.ts';
import { ColumnTable } from '../table.ts';
import { routerChangesText } from '../views/changes.ts';

/** The running daemon compares, because only it knows what is running, secrets included. */
export function addPlan(parent: Command, cli: Cli): void {
  const command = parent
    .command('plan')
    .summary('show what a reload would do to each peer and to the routes of each router')
    .description(
      'Asks the daemon what a configuration would change if it were applied: for each peer none, policy, ' +
        'refresh, reset, add or remove, with the keys that differ; for each router the prefixes that it ' +
        'would gain, lose or see move. A peer is assumed to send the same routes again after a reset. Paths in ' +
        'the file are resolved as if it replaced the running file. Nothing is changed. The exit status is 1 if a ' +
        'reload would be refused unless it is forced.',
    )
    .argument('[file]', 'a file to use instead of the file that the daemon runs')
    .option(
      '--against <hash>',
      'a configuration that ran before, given by at least 8 digits of its hash',
    )
    .option('--rollback', 'show what `reload --rollback` would do')
    .addHelpText(
      'after',
      examples(
        ['plan', 'the running file, edited but not reloaded'],
        ['plan new.yaml', 'a new file'],
        ['plan new.yaml --all', 'list every prefix that changes'],
        ['plan --against 3f2a9c01', 'what going back would change; see show config history'],
      ),
    );
  withChangesLimit(command).action((file: string | undefined, options: PlanOptions) =>
    plan(cli, file, options),
  );
}

type PlanOptions = ChangesLimit & { readonly against?: string; readonly rollback?: boolean };

async function plan(cli: Cli, file: string | undefined, options: PlanOptions): Promise<void> {
  const { against, rollback } = options;
  if ([file, against, rollback].filter((it) => it !== undefined).length > 1) {
    throw new CliError(exitCodes.usage, 'give at most one of a file, --against and --rollback');
  }
  if (against !== undefined && !/^[0-9a-f]{8,16}$/.test(against)) {
    throw new CliError(
      exitCodes.usage,
      `${against}: expected 8 to 16 hex digits of a configuration hash`,
    );
  }
  const text = file === undefined ? undefined : await configText(file);
  const query = new URLSearchParams({
    limit: String(changesLimit(options)),
    ...(against !== undefined && { against }),
    ...(rollback === true && { rollback: 'true' }),
  });
  const path = `/api/v1/config/plan?${query.toString()}`;
  const { text: body, value } = await askingWith(cli, file, () =>
    cli.client().postText<PlanView>(path, text),
  );
  cli.print(cli.settings().json ? body : planText(cli, value));
  const { refused } = value;
  if (refused === undefined) return;
  cli.warn(`a reload would be refused: ${refused}; only \`fingerpost reload --force\` does it`);
  cli.exitCode = exitCodes.refused;
}

function planText(cli: Cli, view: PlanView): string {
  return `${effectsTable(cli, view)}\n\n${routerChangesText(cli, view)}`;
}

function effectsTable(cli: Cli, { peers, process }: EffectsView): string {
  const rows = [
    ...peers.map(({ peer, effect, why, lets_in: letsIn }) => [
      peer,
      effect,
      [...why, ...(letsIn === true ? ['a limit no longer keeps the peer down'] : [])].join(', '),
    ]),
    ...process.map(({ key, effect }) => [`(${key})`, effect, '']),
  ];
  const columns = [{ head: 'Peer' }, { head: 'Effect' }, { head: 'Because of' }];
  return new ColumnTable(columns, cli.width).render(rows, cli.style.strong);
}
