import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { resolve } from 'node:path';
import { measureCases } from './cases.ts';
import { bird } from './daemons/bird.ts';
import type { Contender } from './daemons/contender.ts';
import { ageingFingerpost, command, fingerpost, watchedFingerpost } from './daemons/fingerpost.ts';
import { frr } from './daemons/frr.ts';
import { gobgp } from './daemons/gobgp.ts';
import { openbgpd } from './daemons/openbgpd.ts';
import { withService } from './daemons/with-service.ts';
import { machine, machineText } from './machine.ts';
import type { Outcome } from './measures.ts';
import { type Options, readOptions, usage } from './options.ts';
import {
  trials as allTrials,
  historyRounds,
  historyTrials,
  idleTrial,
  loopId,
  requestsTrial,
  type Trial,
} from './plan.ts';
import { plot } from './report/plot.ts';
import { Results } from './report/results.ts';
import { rows } from './report/rows.ts';
import { fanOutTable, growthTable, loadTable, verdictTable } from './report/table.ts';
import { type Verdict, verdictOf } from './report/verdict.ts';
import { runOnce } from './run.ts';
import { measureThreads } from './threads.ts';
import { measureVrps } from './vrps.ts';

/** `npm run bench`: the workloads of docs/performance.md against every daemon that is installed. */
async function main(): Promise<void> {
  if (process.argv.includes('--help')) {
    console.log(usage);
    return;
  }
  const options = readOptions(process.argv.slice(2));
  const contenders = present(options);
  const trials = allTrials(options.isQuick).filter(({ group }) => options.only.includes(group));
  const where = machine(contenders);
  console.log(`${machineText(where)}\n`);
  const results = await runAll(options, contenders, trials);
  if (options.only.includes('idle')) await measureIdle(options, contenders, results);
  await measureOurselves(options, trials, results);
  report(options, contenders, trials, results, where);
}

function present(options: Options): Contender[] {
  const profiler =
    options.profile === undefined
      ? []
      : ['--cpu-prof', `--cpu-prof-dir=${resolve(options.profile)}`];
  const all = [fingerpost(profiler), bird, frr, openbgpd, gobgp];
  const wanted = all.filter(({ make }) => make === 'fingerpost' || options.against.includes(make));
  for (const { make } of wanted.filter(({ program }) => program === undefined)) {
    console.error(`${make} is not installed: left out`);
  }
  return wanted.filter(({ program }) => program !== undefined);
}

/**
 * The runs are interleaved: each round has every trial, and each trial every daemon, beginning with another one each
 * time.
 */
async function runAll(
  options: Options,
  contenders: readonly Contender[],
  trials: readonly Trial[],
): Promise<Results> {
  const results = new Results();
  for (let round = 0; round < options.rounds; round++) {
    for (const trial of trials) {
      const asked = contenders.filter((each) => isAsked(each, trial, trials, results));
      for (const [at] of asked.entries()) {
        const contender = asked[(at + round) % asked.length];
        const outcome = await runOnce(contender, trial, options.limitSec);
        results.add(trial.id, contender.make, outcome);
        console.error(progress(round, trial, contender, outcome));
      }
    }
  }
  return results;
}

/**
 * Measures the first failover after idling, of our daemon as if it had idled for long, and of BIRD, for which idling
 * makes no difference.
 */
async function measureIdle(
  { isQuick, limitSec }: Options,
  contenders: readonly Contender[],
  results: Results,
): Promise<void> {
  const trial = idleTrial(isQuick);
  const others = contenders.filter(({ make }) => make === 'bird');
  for (const contender of [ageingFingerpost(), ...others]) {
    const outcome = await runOnce(contender, trial, limitSec);
    results.add(trial.id, contender.make, outcome);
    console.error(progress(0, trial, contender, outcome));
  }
}

