import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { BfdEnds } from '#support/bfd-ends.ts';
import type { Daemon } from '#support/process.ts';
import { giveProcessor, onProcessor } from '#support/real-time.ts';
import { pause, waitFor } from '#support/wait.ts';
import {
  bgpPort,
  type Family,
  routeServerAddress,
  type Speaker,
  speaker,
  speakers,
} from './addresses.ts';
import type { Contender, RouteServerTask } from './daemons/contender.ts';
import type { LoadOrder } from './load/main.ts';
import { processFigures } from './load/process-figures.ts';
import type { Figures, Outcome } from './measures.ts';
import type { Trial } from './plan.ts';
import { Wire } from './wire.ts';
import { refusedAfterReload } from './workloads/exchange.ts';
import { workloadOf } from './workloads/job.ts';

const httpListen = '127.0.0.1:9179';
const rtrPort = 3323;
const bmpPort = 11019;
const bfdAtRestSec = 5;
/** For an undisturbed trial. */
const processors = { load: 0, daemon: 1 } as const;

/** Runs one workload against one daemon, in a network of its own; `limitSec` applies to each phase. */
export async function runOnce(
  contender: Contender,
  trial: Omit<Trial, 'id' | 'group' | 'against' | 'isWatched'>,
  limitSec: number,
): Promise<Outcome> {
  const { job, hasAudience = false, bfdSessions = 0, vrps = 0, hasCollector = false } = trial;
  const isUndisturbed = trial.isUndisturbed === true && availableParallelism() > 1;
  const { family, nodes, routers, holdTimeSec, isExchange = false } = workloadOf(job).shape;
  const bfdPeers = speakers(family, 'node', nodes + bfdSessions).slice(nodes);
  const task = {
    family,
    nodes: speakers(family, 'node', nodes),
    routers: speakers(family, 'router', routers),
    holdTimeSec,
    ...(bfdSessions > 0 && { bfdPeers }),
    ...(hasAudience && { httpListen }),
    ...(isExchange && { exchange: {} }),
    ...(vrps > 0 && { rtrCache: besideLoad(family, rtrPort) }),
    ...(hasCollector && { bmpCollector: besideLoad(family, bmpPort) }),
  };
  const wire = new Wire(family, [...task.nodes, ...task.routers, ...bfdPeers]);
  try {
    const { folder } = wire.daemonHost;
    const helpers = [
      ...(vrps > 0 ? [await startBeside(wire, 'rtr-cache', [rtrPort, vrps])] : []),
      ...(hasCollector ? [await startBeside(wire, 'collector', [bmpPort])] : []),
    ];
    const { files, argv } = contender.launch({ ...task, folder });
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(folder, name), text, { mode: 0o600 });
    }
    const daemon = wire.daemonHost.start(contender.make, argv);
    await Promise.all(helpers.map((each) => says(each, 'called')));
    await listening(wire, daemon);
    const daemonPids = wire.daemonPids();
    if (isUndisturbed) for (const pid of daemonPids) giveProcessor(pid, processors.daemon);
    const { rssMb } = processFigures(daemonPids);
    const bfd = bfdSessions > 0 ? await startBfd(wire, family, bfdPeers, daemonPids) : undefined;
    if (hasAudience) startAudience(wire);
    // What it reports about itself is counted from here on.
    await contender.figures?.(folder);
    const reload = isExchange ? nextConfiguration(contender, { ...task, folder }) : {};
    const { ageSignal } = contender;
    const ask = contender.ask?.(folder);
    const age = ageSignal === undefined ? {} : { ageSignal };
    const commands = { ...reload, ...age, ...(ask !== undefined && { ask }) };
    const order = { job, daemonPids, limitSec, ...commands };
    const prefix = isUndisturbed ? onProcessor(processors.load) : [];
    const outcome = await generate(wire, daemon, order, prefix);
    const own = daemon.isRunning ? await contender.figures?.(folder) : undefined;
    if (contender.isProfiled === true) await end(daemon);
    const beside = { empty: { rssMb }, own: own ?? {}, ...bfd?.() };
    return { ...outcome, measures: { ...outcome.measures, ...beside } };
  } finally {
    await wire.close();
  }
}

