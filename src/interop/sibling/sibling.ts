import type { Config } from '#config/config.ts';
import { birdSibling } from './bird.ts';
import { frrSibling } from './frr.ts';
import type { SiblingDaemon } from './sibling-daemons.ts';

const renderers = {
  bird: birdSibling,
  frr: frrSibling,
} as const satisfies Record<SiblingDaemon, (config: Config) => string>;

/**
 * Returns the configuration of another route server that tells the same peers the same. Throws a `RenderError` with
 * the file and line of what the other daemon cannot do.
 */
export function renderSibling(config: Config, daemon: SiblingDaemon): string {
  return renderers[daemon](config);
}
