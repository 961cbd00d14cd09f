import type { Config } from '../config.ts';
import { globalDefaults } from './defaults.ts';
import type { MatchSourceValue } from './schema-policy.ts';
import type { ConfigSource } from './schema.ts';
import { durationToMs, sizeToBytes } from './units.ts';

/**
 * Keys that the schema knows and this version cannot do yet. A row says which values are allowed all
 * the same: those that ask for nothing. Whoever makes a key work removes its row.
 */
type Rows<Source> = {
  readonly [Key in keyof Source]?: (value: NonNullable<Source[Key]>) => boolean;
};

export const unsupportedGlobal: Rows<ConfigSource> = {
  bmp: (collectors) => collectors.length === 0,
  mrt: never,
  rpki: never,
};

export const unsupportedMatch: Rows<MatchSourceValue> = { rpki: never };

/** The keys of `source` that cannot be had, each with the words for it. */
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

/** Keys in use that are checked and kept, but have no effect without a `state_dir`; `show status` tells. */
export function withoutEffect(config: Config): string[] {
  const { history, stateDir } = config;
  const { max_size, max_age } = globalDefaults.history;
  const isHistoryGiven =
    history.maxSizeBytes !== sizeToBytes(max_size) || history.maxAgeMs !== durationToMs(max_age);
  const inUse: Readonly<Record<string, boolean>> = {
    // Without a directory nothing is kept but what fits into memory.
    history: isHistoryGiven && stateDir === undefined,
  };
  return Object.keys(inUse).filter((key) => inUse[key]);
}

function never(): boolean {
  return false;
}
