import type { Command } from 'commander';
import type { CoherenceView } from '#api/views/coherence.ts';
import { isIncoherent } from '#words/coherence.ts';
import { exitCodes } from '../../cli-error.ts';
import type { Cli } from '../../cli-parts.ts';
import { examples } from '../../examples.ts';
import { coherenceText } from '../../views/coherence.ts';

export function addShowCoherence(parent: Command, cli: Cli): void {
  parent
    .command('coherence')
    .summary('show whether the other route servers select the same best routes')
    .description(
      'Compares the best route to each address of a service with that of every sibling route server that is ' +
        'observed, and says what differs and why. The exit status is 1 if any has differed for longer than ' +
        'coherence.debounce.',
    )
    .addHelpText('after', examples(['show coherence', '']))
    .action(async () => {
      const { text, value } = await cli.client().get<CoherenceView>('/api/v1/coherence');
      cli.print(cli.settings().json ? text : coherenceText(cli, value));
      if (isIncoherent(value)) cli.exitCode = exitCodes.refused;
    });
}
