import type { MonitoredPeer } from '#bmp/message-writer.ts';
import type { PeerDown, PeerUp } from '#bmp/messages.ts';
import type { PeerId } from '#policy/ids.ts';
import type { Negotiated } from '#session/negotiate.ts';

/** A session that is Established, as collectors know it; each has an object of its own. */
export interface MonitoredSession extends Pick<
  Negotiated,
  'asnBytes' | 'families' | 'addPathReceive' | 'addPathSend'
> {
  readonly ribId: PeerId;
  readonly peer: MonitoredPeer;
  readonly up: PeerUp;
  readonly upWallMs: number;
  /** Present once it has ended. */
  end?: PeerDown;
}

/** The sessions that are Established. */
export type MonitoredSessions = ReadonlyMap<PeerId, MonitoredSession>;
