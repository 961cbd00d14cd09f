import { performance } from 'node:perf_hooks';
import { pause } from '#support/wait.ts';
import { announce, withdraw } from './routes.ts';
import { waitedMs } from './scenario.ts';
import { Talker, type TalkerOptions } from './talker.ts';

/** Who fails over, and what. */
export interface FailoverPlan {
  readonly port: number;
  /** Of the daemon. */
  readonly pid: number;
  /** The node whose path of the prefix is the better one, until its MED rises or it withdraws the path. */
  readonly node: TalkerOptions;
  readonly router: TalkerOptions;
  readonly prefix: number;
  /** The path of the other node, which takes over. */
  readonly med: number;
}

/** One failover, in milliseconds. */
export interface Failover {
  /** From the announcement of the node until the router has the other path. */
  readonly tookMs: number;
  /** How long of that the daemon or this process was runnable and had no core, as the kernel counts it. */
  readonly machineMs: number;
}

const everyMs = 10;

/**
 * It runs in a process of its own, which does nothing else, so that what a scenario sends and counts delays no
 * failover.
 */
async function main(plan: FailoverPlan): Promise<void> {
  const router = await Talker.establish(plan, plan.router);
  const node = await Talker.establish(plan, plan.node);
  const failovers: Failover[] = [];
  let isAsked = false;
  process.on('message', () => (isAsked = true));
  process.once('disconnect', () => process.exit());
  await failOver(plan, node, router);
  process.send?.('ready');
  for (;;) {
    failovers.push(await failOver(plan, node, router, failovers.length % 2 === 1));
    // What is reported ends with a failover that was over after the request: they still go on.
    if (isAsked) process.send?.(failovers);
    isAsked = false;
    await pause(everyMs);
  }
}

async function failOver(
  { pid, prefix, med }: FailoverPlan,
  node: Talker,
  router: Talker,
  byWithdrawal = false,
): Promise<Failover> {
  await node.send(announce(prefix, 1, { med: med - 1 }));
  await routerHas(router, prefix, med - 1);
  const startMs = performance.now();
  const waitedBeforeMs = waitedOf(pid);
  await node.send(byWithdrawal ? withdraw(prefix, 1) : announce(prefix, 1, { med: med + 1 }));
  await routerHas(router, prefix, med);
  const tookMs = performance.now() - startMs;
  return { tookMs, machineMs: Math.min(tookMs, waitedOf(pid) - waitedBeforeMs) };
}

/** How long the main threads of the daemon and of this process have waited in the run queue. */
function waitedOf(daemon: number): number {
  return waitedMs(daemon) + waitedMs(process.pid);
}

async function routerHas(router: Talker, prefix: number, med: number): Promise<void> {
  while (router.table?.at(prefix) !== med + 1) {
    if (router.isClosed) throw new Error(`the router has lost its session: ${router.notification}`);
    await pause(1);
  }
}

if (process.argv[1] === import.meta.filename) await main(JSON.parse(process.argv[2]));
