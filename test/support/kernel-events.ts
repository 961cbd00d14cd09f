import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { environment } from './process.ts';

/** How many lines of one network are kept, so that an address that flaps all night does not fill the memory. */
const mostLines = 20_000;

/**
 * Calls back with each line of `ip monitor` in a network namespace and the Date.now() at which it came; `words` are the
 * arguments, such as `['-6', '-o', 'monitor', 'route']`. Returns a function that ends it.
 */
export function followKernel(
  namespace: string,
  words: readonly string[],
  onLine: (line: string, atMs: number) => void,
): () => void {
  const argv = ['-n', namespace, ...words];
  const monitor = spawn('ip', argv, { env: environment, stdio: ['ignore', 'pipe', 'ignore'] });
  createInterface({ input: monitor.stdout }).on('line', (line) => onLine(line, Date.now()));
  return () => monitor.kill('SIGKILL');
}

interface KernelEvent {
  /** A Date.now(). */
  readonly atMs: number;
  readonly host: string;
  readonly line: string;
}

/** What the kernels of several hosts reported about links, addresses and routes: evidence for a failed test. */
export class KernelEvents {
  private readonly events: KernelEvent[] = [];
  private readonly ends: (() => void)[] = [];

  follow(host: string, namespace: string): void {
    const words = ['-o', 'monitor', 'link', 'address', 'route'];
    this.ends.push(
      followKernel(namespace, words, (line, atMs) => {
        this.events.push({ atMs, host, line: line.trim() });
        if (this.events.length > mostLines) this.events.splice(0, mostLines / 2);
      }),
    );
  }

  /** Returns the lines since a Date.now(): `12:00:00.123 ER2 2001:db8:30::3 via …`. */
  since(fromMs: number): string[] {
    return this.events
      .filter(({ atMs }) => atMs >= fromMs)
      .map(({ atMs, host, line }) => `${clockText(atMs)} ${host} ${line}`);
  }

  close(): void {
    for (const end of this.ends) end();
  }
}

/** Returns `12:00:00.123`, in UTC. */
export function clockText(atMs: number): string {
  return new Date(atMs).toISOString().slice(11, 23);
}
