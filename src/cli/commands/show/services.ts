import type { Command } from 'commander';
import type { ServiceView } from '#api/views/service.ts';
import { exitCodes } from '../../cli-error.ts';
import type { Cli } from '../../cli-parts.ts';
import { examples } from '../../examples.ts';
import { servicesText } from '../../views/services.ts';

export function addShowServices(parent: Command, cli: Cli): void {
  parent
    .command('services')
    .alias('service')
    .summary('show which node serves each address, and which would take over')
    .description(
      'Shows a table of service addresses and nodes: MED, best path, backups, and what is missing. ' +
        'The exit status is 1 if an address is dark or served by a node that is down.',
    )
    .argument('[name]', 'name of one service')
    .addHelpText('after', examples(['show services', 'all services'], ['show services web', 'one']))
    .action(async (name: string | undefined) => {
      const { text, services } = await fetchServices(cli, name);
      cli.print(cli.settings().json ? text : servicesText(cli, services));
      if (services.some(({ state }) => isDark(state))) cli.exitCode = exitCodes.refused;
    });
}

async function fetchServices(
  cli: Cli,
  name: string | undefined,
): Promise<{ text: string; services: readonly ServiceView[] }> {
  if (name !== undefined) {
    const url = `/api/v1/services/${encodeURIComponent(name)}`;
    const { text, value } = await cli.client().get<ServiceView>(url);
    return { text, services: [value] };
  }
  const { text, value } = await cli.client().get<{ items: ServiceView[] }>('/api/v1/services');
  return { text, services: value.items };
}

function isDark(state: ServiceView['state']): boolean {
  return state === 'absent' || state === 'only_down_paths';
}
