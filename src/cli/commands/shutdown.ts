import type { Command } from 'commander';
import { CliError, exitCodes } from '../cli-error.ts';
import type { Cli } from '../cli-parts.ts';
import { millisecondsOf } from '../duration.ts';
import { examples } from '../examples.ts';
import { postCommand } from '../outcome.ts';

const pollMs = 250;

interface Options {
  readonly graceful?: boolean;
  readonly wait: string;
  readonly force?: boolean;
}

export function addShutdown(parent: Command, cli: Cli): void {
  parent
    .command('shutdown')
    .summary('stop the daemon; --graceful: routers change over first')
    .description(
      'Ends every session with Cease and stops the daemon. With --graceful clients that have ' +
        'send_graceful_shutdown: true are first sent every route once more with the community GRACEFUL_SHUTDOWN ' +
        '(RFC 8326), and the sessions end after --wait. That is refused where a sibling is unknown, or no ' +
        'sibling has a route to an address. Returns when the daemon has stopped.',
    )
    .option('--graceful', 'send routes with GRACEFUL_SHUTDOWN first')
    .option('--wait <duration>', 'with --graceful: how long routers have to change over', '30s')
    .option('--force', 'shut down even if siblings are unknown or lack a route to an address')
    .addHelpText(
      'after',
      examples(['shutdown --graceful --wait 30s', 'before an upgrade, one route server at a time']),
    )
    .action((options: Options) => shutdown(cli, options));
}

async function shutdown(cli: Cli, { graceful, wait, force }: Options): Promise<void> {
  const waitMs = millisecondsOf('--wait', wait);
  await postCommand(cli, '/api/v1/shutdown', {
    ...(graceful === true && { graceful, wait_s: waitMs / 1000 }),
    ...(force === true && { force }),
  });
  while (await isThere(cli)) {
    await new Promise<void>((resolve) => {
      cli.host.clock.after(pollMs, resolve);
    });
  }
}

/** Returns whether the daemon still answers. */
async function isThere(cli: Cli): Promise<boolean> {
  try {
    await cli.client().get('/api/v1/status');
    return true;
  } catch (error) {
    if (error instanceof CliError && error.exitCode === exitCodes.noDaemon) return false;
    throw error;
  }
}
