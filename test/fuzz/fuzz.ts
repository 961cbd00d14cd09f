import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CollisionSearch, longestAllowed } from './collisions.ts';
import { fuzzHistories } from './histories.ts';
import { type Operation, operationText, parseOperation } from './operation.ts';
import { fuzzOverTcp } from './over-tcp.ts';
import { fuzzRtr } from './rtr.ts';
import { fuzz, type FuzzResult, type Tally } from './run.ts';
import { headline, replay, shrink } from './shrink.ts';

/**
 * `npm run fuzz -- --seconds 60 [--seed 1] [--messages N]`: in this process, against the naive twins; with `--tcp`
 * against the daemon in a process of its own; with `--rib` random histories of the RIB against its oracle; with `--rtr`
 * RTR caches that say anything, against the client and the data; with `--hashes` a search for keys with equal hashes in
 * all that a peer can fill. `-- --replay FILE` repeats what was found. Ends with status 1 when something is wrong; then
 * a file holds the shortest way there that was found.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '60' },
      messages: { type: 'string', default: 'Infinity' },
      seed: { type: 'string' },
      replay: { type: 'string' },
      tcp: { type: 'boolean', default: false },
      rib: { type: 'boolean', default: false },
      rtr: { type: 'boolean', default: false },
      hashes: { type: 'boolean', default: false },
    },
  });
  if (values.replay !== undefined) return replayFile(values.replay);
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
  print(`seed ${seed}`);
  if (values.tcp) return overTcp(Number(values.seconds), seed);
  if (values.rib) return print(`${fuzzHistories(Number(values.seconds), seed)} histories`);
  if (values.rtr) return overRtr(Number(values.seconds), seed);
  if (values.hashes) return searchCollisions(Number(values.seconds), seed);
  const result = await fuzz({
    seed,
    seconds: Number(values.seconds),
    messages: Number(values.messages),
    checkEvery: 10_000,
    onProgress: progress(),
  });
  report(result.tally);
  for (const line of result.grown) print(`GROWN ${line}`);
  if (result.failure !== undefined) await keepFailure(result.failure, seed);
  if (result.failure !== undefined || result.grown.length > 0) process.exitCode = 1;
}

async function overTcp(seconds: number, seed: number): Promise<void> {
  const { messages, connections, memory, faults } = await fuzzOverTcp(seconds, seed);
  print(`${messages} messages over ${connections} connections, ${rateOf(messages, seconds)}`);
  print(`resident: ${memory.text} MiB; late to early ${memory.lateToEarly.toFixed(3)}`);
  for (const fault of faults) print(`DOES NOT HOLD: ${fault}`);
  if (faults.length > 0) process.exitCode = 1;
}

function overRtr(seconds: number, seed: number): void {
  const { pdus, refused, clients, loads, contradictions } = fuzzRtr(seconds, seed);
  print(`${pdus} PDUs, ${refused} of them refused; ${clients} clients`);
  print(`${loads} answers taken over, ${contradictions} of them refused for what they contradict`);
}

function searchCollisions(seconds: number, seed: number): void {
  const search = new CollisionSearch(seed);
  const endMs = performance.now() + seconds * 1000;
  while (performance.now() < endMs) search.round();
  for (const { name, keys, longestChain, cancelling } of search.tallies) {
    print(`${name}: ${keys} keys, ${longestChain} slots behind their own at most`);
    for (const difference of cancelling.slice(0, 5)) print(`DOES NOT HOLD: ${difference} cancels`);
    if (cancelling.length > 0 || longestChain > longestAllowed) process.exitCode = 1;
  }
}

async function keepFailure(
  { error, operations }: NonNullable<FuzzResult['failure']>,
  seed: number,
): Promise<void> {
  print(error instanceof Error ? (error.stack ?? error.message) : String(error));
  const few = await shrink(operations, headline(error));
  const folder = join(import.meta.dirname, 'findings');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `seed-${seed}.txt`);
  writeFileSync(file, `${(few ?? operations).map(operationText).join('\n')}\n`);
  if (few === undefined)
    print('the last operations alone do not show it; all of them are in the file');
  print(`${(few ?? operations).length} operations; npm run fuzz -- --replay ${file}`);
}

async function replayFile(file: string): Promise<void> {
  const fault = await replay(readOperations(file));
  print(fault ?? 'nothing is wrong');
  if (fault !== undefined) process.exitCode = 1;
}

function readOperations(file: string): Operation[] {
  return readFileSync(file, 'utf8').trim().split('\n').map(parseOperation);
}

/** A line every ten seconds. */
function progress(): (tally: Tally) => void {
  let dueSec = 10;
  return ({ seconds, messages, checks }) => {
    if (seconds < dueSec) return;
    dueSec += 10;
    const rate = rateOf(messages, seconds);
    print(`${Math.round(seconds)} s: ${messages} messages, ${rate}, ${checks} comparisons`);
  };
}

function report(tally: Tally): void {
  const { messages, seconds, checks, endings, updateErrors, events, samples } = tally;
  print(`${messages} messages in ${seconds.toFixed(1)} s: ${rateOf(messages, seconds)}`);
  print(`${checks} comparisons with the oracle`);
  print(`connections ended by ${rowsText(endings)}`);
  print(`UPDATEs with errors: ${rowsText(updateErrors)}`);
  print(`events: ${rowsText(events)}`);
  print(`heap: ${samples.map((sizes) => sizes.get('heap, KiB')).join(' ')} KiB`);
}

function rowsText(rows: ReadonlyMap<string, number>): string {
  const sorted = [...rows].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([name, count]) => `${name || 'the peer'}: ${count}`).join(', ');
}

function rateOf(messages: number, seconds: number): string {
  return `${Math.round(messages / seconds)}/s`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

process.on('unhandledRejection', (error) => {
  print(`unhandled rejection: ${String(error)}`);
  process.exit(1);
});
await main();
process.exit();
