import type { Command } from 'commander';
import type { RpkiView } from '#api/views/rpki.ts';
import type { Cli } from '../../cli-parts.ts';
import { examples } from '../../examples.ts';
import { rpkiText } from '../../views/rpki.ts';

export function addShowRpki(parent: Command, cli: Cli): void {
  parent
    .command('rpki')
    .summary('show RTR caches and the validated data in use')
    .description(
      'Shows each RTR cache, by preference: its state, the serial of its data, and when it was last updated; ' +
        'then how many VRPs and ASPAs are in use, and until when.',
    )
    .addHelpText('after', examples(['show rpki', 'all caches']))
    .action(async () => {
      const { text, value } = await cli.client().get<RpkiView>('/api/v1/rpki');
      cli.print(cli.settings().json ? text : rpkiText(cli, value));
    });
}
