import { type Command, Option } from 'commander';
import type { Config } from '#config/config.ts';
import { type PeerDaemon, peerDaemons } from '#interop/render/peer-daemons.ts';
import { plural } from '#words/text.ts';
import { examples } from '../examples.ts';
import { type Cli, CliError, exitCodes } from '../host.ts';
import { problemLines } from '../problems.ts';

/** Needs no daemon: it reads the configuration. */
export function addRender(parent: Command, cli: Cli): void {
  parent
    .command('render')
    .summary('print the configuration of the other side of a session')
    .description(
      'Prints a complete configuration of ExaBGP, BIRD, FRR, OpenBGPD or GoBGP for the other side of a session. ' +
        'TCP MD5 keys are left for you to fill in.',
    )
    .addOption(
      new Option('--for <daemon>', 'the daemon on the other side')
        .choices(peerDaemons)
        .makeOptionMandatory(),
    )
    .requiredOption('--peer <peer>', 'name or address of the peer in our configuration')
    .addHelpText(
      'after',
      examples(
        ['render --for exabgp --peer W1', 'configuration of the node W1'],
        ['render --for frr --peer ER2 > frr.conf', 'configuration of the router ER2'],
      ),
    )
    .action(({ for: daemon, peer }: { for: PeerDaemon; peer: string }) =>
      render(cli, daemon, peer),
    );
}

async function render(cli: Cli, daemon: PeerDaemon, peer: string): Promise<void> {
  const { renderPeer } = await import('#interop/render/render.ts');
  const { RenderError } = await import('#interop/render/target.ts');
  try {
    cli.print(renderPeer(await configOf(cli), daemon, peer).trimEnd());
  } catch (error) {
    if (error instanceof RenderError) throw new CliError(exitCodes.refused, error.message);
    throw error;
  }
}

async function configOf(cli: Cli): Promise<Config> {
  const { loadConfig } = await import('#config/load.ts');
  const file = cli.settings().config;
  const outcome = loadConfig(file);
  if (outcome.ok) return outcome.config;
  for (const line of problemLines(outcome.problems)) cli.host.stderr.write(`${line}\n`);
  throw new CliError(exitCodes.refused, `${file}: ${plural(outcome.problems.length, 'error')}`);
}
