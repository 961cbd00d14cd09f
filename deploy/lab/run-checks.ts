import { timeAlone } from './checks/alone.ts';
import { announcementChecks } from './checks/announcements.ts';
import type { Check, Stage } from './checks/check.ts';
import { drainChecks } from './checks/drains.ts';
import { nodeFailures, routeServerFailures } from './checks/failures.ts';
import { steadyChecks } from './checks/steady.ts';
import { evidence } from './evidence.ts';
import { routeServers } from './plan.ts';
import { Requests } from './requests.ts';
import type { RunningLab } from './running-lab.ts';
import { Timings } from './timings.ts';

export interface CheckOptions {
  /** What CI has the time for. */
  readonly isShort: boolean;
  /** Runs of the timings through each route server alone; the median counts. */
  readonly rounds: number;
  /** Only checks with this in their title. */
  readonly only: string;
}

/** Runs the checks on a lab that is up and prints each; returns true if everything was as it must be. */
export async function runChecks(lab: RunningLab, options: CheckOptions): Promise<boolean> {
  const kernels = lab.watchKernels();
  const requests = new Requests(lab.client.host);
  const close = (): void => {
    kernels.close();
    requests.close();
  };
  process.once('exit', close);
  try {
    await requests.running();
    const timings = new Timings(
      'The same event, through all three: seconds until five routers had the update',
    );
    const stage: Stage = { lab, kernels, requests, timings };
    const failed = await runEach(stage, chosen(options));
    const alone = await timeEachAlone(stage, options);
    const cut = requests.cutSince(0);
    if (cut > 0) console.log(`requests cut by a move of their address: ${cut}`);
    return report([timings, ...alone.tables], [...failed, ...alone.failed], options);
  } finally {
    close();
    process.off('exit', close);
  }
}

const allChecks: readonly Check[] = [
  ...steadyChecks,
  ...announcementChecks,
  ...drainChecks,
  ...nodeFailures,
  ...routeServerFailures,
];

function chosen({ isShort, only }: CheckOptions): Check[] {
  return allChecks.filter(
    ({ title, short }) => title.includes(only) && (!isShort || short === true),
  );
}

async function runEach(stage: Stage, checks: readonly Check[]): Promise<string[]> {
  const failed: string[] = [];
  for (const { title, run } of checks) {
    const passed = await step(title, async () => {
      await stage.lab.settle();
      const since = Date.now();
      try {
        const seen = await run(stage);
        fingerpostIsWell(stage.lab);
        return seen;
      } catch (error) {
        for (const line of evidence(stage, since)) console.log(line);
        throw error;
      }
    });
    if (!passed) failed.push(title);
  }
  return failed;
}

/** It may have been restarted since it died: its log shows that. */
function fingerpostIsWell({ rs9 }: RunningLab): void {
  if (rs9.failures().length === 0) return;
  throw new Error(`RS9 failed:\n${rs9.lines().slice(-25).join('\n')}`);
}

/** Runs it and prints a line. */
async function step(title: string, run: () => Promise<string>): Promise<boolean> {
  const since = performance.now();
  const print = (verdict: string, seen: string): void => {
    const seconds = ((performance.now() - since) / 1000).toFixed(1).padStart(5);
    console.log(`${verdict} ${seconds} s  ${title}: ${seen}`);
  };
  try {
    print('ok  ', await run());
    return true;
  } catch (error) {
    print('FAIL', error instanceof Error ? error.message : String(error));
    return false;
  }
}

async function timeEachAlone(
  stage: Stage,
  { isShort, only, rounds }: CheckOptions,
): Promise<{ tables: Timings[]; failed: string[] }> {
  const timings = new Timings(
    'Through each alone: seconds until five kernels followed, requests lost',
  );
  if (isShort || !'timings alone'.includes(only)) return { tables: [], failed: [] };
  const failed: string[] = [];
  for (const { name, make } of Array.from({ length: rounds }, () => routeServers).flat()) {
    const title = `timings through ${name} (${make}) alone`;
    const passed = await step(title, async () => {
      await timeAlone(stage, name, timings);
      fingerpostIsWell(stage.lab);
      return 'in the table';
    });
    if (!passed) failed.push(title);
  }
  await stage.lab.settle();
  return { tables: [timings], failed };
}

/** In the short form the tables are for information only, because CI shares its cores. */
function report(
  tables: readonly Timings[],
  failed: readonly string[],
  { isShort }: CheckOptions,
): boolean {
  const slower = tables.flatMap((table) => (table.isEmpty ? [] : table.slower()));
  for (const table of tables) if (!table.isEmpty) console.log(`\n${table}`);
  for (const row of slower) console.log(`RS9 was slower: ${row}`);
  if (tables.some((table) => !table.isEmpty) && slower.length === 0) {
    console.log('RS9 was at least as quick as the others in each row, but for chance.');
  }
  for (const title of failed) console.log(`failed: ${title}`);
  return failed.length === 0 && (isShort || slower.length === 0);
}
