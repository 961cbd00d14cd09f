import type { PeerConfig } from '#config/config.ts';
import type { PeerId } from '#policy/ids.ts';

/** What the views of routes read of a peer, whether it is at work or part of a test of a configuration. */
export interface ViewedPeer {
  readonly ribId: PeerId;
  readonly name: string;
  readonly config: PeerConfig;
}
