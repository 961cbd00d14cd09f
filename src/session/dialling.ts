import type { Connection } from './host.ts';
import type { PeerSessions } from './peer-sessions.ts';
import { Session, type SessionOwner } from './session.ts';

/** Why the peer could not be reached when it was last dialled. */
export interface DialFailure {
  readonly atMs: number;
  readonly text: string;
  /** Nothing came back, not even a refusal. */
  readonly isUnanswered?: true;
}

const noAnswer = 'no answer to the connection attempt';

/** The connection that we open to a peer: when it is dialled, what becomes of it, and how the last attempt failed. */
export class Dialling {
  lastFailure: DialFailure | undefined;
  private readonly owner: SessionOwner;
  private readonly sessions: PeerSessions;

  constructor(owner: SessionOwner, sessions: PeerSessions) {
    this.owner = owner;
    this.sessions = sessions;
  }

  /** Has a session dial at `at`, unless one already does or the peer is passive. */
  begin(at: number, now: number): void {
    if (this.owner.settings.passive || this.sessions.outgoing !== undefined) return;
    this.sessions.outgoing = new Session(this.owner, 'outgoing');
    this.sessions.outgoing.start(now, at);
  }

  /** Ends the attempt; a connection that it has already led to is not touched. */
  end(now: number): void {
    const { outgoing } = this.sessions;
    if (outgoing === undefined || outgoing.hasConnection) return;
    outgoing.handle('ManualStop', now);
    this.sessions.outgoing = undefined;
  }

  /** Takes over the connection; closes it and returns `undefined` if it is no longer wanted. */
  connected(connection: Connection, now: number): Session | undefined {
    const { outgoing } = this.sessions;
    if (outgoing?.state !== 'Connect') {
      connection.close();
      return undefined;
    }
    outgoing.attach(connection, now);
    return outgoing;
  }

  failed(text: string, now: number): void {
    this.lastFailure = { atMs: now, text };
    const { outgoing } = this.sessions;
    if (outgoing?.state === 'Connect') outgoing.handle('TcpConnectionFails', now);
  }

  unanswered(now: number): void {
    this.lastFailure = { atMs: now, text: noAnswer, isUnanswered: true };
  }
}
