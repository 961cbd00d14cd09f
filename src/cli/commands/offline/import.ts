import { type Command, Option } from 'commander';
import { type ImportedFrom, importedFrom } from '#interop/import/imported-from.ts';
import { plural } from '#words/text.ts';
import { CliError, exitCodes } from '../../cli-error.ts';
import type { Cli } from '../../cli-parts.ts';
import { configText } from '../../config-text.ts';
import { examples } from '../../examples.ts';

/** This command needs no daemon: it reads one file and prints another. */
export function addImport(parent: Command, cli: Cli): void {
  parent
    .command('import')
    .summary('convert a configuration of BIRD, Quagga or FRR')
    .description(
      'Prints the route server in a configuration of BIRD 1.6 or 2, Quagga or FRR as a configuration of fingerpost: ' +
        'sessions, templates and peer groups, filters and route maps, prefix, community and AS path lists. What could ' +
        'not be converted is listed by file and line, on stderr and in comments. The exit status is 1 if that may reject ' +
        'routes, which the printed configuration then accepts or sends.',
    )
    .argument('<file>', 'bird.conf, bgpd.conf or frr.conf')
    .addOption(
      new Option(
        '--from <daemon>',
        'the daemon that the file belongs to; default: recognized from its text',
      ).choices(importedFrom),
    )
    .addHelpText(
      'after',
      examples(
        ['import /etc/bird/bird.conf > fingerpost.yaml', 'start from the configuration of BIRD'],
        ['import --from frr bgpd.conf', 'use frr for Quagga, too'],
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
    if (notes.length > 0) cli.warn(`${plural(notes.length, 'line')} not converted`);
    const loose = notes.filter((note) => note.isLoose === true).length;
    if (loose === 0) return;
    cli.warn(
      `the first ${loose === 1 ? 'one' : loose} may reject routes that this configuration accepts or sends: ` +
        'write such rules by hand before it is used',
    );
    cli.exitCode = exitCodes.refused;
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    throw new CliError(exitCodes.refused, `${file}:${error.line}: ${error.message}`);
  }
}
