import { type Command, Option } from 'commander';
import type { SimulationView } from '#api/views/changes.ts';
import { type ChangesLimit, changesLimit, withChangesLimit } from '../changes-limit.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import type { Cli } from '../cli-parts.ts';
import { askingWith, configText } from '../config-text.ts';
import { examples } from '../examples.ts';
import { once } from '../targets.ts';
import { scenariosText, scenarioText } from '../views/changes.ts';
import { ownConfig, shownTerm } from '../words.ts';

const domains = ['node', 'site', 'rack', 'peer'] as const;

type Options = ChangesLimit & {
  readonly [Domain in (typeof domains)[number]]?: string;
} & { readonly each?: string; readonly newConfig?: string };

export function addWhatif(parent: Command, cli: Cli): void {
  const command = parent
    .command('whatif')
    .summary('show what happens if a node, site, rack or peer fails')
    .description(
      'Shows, before and after, which node serves each prefix, which prefixes go dark and which lose their last backup if a ' +
        'node fails or another configuration is applied. Where services are configured, it uses the terms of `show services`. ' +
        'Routes that graceful restart would keep for a while count as removed. The exit status is 1 if ' +
        'anything goes dark. Nothing is changed.',
    )
    .option('--node <name>', 'all peers of this node fail', once('--node'))
    .option('--site <name>', 'all peers of this site fail', once('--site'))
    .option('--rack <name>', 'all peers of this rack fail', once('--rack'))
    .option('--peer <peer>', 'this peer fails; name or address', once('--peer'))
    .addOption(
      new Option('--each <what>', 'each one fails in turn; print one line for each').choices(
        domains,
      ),
    )
    .option(`${ownConfig} <FILE>`, 'this configuration is applied; -c still names the present one')
    .configureHelp({ showGlobalOptions: true, optionTerm: shownTerm })
    .addHelpText(
      'after',
      examples(
        ['whatif --node w1', 'which nodes take over from w1, and which prefixes none can'],
        ['whatif --site dc1', 'a whole site'],
        ['whatif --each node', 'find the weak points'],
        ['whatif --config new.yaml', 'as it would be after a reload'],
      ),
    );
  withChangesLimit(command).action((options: Options) => whatif(cli, options));
}

async function whatif(cli: Cli, options: Options): Promise<void> {
  const body = await bodyOf(options);
  const { text, value } = await askingWith(cli, options.newConfig, () =>
    cli.client().post<SimulationView>('/api/v1/simulate', body),
  );
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
