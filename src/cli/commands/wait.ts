import type { Command } from 'commander';
import type { NodeEffectView } from '#api/views/drain.ts';
import { messageOf } from '#text/message-of.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import type { Cli } from '../cli-parts.ts';
import { Refusal } from '../client.ts';
import { millisecondsOf } from '../duration.ts';
import { examples } from '../examples.ts';
import { once } from '../targets.ts';

const pollMs = 500;
/** A route server that takes longer than this to answer is asked again. */
const patienceMs = 5000;

interface Options {
  readonly node: string;
  readonly moved?: boolean;
  readonly timeout: string;
  readonly url?: readonly string[];
}

export function addWait(parent: Command, cli: Cli): void {
  parent
    .command('wait')
    .summary('wait until routers no longer use a node')
    .description(
      'Asks route servers, by HTTP and without a token, until all of them report that no router is sent to the node. It is ' +
        'for a node that takes itself out of service and waits before it stops. The exit status is 1 at the ' +
        'timeout, with what is missing on stderr; it never takes longer. Without --url the local daemon is asked.',
    )
    .requiredOption('--node <name>', 'the node', once('--node'))
    .option('--moved', 'wait until its traffic has moved')
    .option('--timeout <duration>', 'maximum time to wait', '60s')
    .option('--url <url>', 'a route server, such as http://rs9:9179; may be repeated', collect)
    .addHelpText(
      'after',
      examples(
        ['wait --node w1 --moved --url http://rs9:9179 --url http://rs10:9179', ''],
        ['wait --node w1 --moved --timeout 30s', 'ask the local daemon'],
      ),
    )
    .action((options: Options) => waitUntilMoved(cli, options));
}

function collect(url: string, before: readonly string[] = []): readonly string[] {
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw new CliError(
      exitCodes.usage,
      `--url ${url}: expected an address such as http://rs9:9179`,
    );
  }
  return [...before, url];
}

async function waitUntilMoved(
  cli: Cli,
  { node, moved, timeout, url = [] }: Options,
): Promise<void> {
  if (moved !== true) throw new CliError(exitCodes.usage, 'expected --moved');
  const { clock } = cli.host;
  const deadline = clock.monotonic() + millisecondsOf('--timeout', timeout);
  const servers = url.length === 0 ? [undefined] : url;
  for (;;) {
    const leftMs = Math.max(0, deadline - clock.monotonic());
    const missing = (
      await Promise.all(servers.map((server) => missingAt(cli, server, node, leftMs)))
    ).flat();
    if (missing.length === 0) return cli.print(`no router is sent to ${node}`);
    if (missing.length === servers.length && missing.every(({ isForGood }) => isForGood)) {
      throw new CliError(exitCodes.refused, textsOf(missing));
    }
    if (clock.monotonic() >= deadline) {
      throw new CliError(exitCodes.refused, `${node} has not moved: ${textsOf(missing)}`);
    }
    await new Promise<void>((resolve) => {
      clock.after(Math.min(pollMs, deadline - clock.monotonic()), resolve);
    });
  }
}

interface Missing {
  readonly text: string;
  /** The server knows no such node, so waiting changes nothing. */
  readonly isForGood: boolean;
}

function textsOf(missing: readonly Missing[]): string {
  return missing.map(({ text }) => text).join('; ');
}

/** Returns what keeps the server from reporting that the node has moved; empty when it reports it. */
async function missingAt(
  cli: Cli,
  server: string | undefined,
  node: string,
  leftMs: number,
): Promise<Missing[]> {
  const path = `/api/v1/nodes/${encodeURIComponent(node)}/effect`;
  const name = server ?? 'the local daemon';
  try {
    const effect =
      server === undefined
        ? (await cli.client().get<NodeEffectView>(path)).value
        : await fetchEffect(new URL(path, server), leftMs);
    if (effect.moved) return [];
    const { counts, rows } = effect;
    const [first] = rows;
    const more = first === undefined ? '' : `; ${first.prefix} at ${first.router}: ${first.why}`;
    return [
      { text: `${name}: ${counts.no} no, ${counts.unknown} unknown${more}`, isForGood: false },
    ];
  } catch (error) {
    const kind = error instanceof Refusal ? error.problem.kind : undefined;
    return [{ text: `${name}: ${messageOf(error)}`, isForGood: kind === 'unknown_node' }];
  }
}

async function fetchEffect(url: URL, leftMs: number): Promise<NodeEffectView> {
  const signal = AbortSignal.timeout(Math.max(1, Math.min(patienceMs, leftMs)));
  const response = await fetch(url, { signal, redirect: 'error' });
  const body: unknown = await response.json();
  if (isEffect(body)) return body;
  const problem = isProblem(body) ? body : {};
  throw new Refusal(response.status, `HTTP status ${response.status}`, problem);
}

function isEffect(body: unknown): body is NodeEffectView {
  return typeof body === 'object' && body !== null && 'moved' in body && 'counts' in body;
}

function isProblem(body: unknown): body is Refusal['problem'] {
  if (typeof body !== 'object' || body === null || !('detail' in body)) return false;
  return typeof body.detail === 'string';
}
