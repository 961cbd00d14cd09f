import type { Config } from '#config/config.ts';
import { renderBird } from './bird.ts';
import { renderExabgp } from './exabgp.ts';
import { renderFrr } from './frr.ts';
import { renderGobgp } from './gobgp.ts';
import { renderOpenbgpd } from './openbgpd.ts';
import { RenderError, renderTarget } from './target.ts';
import type { RenderTarget } from './target.ts';

const daemons = {
  exabgp: renderExabgp,
  bird: renderBird,
  frr: renderFrr,
  openbgpd: renderOpenbgpd,
  gobgp: renderGobgp,
} as const satisfies Record<string, (target: RenderTarget) => string>;

export type PeerDaemon = keyof typeof daemons;
export const peerDaemons = Object.keys(daemons) as readonly PeerDaemon[];

/**
 * Returns the configuration of the other side of a session, ready to start. `peer` is a name or an address. Throws
 * a `RenderError` where the configuration does not say enough.
 */
export function renderPeer(config: Config, daemon: PeerDaemon, peer: string): string {
  const found = config.peers.find(({ name, addressText }) => name === peer || addressText === peer);
  if (found === undefined) throw new RenderError(`${peer}: the configuration has no such peer`);
  return daemons[daemon](renderTarget(config, found));
}
