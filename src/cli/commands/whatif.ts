import { type Command, Option } from 'commander';
import type { SimulationView } from '#api/changes.ts';
import { type ChangesLimit, changesLimit, withChangesLimit } from '../changes-limit.ts';
import { configText } from '../config-text.ts';
import { examples } from '../examples.ts';
import { type Cli, CliError, exitCodes } from '../host.ts';
import { scenarioText, scenariosText } from '../views/changes.ts';
import { ownConfig, shownTerm } from '../words.ts';

const domains = ['node', 'site', 'rack', 'peer'] as const;

type Options = ChangesLimit & {
  readonly [Domain in (typeof domains)[number]]?: string;
} & { readonly each?: string; readonly newConfig?: string };

export function addWhatif(parent: Command, cli: Cli): void {
  const command = parent
    .command('whatif')
    .summary('what happens if a node, site, rack or peer is gone')
    .description(
      'Tells who serves what before and after, what goes dark and what is left without a backup if a ' +
        'node dies, or another configuration runs; in the words of `show services` where services are ' +
        'configured. What graceful restart would keep for a while counts as gone. Ends with status 1 if ' +
        'something goes dark. Changes nothing.',
    )
    .option('--node <name>', 'all peers of this node are gone')
    .option('--site <name>', 'all peers of this site')
    .option('--rack <name>', 'all peers of this rack')
    .option('--peer <peer>', 'this peer, by name or address')
    .addOption(new Option('--each <what>', 'each by itself, a line each').choices(domains))
    .option(`${ownConfig} <FILE>`, 'this configuration runs; the present one is still -c')
    .configureHelp({ showGlobalOptions: true, optionTerm: shownTerm })
    .addHelpText(
      'after',
      examples(
        ['whatif --node w1', 'who takes over from w1, and where nobody does'],
        ['whatif --site dc1', 'a whole site'],
        ['whatif --each node', 'the weak points'],
        ['whatif --config new.yaml', 'as it would be after a reload'],
      ),
    );
  withChangesLimit(command).action((options: Options) => whatif(cli, options));
}

async function whatif(cli: Cli, options: Options): Promise<void> {
  const body = await bodyOf(options);
  const { text, value } = await cli.client().post<SimulationView>('/api/v1/simulate', body);
  cli.print(cli.settings().json ? text : simulationText(cli, options, value));
  if (value.items.some(({ counts }) => counts.dark > 0)) cli.exitCode = exitCodes.refused;
}

async function bodyOf({ newConfig, each, ...options }: Options): Promise<object> {
  const gone = domains.filter((domain) => options[domain] !== undefined);
  const given = gone.length + [each, newConfig].filter((it) => it !== undefined).length;
  if (given !== 1) {
    const words = 'one of --node, --site, --rack, --peer, --each and --config';
    throw new CliError(exitCodes.usage, `expected ${words}`);
  }
  if (each !== undefined) return { each, limit: changesLimit(options, 0) };
  const limit = changesLimit(options);
  if (newConfig !== undefined) return { config: await configText(newConfig), limit };
  return { [gone[0]]: options[gone[0]], limit };
}

function simulationText(cli: Cli, { each }: Options, { items }: SimulationView): string {
  if (each !== undefined) return scenariosText(cli, items);
  return items.map((scenario) => scenarioText(cli, scenario)).join('\n\n');
}
