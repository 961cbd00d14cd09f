import type { Command } from 'commander';
import type { UndrainedView } from '#api/views/drain.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import type { Cli } from '../cli-parts.ts';
import { examples } from '../examples.ts';
import { targetIn, type TargetOptions, withTargets } from '../targets.ts';

type Options = TargetOptions & { readonly all?: boolean; readonly volatile?: boolean };

export function addUndrain(parent: Command, cli: Cli): void {
  const command = parent
    .command('undrain')
    .summary('put a drained node back into service')
    .description(
      'Ends a drain, given by its id or by what it drains. A node stays drained while another drain covers it.',
    )
    .argument('[id]', 'id of the drain, from show drains');
  withTargets(command)
    .option('--all', 'end every drain')
    .option('--volatile', 'undrain even if that cannot be stored, and would be lost by a restart')
    .addHelpText(
      'after',
      examples(['undrain d1', ''], ['undrain --node w1', ''], ['undrain --all', 'every drain']),
    )
    .action(async (id: string | undefined, options: Options) => {
      const { text, value } = await cli.client().delete<UndrainedView>(pathOf(id, options));
      for (const warning of value.warnings) cli.warn(warning);
      cli.print(cli.settings().json ? text : value.message);
    });
}

function pathOf(id: string | undefined, options: Options): string {
  if (id !== undefined && !/^d\d+$/.test(id)) {
    throw new CliError(
      exitCodes.usage,
      `undrain: ${id} is not the id of a drain, such as d1; otherwise write what it is, such as --node ${id}`,
    );
  }
  const target = targetIn(options);
  const given = [id, target, options.all].filter((it) => it !== undefined);
  if (given.length !== 1) {
    throw new CliError(
      exitCodes.usage,
      'expected an id, one of --node, --site, --rack and --peer, or --all',
    );
  }
  const query = new URLSearchParams({
    ...(target !== undefined && { [target.kind]: target.name }),
    ...(options.volatile === true && { volatile: 'true' }),
  });
  const place = id === undefined ? '' : `/${encodeURIComponent(id)}`;
  const words = query.size === 0 ? '' : `?${query.toString()}`;
  return `/api/v1/drains${place}${words}`;
}
