import type { Config } from '#config/config.ts';

/** A part of the daemon that applies its share of a new configuration by itself. */
export interface ConfigFollower {
  /** `changed` has the keys outside of peers that differ. This cannot fail, because the configuration was checked. */
  applyConfig(config: Config, changed: ReadonlySet<string>): void;
}
