import type { Config } from '#config/config.ts';

/** A part of the daemon that takes over its share of a new configuration by itself. */
export interface ConfigFollower {
  /** `changed`: the keys outside of the peers that are not as they were. Cannot fail: the configuration was checked. */
  applyConfig(config: Config, changed: ReadonlySet<string>): void;
}
