import type { Config } from '../config.ts';
import { globalDefaults } from './defaults.ts';
import type { ConfigSource } from './schema.ts';
import { durationToMs, sizeToBytes } from './units.ts';

/**
 * Keys that the schema knows and this version does not support. A row lists the values that are allowed all the
 * same, because they request nothing. A key that becomes supported loses its row.
 */
type Rows<Source> = {
  readonly [Key in keyof Source]?: (value: NonNullable<Source[Key]>) => boolean;
};

export const unsupportedGlobal: Rows<ConfigSource> = {
  bmp: (collectors) => collectors.length === 0,
};

/** Returns the keys of `source` that are not supported, each with its message. */
export function unsupportedKeys<Source extends object>(
  rows: Rows<Source>,
  source: Source,
): (keyof Source & string)[] {
  const given: (keyof Source & string)[] = [];
  for (const key in rows) {
    const value = source[key];
    if (value !== undefined && value !== null && rows[key]?.(value) === false) given.push(key);
  }
  return given;
}

/**
 * Returns keys that are checked and kept, but have no effect without a `state_dir`; `show status` lists them.
 */
export function withoutEffect(config: Config): string[] {
  const { history, stateDir } = config;
  const { max_size, max_age } = globalDefaults.history;
  const isHistoryGiven =
    history.maxSizeBytes !== sizeToBytes(max_size) || history.maxAgeMs !== durationToMs(max_age);
  const inUse: Readonly<Record<string, boolean>> = {
    // Without a directory only what fits into memory is kept.
    history: isHistoryGiven && stateDir === undefined,
  };
  return Object.keys(inUse).filter((key) => inUse[key]);
}
