import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { PlanView } from '../../watch.ts';
import { examples } from '../examples.ts';
import { type Cli, CliError, exitCodes } from '../host.ts';
import { ColumnTable } from '../table.ts';

/** The running daemon compares: only it knows what runs, secrets included. */
export function addPlan(parent: Command, cli: Cli): void {
  parent
    .command('plan')
    .summary('what a reload would do to each peer')
    .description(
      'Asks the daemon what taking over a configuration would do: for each peer none, policy, ' +
        'refresh, reset, add or remove, and the keys that differ. Paths in the file are read as if it ' +
        'stood in the place of the running one. Changes nothing.',
    )
    .argument('[file]', 'instead of the running file as it is now')
    .addHelpText(
      'after',
      examples(['plan', 'the running file, edited but not reloaded'], ['plan new.yaml', 'another']),
    )
    .action((file: string | undefined) => plan(cli, file));
}

async function plan(cli: Cli, file: string | undefined): Promise<void> {
  const text = file === undefined ? undefined : await configText(file);
  const { text: body, value } = await cli.client().postText<PlanView>('/api/v1/config/plan', text);
  cli.print(cli.settings().json ? body : planText(cli, value));
}

async function configText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new CliError(exitCodes.refused, `${file} cannot be read: ${why}`);
  }
}

function planText(cli: Cli, { peers, process }: PlanView): string {
  const rows = [
    ...peers.map(({ peer, effect, why }) => [peer, effect, why.join(', ')]),
    ...process.map(({ key, effect }) => [`(${key})`, effect, '']),
  ];
  const columns = [{ head: 'Peer' }, { head: 'Effect' }, { head: 'Because of' }];
  return new ColumnTable(columns, cli.width).render(rows, cli.style.strong);
}
