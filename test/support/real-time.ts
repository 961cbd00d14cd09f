import { execFileSync, spawnSync } from 'node:child_process';

/**
 * What represents other machines must not wait for a processor. Nice values do not ensure that, because Linux compares
 * them only within a login session; a real-time policy does (sched(7)). What a thread starts later is ordinary again.
 */
const policy = ['chrt', '--reset-on-fork', '--fifo'] as const;
const priority = '10';
const isAllowed = spawnSync(policy[0], [...policy.slice(1), priority, 'true']).status === 0;

/**
 * Before the words of a command: its main thread runs before all ordinary ones, where the machine allows it (a
 * container may not).
 */
export const inRealTime: readonly string[] = isAllowed ? [...policy, priority] : [];

/** The main thread of a process runs before all ordinary ones from now on, and only on this processor. */
export function giveProcessor(pid: number, processor: number): void {
  execFileSync('taskset', ['--pid', '--cpu-list', String(processor), String(pid)]);
  if (isAllowed) execFileSync(policy[0], [...policy.slice(1), '--pid', priority, String(pid)]);
}

/** Before the words of a command: it has this processor, and `inRealTime`. */
export function onProcessor(processor: number): readonly string[] {
  return ['taskset', '--cpu-list', String(processor), ...inRealTime];
}
