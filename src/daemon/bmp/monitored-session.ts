import type { MonitoredPeer } from '#bmp/message-writer.ts';
import type { PeerDown, PeerUp } from '#bmp/messages.ts';
import type { PeerId } from '#policy/ids.ts';

/** A session that is Established, as collectors know it; each has an object of its own. */
export interface MonitoredSession {
  readonly ribId: PeerId;
  readonly peer: MonitoredPeer;
  readonly up: PeerUp;
  readonly upWallMs: number;
  /** Of AS_PATH in what the peer is sent. */
  readonly asnBytes: 2 | 4;
  /** By `Family`. */
  readonly families: readonly boolean[];
  readonly addPathReceive: readonly boolean[];
  readonly addPathSend: readonly boolean[];
  /** Present once it has ended. */
  end?: PeerDown;
}

/** The sessions that are Established. */
export type MonitoredSessions = ReadonlyMap<PeerId, MonitoredSession>;