/** Returns the address and port of a listener in the namespace of the load generator. */
function besideLoad(family: Family, port: number): string {
  const { address } = speaker(family, 'node', 0);
  return family === 'ipv6' ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Started, and ready to accept connections; otherwise the daemon might not dial again for minutes. */
async function startBeside(
  { loadHost }: Wire,
  name: string,
  args: readonly number[],
): Promise<Daemon> {
  const main = join(import.meta.dirname, 'load', `${name}.ts`);
  const started = loadHost.start(name, [process.execPath, main, ...args.map(String)]);
  await says(started, 'listening');
  return started;
}

async function says(daemon: Daemon, word: string): Promise<void> {
  await waitFor(`“${word}” from\n${daemon.report()}`, () => daemon.log.includes(word), Boolean);
}

function startAudience({ daemonHost }: Wire): void {
  const main = join(import.meta.dirname, 'load/audience.ts');
  daemonHost.start('audience', [process.execPath, main, httpListen]);
}

/**
 * Brings all sessions up and measures what they cost at rest. Returns a function that, after the workload, returns what
 * happened to them.
 */
async function startBfd(
  wire: Wire,
  family: Family,
  peers: readonly Speaker[],
  pids: readonly number[],
): Promise<() => Record<'bfd', Figures>> {
  const ends = new BfdEnds(wire.loadHost, {
    addresses: peers.map(({ address }) => address),
    daemon: routeServerAddress[family],
    terms: { minTxMs: 100, minRxMs: 100, multiplier: 3 },
  });
  await ends.allUp();
  const before = processFigures(pids);
  await pause(bfdAtRestSec * 1000);
  const cpuPerSec = (processFigures(pids).cpuSec - before.cpuSec) / bfdAtRestSec;
  return () => {
    const { lostHere, lostThere, latestMs } = ends.figures();
    return { bfd: { cpuPerSec, falseDowns: lostHere + lostThere, lostHere, lostThere, latestMs } };
  };
}

/** The configuration to which the workload makes it reload: the import policy of all members refuses some routes. */
function nextConfiguration(contender: Contender, task: RouteServerTask): Pick<LoadOrder, 'reload'> {
  const argv = contender.reload?.(task.folder);
  if (argv === undefined) return {};
  const { files } = contender.launch({ ...task, exchange: { refused: refusedAfterReload } });
  const paths = Object.entries(files).map(([name, text]) => [join(task.folder, name), text]);
  return { reload: { files: Object.fromEntries(paths), argv } };
}

/** Waits until the port is open, and half a second more for what a daemon still has to set up. */
async function listening(wire: Wire, daemon: Daemon): Promise<void> {
  const look = (): boolean => wire.daemonPids().some(isListening);
  await waitFor(`a listener of\n${daemon.report()}`, look, (is) => is || !daemon.isRunning);
  if (!daemon.isRunning) throw new Error(`it does not start:\n${daemon.report()}`);
  await pause(500);
}

/** /proc shows a process the sockets of its own namespace. State 0A is LISTEN. */
function isListening(pid: number): boolean {
  const port = bgpPort.toString(16).toUpperCase().padStart(4, '0');
  const pattern = new RegExp(`^\\s*\\d+: [0-9A-F]+:${port} [0-9A-F]+:0000 0A `, 'm');
  return ['tcp', 'tcp6'].some((file) =>
    pattern.test(readFileSync(`/proc/${pid}/net/${file}`, 'latin1')),
  );
}

/** `prefix` holds the first words of the command of the load generator. */
async function generate(
  wire: Wire,
  daemon: Daemon,
  order: LoadOrder,
  prefix: readonly string[],
): Promise<Outcome> {
  const main = join(import.meta.dirname, 'load/main.ts');
  const node = [process.execPath, '--max-semi-space-size=64'];
  const load = wire.loadHost.start('load', [...prefix, ...node, main, JSON.stringify(order)]);
  const { code } = await load.exited;
  if (code === 0 && daemon.isRunning) return JSON.parse(load.log);
  const words = `${load.report()}${daemon.report()}`;
  return { measures: {}, failure: { words, didNotFinish: false } };
}

/** Ends it in an orderly way, so that a profiler writes what it has seen; `close` kills what is left. */
async function end(daemon: Daemon): Promise<void> {
  daemon.signal('SIGTERM');
  await Promise.race([daemon.exited, pause(5000)]);
}
