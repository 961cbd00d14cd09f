import type { Command } from 'commander';
import type { EffectsView, PlanView } from '#api/changes.ts';
import { type ChangesLimit, changesLimit, withChangesLimit } from '../changes-limit.ts';
import { configText } from '../config-text.ts';
import { examples } from '../examples.ts';
import type { Cli } from '../host.ts';
import { ColumnTable } from '../table.ts';
import { routerChangesText } from '../views/changes.ts';

/** The running daemon compares: only it knows what runs, secrets included. */
export function addPlan(parent: Command, cli: Cli): void {
  const command = parent
    .command('plan')
    .summary('what a reload would do to each peer, and to what routers are sent')
    .description(
      'Asks the daemon what taking over a configuration would do: for each peer none, policy, ' +
        'refresh, reset, add or remove, and the keys that differ; for each router the prefixes that it ' +
        'would gain, lose or see move. What a peer has sent counts as sent again after a reset. Paths in ' +
        'the file are read as if it stood in the place of the running one. Changes nothing.',
    )
    .argument('[file]', 'instead of the running file as it is now')
    .addHelpText(
      'after',
      examples(
        ['plan', 'the running file, edited but not reloaded'],
        ['plan new.yaml', 'another'],
        ['plan new.yaml --all', 'with every prefix that moves'],
      ),
    );
  withChangesLimit(command).action((file: string | undefined, options: ChangesLimit) =>
    plan(cli, file, options),
  );
}

async function plan(cli: Cli, file: string | undefined, options: ChangesLimit): Promise<void> {
  const text = file === undefined ? undefined : await configText(file);
  const path = `/api/v1/config/plan?limit=${changesLimit(options)}`;
  const { text: body, value } = await cli.client().postText<PlanView>(path, text);
  cli.print(cli.settings().json ? body : planText(cli, value));
}

function planText(cli: Cli, view: PlanView): string {
  return `${effectsTable(cli, view)}\n\n${routerChangesText(cli, view)}`;
}

function effectsTable(cli: Cli, { peers, process }: EffectsView): string {
  const rows = [
    ...peers.map(({ peer, effect, why, lets_in: letsIn }) => [
      peer,
      effect,
      [...why, ...(letsIn === true ? ['lets it in: no limit holds it any longer'] : [])].join(', '),
    ]),
    ...process.map(({ key, effect }) => [`(${key})`, effect, '']),
  ];
  const columns = [{ head: 'Peer' }, { head: 'Effect' }, { head: 'Because of' }];
  return new ColumnTable(columns, cli.width).render(rows, cli.style.strong);
}
