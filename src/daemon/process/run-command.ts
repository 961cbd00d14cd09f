import type { ConfigProblem } from '#api/problem.ts';
import type { Clock } from '#clock.ts';
import { isLackOfDescriptors, noDescriptor } from '#os/descriptors.ts';
import { isOperators } from '../changes/operator-error.ts';
import { loadForStart } from './start-config.ts';

export interface RunCommandOptions {
  readonly config: string;
  readonly version: string;
  /** The commit that the program was built from. */
  readonly revision: string;
  readonly clock: Clock;
  /** Imports the daemon itself, which can happen while the configuration is loaded. */
  readonly compiled: <Module>(load: () => Promise<Module>) => Promise<Module>;
  /** Aborted by SIGTERM or SIGINT. */
  readonly signal: AbortSignal;
  /** Calls back for each SIGHUP. */
  readonly onHangUp: (reload: () => void) => void;
  /** Calls back with the name of each signal that is ignored. */
  readonly onIgnored: (tell: (signal: string) => void) => void;
  /** Calls back with each uncaught error. */
  readonly onBug: (handle: (error: unknown) => void) => void;
  readonly problems: (problems: readonly ConfigProblem[]) => void;
  readonly warn: (text: string) => void;
}

/** Returns the exit status of `run`: 0 after a signal, 1 if it cannot start, 70 after an internal error. */
export async function runCommand(options: RunCommandOptions): Promise<number> {
  // Until the daemon runs, nothing but the process can be ended.
  const { promise: bug, reject } = Promise.withResolvers<never>();
  const bugs: Bugs = { handle: reject };
  options.onBug((error) => bugs.handle(error));
  try {
    return await Promise.race([loadAndRun(options, bugs), bug]);
  } catch (error) {
    if (isLackOfDescriptors(error)) options.warn(`cannot start: ${noDescriptor}`);
    else if (isOperators(error)) options.warn(error.message);
    else throw error;
    return 1;
  }
}

interface Bugs {
  handle(error: unknown): void;
}

async function loadAndRun(options: RunCommandOptions, bugs: Bugs): Promise<number> {
  const { clock, version, revision, signal } = options;
  // A SIGHUP while the daemon starts must not end it; the reload follows.
  let wantsReload = false;
  let reload = (): void => {
    wantsReload = true;
  };
  options.onHangUp(() => reload());
  // The code that loads a small file must not be compiled as a whole, because it is not needed again until a reload.
  const { start } = await loadForStart({ file: options.config, clock, signal });
  const { runDaemon } = await options.compiled(() => import('./run.ts'));
  const { loaded, startedFrom } = await start;
  if (signal.aborted) return 0;
  if (!loaded.ok) {
    options.problems(loaded.problems);
    return 1;
  }
  const running = await runDaemon(loaded.config, { clock, version, revision, startedFrom });
  bugs.handle = (error) => running.fail(error);
  options.onIgnored((name) => running.ignored(name));
  reload = () => running.reload();
  if (wantsReload) reload();
  if (signal.aborted) await running.stop();
  else signal.addEventListener('abort', () => void running.stop(), { once: true });
  return (await running.ended) ? 0 : 70;
}
