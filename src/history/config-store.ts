import { readdirSync, readFileSync, unlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { By } from '#api/by.ts';
import type { ConfigOrigin } from '#api/views/config-history.ts';
import type { ConfigSources } from '#config/sources.ts';
import { messageOf } from '#text/message-of.ts';
import { DurableFile, writeDurably } from './durable-file.ts';

/** A configuration that ran or is running. */
export interface RanConfig {
  /** The id of its sources; absent if they are not known. */
  readonly id?: string;
  readonly hash: string;
  readonly atMs: number;
  readonly how: ConfigOrigin;
  readonly by?: By;
}

export interface ConfirmedConfig extends RanConfig {
  readonly confirmedAtMs: number;
}

/**
 * A reload that nobody has confirmed: until an operator gives a command, every start uses the confirmed configuration.
 */
export interface Unconfirmed {
  readonly hash: string;
  readonly atMs: number;
  readonly confirmByMs: number;
  readonly by?: By;
}

export interface ConfigState {
  readonly confirmed?: ConfirmedConfig;
  readonly unconfirmed?: Unconfirmed;
  /** Newest last. */
  readonly history: readonly RanConfig[];
}

export type ReadState =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'state'; readonly state: ConfigState; readonly file: string }
  | { readonly kind: 'unreadable'; readonly text: string };

/** The file may contain passwords. */
const ownerOnly = 0o600;

/**
 * Which configurations ran and which was confirmed, in `state_dir/configs`: `index.json`, and beside it the sources of
 * each configuration under their id. The sources are on disk before the index names them.
 */
export class ConfigStore {
  private readonly directory: string;
  private readonly index: DurableFile;
  private readonly file: string;

  /** `file` is the main file whose configurations these are. */
  constructor(stateDir: string, file: string) {
    this.directory = join(stateDir, 'configs');
    this.index = new DurableFile(this.directory, 'index.json', ownerOnly);
    this.file = resolve(file);
  }

  /** Also returns `nothing` if what is stored belongs to another main file. */
  read(): ReadState {
    const read = this.index.read();
    if (read.kind !== 'value') return read;
    const { value } = read;
    if (!isIndex(value)) {
      return { kind: 'unreadable', text: `${this.index.path}: not a list of configurations` };
    }
    const { file, ...state } = value;
    return file === this.file ? { kind: 'state', state, file } : { kind: 'nothing' };
  }

  /** Throws an Error that names the file. */
  sourcesOf(id: string): Uint8Array {
    try {
      return readFileSync(this.pathOf(id));
    } catch (error) {
      throw new Error(messageOf(error), { cause: error });
    }
  }

  has(id: string): boolean {
    return this.namesIn().includes(nameOf(id));
  }

  /** The state is on disk when this returns. Throws an Error that names the file; then nothing has changed. */
  write(state: ConfigState, sources: readonly ConfigSources[]): void {
    for (const { id, bytes } of sources) {
      if (!this.has(id)) writeDurably(this.directory, this.pathOf(id), bytes, ownerOnly);
    }
    this.index.write({ version: 1, file: this.file, ...state });
    this.prune(state);
  }

  /** Removes sources that nothing refers to any longer. Sources that cannot be removed only cost space. */
  private prune({ confirmed, history }: ConfigState): void {
    const named = [...history, ...(confirmed === undefined ? [] : [confirmed])];
    const wanted = new Set(named.flatMap(({ id }) => (id === undefined ? [] : nameOf(id))));
    for (const name of this.namesIn()) {
      if (!name.endsWith(suffix) || wanted.has(name)) continue;
      try {
        unlinkSync(join(this.directory, name));
      } catch {
        return;
      }
    }
  }

  private namesIn(): string[] {
    try {
      return readdirSync(this.directory);
    } catch {
      return [];
    }
  }

  private pathOf(id: string): string {
    return join(this.directory, nameOf(id));
  }
}

const suffix = '.json.gz';

function nameOf(id: string): string {
  return `${id}${suffix}`;
}

interface Index extends ConfigState {
  readonly version: 1;
  readonly file: string;
}

function isIndex(value: unknown): value is Index {
  return (
    isRecord(value) &&
    value.version === 1 &&
    typeof value.file === 'string' &&
    Array.isArray(value.history) &&
    value.history.every(isRan) &&
    (value.confirmed === undefined ||
      (isRan(value.confirmed) && Number.isFinite(Reflect.get(value.confirmed, 'confirmedAtMs')))) &&
    (value.unconfirmed === undefined ||
      (isRecord(value.unconfirmed) && Number.isFinite(value.unconfirmed.confirmByMs)))
  );
}

function isRan(value: unknown): value is RanConfig {
  return (
    isRecord(value) &&
    typeof value.hash === 'string' &&
    Number.isFinite(value.atMs) &&
    (value.id === undefined || (typeof value.id === 'string' && /^[0-9a-f]+$/.test(value.id))) &&
    (value.by === undefined || isRecord(value.by))
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
