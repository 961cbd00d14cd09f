import type { Clock } from '#clock.ts';
import { loadAside } from '#config/load-aside.ts';
import type { LoadOutcome } from '#config/load.ts';
import { stateDirIn } from '#config/paths-in.ts';
import { ConfigStore } from '#history/config-store.ts';
import { messageOf } from '#text/message-of.ts';
import type { StartedFrom } from '../changes/kept-configs.ts';

interface StartOptions {
  readonly file: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** What the daemon starts with. */
interface Start {
  readonly loaded: LoadOutcome;
  readonly startedFrom: StartedFrom;
}

/**
 * Loads what the daemon is to start with: the file or, after a reload that was never confirmed, the last confirmed
 * configuration. If that is not available the file is used, because a daemon that does not start serves no one. It
 * resolves as soon as this thread has nothing more to do for it: by then a small file is loaded, and for everything
 * else a thread has been started.
 */
export async function loadForStart(options: StartOptions): Promise<{ start: Promise<Start> }> {
  const found = confirmedFor(options.file);
  const small = found.kept === undefined ? await loadedHere(options.file) : undefined;
  if (small === undefined) return { start: loadedAside(options, found) };
  return { start: Promise.resolve({ loaded: small, startedFrom: fromFile(small, found.lost) }) };
}

async function loadedHere(file: string): Promise<LoadOutcome | undefined> {
  const { loadSmall } = await import('#config/load-small.ts');
  return loadSmall(file);
}

async function loadedAside(options: StartOptions, found: Found): Promise<Start> {
  let lost = found.lost;
  if (found.kept !== undefined) {
    const loaded = await loadAside({ ...options, kept: found.kept });
    if (loaded.ok) return { loaded, startedFrom: { from: 'stored', ...sourcesOf(loaded) } };
    const [first] = loaded.problems;
    lost = `${first.file}:${first.line} ${first.message}`;
  }
  const loaded = await loadAside(options);
  return { loaded, startedFrom: fromFile(loaded, lost) };
}

function fromFile(loaded: LoadOutcome, lost: string | undefined): StartedFrom {
  return { from: 'file', ...sourcesOf(loaded), ...(lost !== undefined && { lost }) };
}

interface Found {
  /** The sources of the confirmed configuration. */
  readonly kept?: Uint8Array;
  readonly lost?: string;
}

/** Returns nothing if the last command of an operator means that the file counts. */
function confirmedFor(file: string): Found {
  for (const directory of stateDirs(file)) {
    const store = new ConfigStore(directory, file);
    const read = store.read();
    if (read.kind !== 'state' || read.state.unconfirmed === undefined) continue;
    const id = read.state.confirmed?.id;
    if (id === undefined) return { lost: 'its files were not kept' };
    try {
      return { kept: store.sourcesOf(id) };
    } catch (error) {
      return { lost: messageOf(error) };
    }
  }
  return {};
}

/** The present file may be broken or gone; then systemd (StateDirectory=) knows the directory. */
function stateDirs(file: string): string[] {
  const named = stateDirIn(file);
  const bySystemd = process.env.STATE_DIRECTORY?.split(':').filter((path) => path !== '') ?? [];
  return [...new Set([...(named === undefined ? [] : [named]), ...bySystemd])];
}

function sourcesOf(loaded: LoadOutcome): Pick<StartedFrom, 'sources'> {
  return loaded.ok && loaded.sources !== undefined ? { sources: loaded.sources } : {};
}