/** Rows that no other daemon has: slices of the event loop, threads, cases, VRPs. */
async function measureOurselves(
  { only, limitSec, isQuick }: Options,
  trials: readonly Trial[],
  results: Results,
): Promise<void> {
  const watched = watchedFingerpost();
  for (const trial of trials.filter(({ isWatched }) => isWatched)) {
    const outcome = await runOnce(watched, trial, limitSec);
    results.add(loopId(trial), watched.make, outcome);
    console.error(progress(0, { ...trial, id: loopId(trial) }, watched, outcome));
  }
  if (only.includes('history')) await measureHistory(isQuick, limitSec, results);
  if (only.includes('requests')) {
    const trial = requestsTrial(isQuick);
    results.add(trial.id, watched.make, await runOnce(watched, trial, limitSec));
  }
  if (only.includes('threads')) {
    results.add('threads', watched.make, await measureThreads(command));
  }
  if (only.includes('cases')) results.add('cases', watched.make, measureCases());
  if (only.includes('vrps')) results.add('vrps', watched.make, measureVrps());
}

async function measureHistory(isQuick: boolean, limitSec: number, results: Results): Promise<void> {
  for (let round = 0; round < historyRounds(isQuick); round++) {
    for (const [at, trial] of historyTrials(isQuick).entries()) {
      const contender = withService(at === 1);
      const outcome = await runOnce(contender, trial, limitSec);
      results.add(trial.id, contender.make, outcome);
      console.error(progress(round, trial, contender, outcome));
    }
  }
}

/** A daemon that has failed once, or at a smaller size, is not run again. */
function isAsked(
  { make }: Contender,
  trial: Trial,
  trials: readonly Trial[],
  results: Results,
): boolean {
  const isWanted = make === 'fingerpost' || (trial.against?.includes(make) ?? true);
  const upToThis = trials.slice(0, trials.indexOf(trial) + 1);
  const sizes = upToThis.filter(({ group }) => group === trial.group);
  return isWanted && sizes.every(({ id }) => results.failure(id, make) === undefined);
}

function progress(
  round: number,
  { id }: Trial,
  { make }: Contender,
  { measures, failure }: Outcome,
): string {
  const phases = Object.entries(measures).filter(([, { wallSec }]) => wallSec !== undefined);
  const text = phases.map(
    ([name, { wallSec, cpuSec }]) => `${name} ${wallSec.toFixed(3)}/${cpuSec.toFixed(3)}`,
  );
  const words =
    failure === undefined ? '' : `\n${failure.didNotFinish ? '' : 'FAILED '}${failure.words}`;
  const head = `round ${round + 1}  ${id.padEnd(14)} ${make.padEnd(10)}`;
  return `${head} wall/CPU s: ${text.join('  ')}  (load average ${loadavg()[0].toFixed(1)})${words}`;
}

function report(
  options: Options,
  contenders: readonly Contender[],
  trials: readonly Trial[],
  results: Results,
  where: ReturnType<typeof machine>,
): void {
  const makes = contenders.map(({ make }) => make);
  const own = options.only.includes('history') ? historyTrials(options.isQuick) : [];
  const ids = [...trials.flatMap((trial) => [trial.id, loopId(trial)]), ...own.map(({ id }) => id)];
  const ran = new Set<string>([...ids, ...options.only]);
  const verdicts = rows
    .filter(({ trial }) => ran.has(trial))
    .map((row) => verdictOf(row, results, makes));
  const parts = [
    ...(verdicts.length === 0 ? [] : [verdictTable(verdicts, makes, results), summary(verdicts)]),
    growthTable(trials, makes, results),
    fanOutTable(trials, makes, results),
    loadTable(trials, makes, results),
  ];
  console.log(`\n${parts.filter((part) => part !== '').join('\n\n')}`);
  if (options.json !== undefined) {
    const plain = verdicts.map((each) => ({ ...each, figures: Object.fromEntries(each.figures) }));
    const data = { machine: where, options, verdicts: plain, runs: results.all() };
    writeFileSync(options.json, `${JSON.stringify(data, undefined, 1)}\n`);
  }
  if (options.plot !== undefined) {
    writeFileSync(options.plot, plot(verdicts, trials, makes, results, machineText(where)));
  }
}

function summary(verdicts: readonly Verdict[]): string {
  const judged = verdicts.filter(({ isMet }) => isMet !== undefined);
  const met = judged.filter(({ isMet }) => isMet === true);
  return `${met.length} of ${judged.length} targets met`;
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
