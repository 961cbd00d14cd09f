import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

export const mainFile = new URL('../../src/main.ts', import.meta.url).pathname;
/** The machine may be busy with all the other tests. */
const patienceMs = 120_000;

/** What a router holds for one service, as the demo's log says it: `W2 MED 101`. */
type Held = string;

/** Runs `fingerpost demo` without a terminal, in a temporary folder of the test's own. */
export class RunningDemo {
  readonly lines: string[] = [];
  /** Resolves to the exit status, or to the signal. */
  readonly ended: Promise<number | string>;
  /** What each router holds for each service, by a key such as `ER2 ::1`. */
  readonly held = new Map<string, Held>();
  private readonly child: ChildProcess;
  private readonly tmp: string;
  private isOver = false;
  private wake: () => void = () => undefined;

  constructor(tmp: string) {
    this.tmp = tmp;
    this.child = spawn(process.execPath, [mainFile, 'demo'], { env: this.env });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      if (stream !== null) createInterface(stream).on('line', (line) => this.heard(line));
    }
    this.ended = new Promise((resolve) => {
      this.child.once('close', (status, signal) => {
        this.isOver = true;
        this.wake();
        resolve(signal ?? status ?? -1);
      });
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Runs `fingerpost demo WORDS` in another process. */
  say(...words: string[]): Promise<{ stdout: string }> {
    return say(this.tmp, ...words);
  }

  /** Resolves to the first match in the lines that have come or will come. */
  async line(pattern: RegExp): Promise<RegExpExecArray> {
    let found: RegExpExecArray | undefined;
    await this.until(`a line like ${pattern}`, () => {
      found = this.lines.map((line) => pattern.exec(line)).find((match) => match !== null);
      return found !== undefined;
    });
    if (found === undefined) throw new Error('unreachable');
    return found;
  }

  /** Resolves when both routers hold these routes for `::1`, `::2` and `::3`. */
  tables(...want: readonly [Held, Held, Held]): Promise<void> {
    return this.until(`tables with ${want.join(', ')}`, () =>
      ['ER2', 'DR6'].every((router) =>
        want.every((held, index) => this.held.get(`${router} ::${index + 1}`) === held),
      ),
    );
  }

  private get env(): NodeJS.ProcessEnv {
    return { ...process.env, TMPDIR: this.tmp };
  }

  private heard(line: string): void {
    this.lines.push(line);
    const route = /(ER2|DR6): 2001:db8:30(::\d)\/128 (?:via \S+ \((W\d)\), (MED \d+)|gone)/.exec(
      line,
    );
    if (route !== null) {
      const [, router, service, node, med] = route;
      if (node === undefined) this.held.delete(`${router} ${service}`);
      else this.held.set(`${router} ${service}`, `${node} ${med}`);
    }
    this.wake();
  }

  /** Waits until `isSo` holds, asking after each line. Rejects at the deadline or when the demo ends. */
  private async until(what: string, isSo: () => boolean): Promise<void> {
    const deadline = AbortSignal.timeout(patienceMs);
    while (!isSo()) {
      if (deadline.aborted || this.isOver)
        throw new Error(`no ${what} in\n${this.lines.join('\n')}`);
      const next = Promise.withResolvers<void>();
      this.wake = next.resolve;
      deadline.addEventListener('abort', () => next.resolve(), { once: true });
      await next.promise;
    }
  }
}

export function say(tmp: string, ...words: string[]): Promise<{ stdout: string }> {
  const env = { ...process.env, TMPDIR: tmp };
  return promisify(execFile)(process.execPath, [mainFile, 'demo', ...words], { env });
}

/** Returns every process that was started with this temporary folder. */
export function processesOf(tmp: string): number[] {
  const pids = readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0);
  return pids.filter((pid) => pid !== process.pid && environOf(pid).includes(`TMPDIR=${tmp}\0`));
}

/** Returns the environment of a process; empty if the process has ended or we may not read it. */
function environOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
}
