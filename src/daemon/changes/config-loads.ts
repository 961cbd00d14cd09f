import type { BadConfig, SentConfig } from '#api/commands.ts';
import type { LoadOutcome } from '#config/load.ts';
import { isLackOfDescriptors, noDescriptor } from '#os/descriptors.ts';
import { messageOf } from '#text/message-of.ts';
import type { Daemon } from '../daemon.ts';

/** Reads, checks and resolves the file, or `text` in its place, in a thread, so that BGP continues. */
export type Load = (file: string, sent?: SentConfig | KeptConfig) => Promise<LoadOutcome>;

/** The sources of a configuration that ran. */
export interface KeptConfig {
  readonly kept: Uint8Array;
}

type Loaded = Extract<LoadOutcome, { ok: true }>;

/** Loads configurations for checks, plans and reloads: one at a time, because each takes memory. */
export class ConfigLoads {
  private readonly daemon: Daemon;
  private readonly loadFile: Load;
  /** The latest request. */
  private loading: Promise<unknown> = Promise.resolve();

  constructor(daemon: Daemon, loadFile: Load) {
    this.daemon = daemon;
    this.loadFile = loadFile;
  }

  /** Loads the text that was sent instead of the running file, a stored configuration, or the file. */
  async load(sent?: SentConfig | KeptConfig): Promise<Loaded | BadConfig> {
    const { file } = this.daemon.config;
    const start = (): Promise<LoadOutcome> => this.loadFile(file, sent);
    const loading = this.loading.then(start, start);
    this.loading = loading;
    const loaded = await loading.catch((error: unknown) => this.notLoaded(file, error));
    if (loaded.ok) return loaded;
    const { problems } = loaded;
    return { ok: false, message: problemCount(problems.length), problems };
  }

  /** Nothing could be read, so the running configuration stays, even if the reason was a bug of ours. */
  private notLoaded(file: string, error: unknown): LoadOutcome {
    const isLack = isLackOfDescriptors(error);
    if (!isLack) this.daemon.internalError(error, false);
    const message = isLack ? noDescriptor : `could not be read: ${messageOf(error)}`;
    return { ok: false, problems: [{ file, line: 1, column: 1, message }] };
  }
}

function problemCount(count: number): string {
  return count === 1 ? 'the configuration has an error' : `the configuration has ${count} errors`;
}
