import { durationToMs, sizeToBytes } from '#text/units.ts';
import type { Config } from './config.ts';
import { globalDefaults } from './schema/defaults.ts';

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
