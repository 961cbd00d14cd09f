import type { BadConfig, SentConfig } from '#api/commands.ts';
import type { LoadOutcome } from '#config/load.ts';
import { isLackOfDescriptors, noDescriptor } from '#os/descriptors.ts';
import { messageOf } from '#text/message-of.ts';
import type { Daemon } from '../daemon.ts';

/** Reads, checks and resolves the file, or `text` in its place; elsewhere, so that BGP goes on. */
export type Load = (file: string, sent?: SentConfig | KeptConfig) => Promise<LoadOutcome>;

/** The sources of a configuration that ran. */
export interface KeptConfig {
  readonly kept: Uint8Array;
}

type Loaded = Extract<LoadOutcome, { ok: true }>;

/** Loads configurations for those who check, plan and reload: one at a time, since each costs memory. */
export class ConfigLoads {
  private readonly daemon: Daemon;
  private readonly loadFile: Load;
  /** The last one asked for. */
  private loading: Promise<unknown> = Promise.resolve();

  constructor(daemon: Daemon, loadFile: Load) {
    this.daemon = daemon;
    this.loadFile = loadFile;
  }

  /** What was sent in the place of the running file, or what was kept, or the file. */
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

  /** Nothing was read: what runs goes on, even where that was a fault of ours. */
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
