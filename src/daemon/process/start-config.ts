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

/**
 * Loads what the daemon is to start with: the file or, after a reload that was never confirmed, what was last
 * confirmed. Where that cannot be had the file is used: a daemon that does not start serves no one.
 */
export async function loadForStart(
  options: StartOptions,
): Promise<{ loaded: LoadOutcome; startedFrom: StartedFrom }> {
  const found = confirmedFor(options.file);
  let lost = found.lost;
  if (found.kept !== undefined) {
    const loaded = await loadAside({ ...options, kept: found.kept });
    if (loaded.ok) return { loaded, startedFrom: { from: 'stored', ...sourcesOf(loaded) } };
    const [first] = loaded.problems;
    lost = `${first.file}:${first.line} ${first.message}`;
  }
  const loaded = await loadAside(options);
  const startedFrom = {
    from: 'file',
    ...sourcesOf(loaded),
    ...(lost !== undefined && { lost }),
  } as const;
  return { loaded, startedFrom };
}

interface Found {
  /** The sources of what was confirmed. */
  readonly kept?: Uint8Array;
  readonly lost?: string;
}

/** Nothing where the last word of an operator was that the file counts. */
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

/** The file that is there now may be broken or gone: then systemd (StateDirectory=) knows the folder. */
function stateDirs(file: string): string[] {
  const named = stateDirIn(file);
  const bySystemd = process.env.STATE_DIRECTORY?.split(':').filter((path) => path !== '') ?? [];
  return [...new Set([...(named === undefined ? [] : [named]), ...bySystemd])];
}

function sourcesOf(loaded: LoadOutcome): Pick<StartedFrom, 'sources'> {
  return loaded.ok && loaded.sources !== undefined ? { sources: loaded.sources } : {};
}
