import type { Command } from 'commander';
import type { Cli } from '../cli-parts.ts';
import { examples } from '../examples.ts';
import { postCommand } from '../outcome.ts';
import { peerPath } from '../pages.ts';
import { reasonBody, reasonOption, type ReasonOptions } from '../reason.ts';

export function addDisable(parent: Command, cli: Cli): void {
  parent
    .command('disable')
    .summary('keep a peer down')
    .description(
      'Ends the session with a peer and keeps it down, also through a reload, until `enable` or until the' +
        ' daemon ends.',
    )
    .argument('<peer>', 'name or address')
    .argument('[reason]', 'reason that is sent to the peer; a single word needs --reason')
    .addOption(reasonOption())
    .addHelpText(
      'after',
      examples(
        ['disable W1 --reason maintenance', 'with a reason that is sent to the peer (RFC 9003)'],
        ['disable W1 "switch replaced"', 'the same; the reason contains a space'],
      ),
    )
    .action((peer: string, second: string | undefined, options: ReasonOptions) =>
      postCommand(cli, peerPath(peer, '/disable'), reasonBody(second, options)),
    );
}
