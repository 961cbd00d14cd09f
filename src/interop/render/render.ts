import type { Config } from '#config/config.ts';
import { renderBird, renderBird1 } from './bird.ts';
import { renderExabgp } from './exabgp.ts';
import { renderFrr } from './frr.ts';
import { renderGobgp } from './gobgp.ts';
import { renderOpenbgpd } from './openbgpd.ts';
import type { PeerDaemon } from './peer-daemons.ts';
import { RenderError, renderTarget, type RenderTarget } from './target.ts';

const renderers = {
  exabgp: renderExabgp,
  bird: renderBird,
  'bird1.6': renderBird1,
  frr: renderFrr,
  openbgpd: renderOpenbgpd,
  gobgp: renderGobgp,
} as const satisfies Record<PeerDaemon, (target: RenderTarget) => string>;

/**
 * Returns the complete configuration of the other side of a session. `peer` is a name or an address. Throws a
 * `RenderError` if the configuration does not contain enough.
 */
export function renderPeer(config: Config, daemon: PeerDaemon, peer: string): string {
  const found = config.peers.find(({ name, addressText }) => name === peer || addressText === peer);
  if (found === undefined) throw new RenderError(`${peer}: the configuration has no such peer`);
  if (found.observer) {
    throw new RenderError(
      `${found.name}: a route server that is observed needs one more session as a client, which docs/peers.md shows`,
    );
  }
  return renderers[daemon](renderTarget(config, found));
}
