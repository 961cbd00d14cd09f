import { type Command, Option } from 'commander';
import { birdFamilies, type BirdFamily } from '#interop/render/bird-syntax.ts';
import { type PeerDaemon, peerDaemons } from '#interop/render/peer-daemons.ts';
import { type SiblingDaemon, siblingDaemons } from '#interop/sibling/sibling-daemons.ts';
import { CliError, exitCodes } from '../../cli-error.ts';
import type { Cli } from '../../cli-parts.ts';
import { loadedConfig } from '../../configuration.ts';
import { examples } from '../../examples.ts';

/** This command needs no daemon: it reads the configuration. */
export function addRender(parent: Command, cli: Cli): void {
  parent
    .command('render')
    .summary('print the configuration of a neighbour, or of another route server')
    .description(
      'Prints a complete configuration of ExaBGP, BIRD, FRR, OpenBGPD or GoBGP for the other side of a session, or ' +
        'of BIRD or FRR as another route server that sends the same routes to the same peers. TCP MD5 keys are left for you to fill in.',
    )
    .addOption(new Option('--for <daemon>', 'the daemon on the other side').choices(peerDaemons))
    .option('--peer <peer>', 'with --for: name or address of the peer in our configuration')
    .addOption(
      new Option('--sibling <daemon>', 'the daemon of another route server').choices(
        siblingDaemons,
      ),
    )
    .addOption(
      new Option(
        '--family <family>',
        'with --sibling bird1.6: ipv4 for the program bird, ipv6 for bird6',
      ).choices(birdFamilies),
    )
    .addHelpText(
      'after',
      examples(
        ['render --for exabgp --peer W1', 'configuration of the node W1'],
        ['render --for frr --peer ER2 > frr.conf', 'configuration of the router ER2'],
        ['render --sibling bird > bird.conf', 'a second route server with BIRD'],
        [
          'render --sibling bird1.6 --family ipv6 > bird6.conf',
          'the same for the bird6 of BIRD 1.6',
        ],
      ),
    )
    .action((options: Options) => render(cli, options));
}

interface Options {
  readonly for?: PeerDaemon;
  readonly peer?: string;
  readonly sibling?: SiblingDaemon;
  readonly family?: BirdFamily;
}

async function render(cli: Cli, options: Options): Promise<void> {
  const { RenderError } = await import('#interop/render/target.ts');
  try {
    cli.print((await rendered(cli, options)).trimEnd());
  } catch (error) {
    if (error instanceof RenderError) throw new CliError(exitCodes.refused, error.message);
    throw error;
  }
}

async function rendered(cli: Cli, options: Options): Promise<string> {
  const { for: daemon, peer, sibling, family } = options;
  if (family !== undefined && sibling !== 'bird1.6') {
    throw new CliError(exitCodes.usage, '--family can only be used with --sibling bird1.6');
  }
  if (sibling !== undefined && daemon === undefined && peer === undefined) {
    const { renderSibling } = await import('#interop/sibling/sibling.ts');
    return renderSibling(await loadedConfig(cli), sibling, family);
  }
  if (sibling === undefined && daemon !== undefined && peer !== undefined) {
    const { renderPeer } = await import('#interop/render/render.ts');
    return renderPeer(await loadedConfig(cli), daemon, peer);
  }
  throw new CliError(exitCodes.usage, 'expected --for and --peer, or --sibling');
}
