import { type Command, Option } from 'commander';
import { type ImportedFrom, importedFrom } from '#interop/import/imported-from.ts';
import { plural } from '#words/text.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import { configText } from '../config-text.ts';
import { examples } from '../examples.ts';
import type { Cli } from '../host.ts';

/** Needs no daemon: it reads a file and prints another. */
export function addImport(parent: Command, cli: Cli): void {
  parent
    .command('import')
    .summary('turn a configuration of BIRD, Quagga or FRR into one of ours')
    .description(
      'Prints the route server of a configuration of BIRD 1.6 or 2, Quagga or FRR as a configuration of fingerpost: ' +
        'sessions, templates and peer groups, filters and route maps, prefix, community and AS path lists. What could ' +
        'not be carried over is listed on stderr and in comments, by file and line.',
    )
    .argument('<file>', 'bird.conf, bgpd.conf or frr.conf')
    .addOption(
      new Option('--from <daemon>', 'whose it is; guessed from the text unless given').choices(
        importedFrom,
      ),
    )
    .addHelpText(
      'after',
      examples(
        ['import /etc/bird/bird.conf > fingerpost.yaml', 'begin with what BIRD does'],
        ['import --from frr bgpd.conf', 'Quagga is frr too'],
      ),
    )
    .action((file: string, options: { from?: ImportedFrom }) => run(cli, file, options.from));
}

async function run(cli: Cli, file: string, from: ImportedFrom | undefined): Promise<void> {
  const { importConfig } = await import('#interop/import/import.ts');
  const { ImportError } = await import('#interop/import/model.ts');
  const text = await configText(file);
  try {
    const { yaml, notes } = importConfig(text, file, from);
    cli.print(yaml.trimEnd());
    for (const note of notes) cli.host.stderr.write(`${file}:${note.line}: ${note.text}\n`);
    if (notes.length > 0) cli.warn(`${plural(notes.length, 'line')} not carried over`);
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    throw new CliError(exitCodes.refused, `${file}:${error.line}: ${error.message}`);
  }
}
