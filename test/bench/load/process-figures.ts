import { readFileSync } from 'node:fs';
import { cpuSeconds } from './libc.ts';

/** What the processes of the daemon have used so far; CPU in seconds, memory in MB of 10^6 bytes. */
export interface ProcessFigures {
  readonly cpuSec: number;
  /** Accurate to a hundredth, as in /proc/PID/stat. */
  readonly systemSec: number;
  readonly rssMb: number;
  readonly peakMb: number;
}

export function processFigures(pids: readonly number[]): ProcessFigures {
  const sum = (figure: (pid: number) => number): number =>
    pids.reduce((total, pid) => total + figure(pid), 0);
  return {
    cpuSec: sum(cpuSeconds),
    systemSec: sum(systemSeconds),
    rssMb: sum((pid) => memory(pid, 'VmRSS')),
    peakMb: sum((pid) => memory(pid, 'VmHWM')),
  };
}

/** Ticks are hundredths of a second on every Linux on which Node runs. */
function systemSeconds(pid: number): number {
  const stat = proc(pid, 'stat');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[12] ?? 0) / 100;
}

function memory(pid: number, field: string): number {
  const kib = new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(proc(pid, 'status'))?.[1];
  return (Number(kib ?? 0) * 1024) / 1e6;
}

function proc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}
