import type { Config } from '#config/config.ts';
import type { BirdFamily } from '../render/bird-syntax.ts';
import { bird1Sibling, birdSibling } from './bird.ts';
import { frrSibling } from './frr.ts';
import type { SiblingDaemon } from './sibling-daemons.ts';

const renderers = {
  bird: birdSibling,
  'bird1.6': bird1Sibling,
  frr: frrSibling,
} as const satisfies Record<SiblingDaemon, (config: Config, family?: BirdFamily) => string>;

/**
 * Returns the configuration of another route server that sends the same routes to the same peers. `family` selects one
 * of the two programs of BIRD 1.6; the others have both families in one file. Throws a `RenderError` with file and line
 * for what the other daemon cannot do, or if BIRD 1.6 needs the family.
 */
export function renderSibling(config: Config, daemon: SiblingDaemon, family?: BirdFamily): string {
  return renderers[daemon](config, family);
}
