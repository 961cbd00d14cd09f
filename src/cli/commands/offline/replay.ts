import type { Command } from 'commander';
import type { ExplainView } from '#api/views/explain.ts';
import type { Config, PeerConfig } from '#config/config.ts';
import { messageOf } from '#text/message-of.ts';
import type { Prefix } from '#wire/nlri.ts';
import { CliError, exitCodes } from '../../cli-error.ts';
import type { Cli } from '../../cli-parts.ts';
import { loadedConfig } from '../../configuration.ts';
import { examples } from '../../examples.ts';
import { replayText } from '../../views/replay.ts';

interface Options {
  readonly as?: string;
  readonly until?: string;
  readonly explain?: readonly string[];
}

/** This command needs no daemon: it reads files and runs the daemon's decision code. */
export function addReplay(parent: Command, cli: Cli): void {
  parent
    .command('replay')
    .summary('replay MRT files on a configuration, without a daemon')
    .description(
      'Replays MRT files (BGP4MP, TABLE_DUMP_V2; plain or gzip) in the order given, with the decision code of the daemon and ' +
        'without a network. Shows what each peer of the configuration sent, how much of it was accepted, and how the best paths of ' +
        'service addresses moved. Peers are recognized by their addresses. The exit status is 1 if a file cannot be read.',
    )
    .argument('<file...>', 'MRT files, the earliest first')
    .option('--as <peer>', 'treat everything in the files as announced by this peer')
    .option('--until <time>', 'stop at the first record after this time (RFC 3339)')
    .option(
      '--explain <prefix>',
      'explain this prefix as it is at the end; may be repeated',
      (prefix: string, before: readonly string[] = []) => [...before, prefix],
    )
    .addHelpText(
      'after',
      examples(
        ['replay updates.20261129.0645.mrt.gz', 'what happened in that quarter of an hour'],
        [
          'replay rib.*.mrt.gz --as W1 --explain 2001:db8:30::1',
          'what would follow if W1 announced all of it',
        ],
        ['replay updates.*.mrt.gz --until 2026-11-29T03:12:00Z', 'the state at that time'],
      ),
    )
    .action((files: string[], options: Options) => replay(cli, files, options));
}

async function replay(cli: Cli, files: readonly string[], options: Options): Promise<void> {
  const { json } = cli.settings();
  const config = await loadedConfig(cli);
  const wanted = await explainedPrefixes(options.explain ?? []);
  const { Replay } = await import('#replay/replay.ts');
  const { replayFile, ReplayError } = await import('#replay/replay-files.ts');
  const player = new Replay(config, {
    ...(options.as !== undefined && { as: peerNamed(config, options.as) }),
    ...(options.until !== undefined && { untilMs: timeOf(options.until) }),
  });
  for (const path of files) {
    try {
      const { isCutOff } = await replayFile(player, path);
      if (isCutOff) cli.warn(`${path}: the end is missing; replayed as far as it goes`);
    } catch (error) {
      if (error instanceof ReplayError) throw new CliError(exitCodes.refused, error.message);
      throw error;
    }
  }
  const explained = wanted.flatMap(({ text, prefix }): ExplainView[] => {
    const view = player.server.explain(prefix);
    if (view === undefined) cli.warn(`${text}: no peer announces it`);
    return view === undefined ? [] : [view];
  });
  const report = player.report();
  cli.print(
    json ? JSON.stringify({ ...report, explain: explained }) : replayText(cli, report, explained),
  );
}

function peerNamed({ peers }: Config, name: string): PeerConfig {
  const peer = peers.find((one) => one.name === name);
  if (peer === undefined)
    throw new CliError(exitCodes.usage, `--as ${name}: the configuration has no such peer`);
  return peer;
}

function timeOf(text: string): number {
  const wallMs = Date.parse(text);
  if (Number.isNaN(wallMs)) {
    throw new CliError(
      exitCodes.usage,
      `--until ${text}: expected a time such as 2026-11-29T03:12:00Z`,
    );
  }
  return wallMs;
}

async function explainedPrefixes(
  texts: readonly string[],
): Promise<{ readonly text: string; readonly prefix: Prefix }[]> {
  const { parseAddressOrPrefix } = await import('#text/prefix.ts');
  return texts.map((text) => {
    try {
      return { text, prefix: parseAddressOrPrefix(text) };
    } catch (error) {
      throw new CliError(exitCodes.usage, `--explain: ${messageOf(error)}`);
    }
  });
}
