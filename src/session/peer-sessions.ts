import { type State, states } from './fsm.ts';
import type { Negotiated } from './negotiate.ts';
import type { Session } from './session.ts';

/** The connections of one peer: the session if there is one, and what may still become one. */
export class PeerSessions {
  /**
   * The machine that dials; there is none in Idle, for a passive peer, or when the peer's connection is further
   * along.
   */
  outgoing: Session | undefined;
  incoming: Session | undefined;
  established: Session | undefined;
  /** A connection that the peer opened while it was Established. */
  second: Session | undefined;

  /** Makes an incoming connection the present one; returns the one before it, which the peer has given up. */
  accepted(session: Session): Session | undefined {
    const older = this.incoming;
    this.incoming = session;
    this.second = this.established === undefined ? undefined : session;
    return older;
  }

  forget(session: Session): void {
    if (this.established === session) this.established = undefined;
    if (this.incoming === session) this.incoming = undefined;
    if (this.outgoing === session) this.outgoing = undefined;
    if (this.second === session) this.second = undefined;
  }

  all(): Session[] {
    return [this.established, this.incoming, this.outgoing].filter(
      (session) => session !== undefined,
    );
  }

  otherThan(session: Session): Session | undefined {
    return this.all().find((other) => other !== session);
  }

  get hasConnection(): boolean {
    return this.all().some((session) => session.hasConnection);
  }

  /** What was negotiated, from OpenConfirm on. */
  get negotiated(): Negotiated | undefined {
    const { established, incoming, outgoing } = this;
    return established?.negotiated ?? incoming?.negotiated ?? outgoing?.negotiated;
  }

  /** Returns the state of the peer: that of the connection that is furthest along. */
  state(isIdle: boolean): State {
    const connected = this.all().filter((session) => session.hasConnection);
    if (connected.length > 0) return furthest(connected.map((session) => session.state));
    if (isIdle) return 'Idle';
    return this.outgoing?.state === 'Connect' ? 'Connect' : 'Active';
  }

  /** Sends keepalives that are due, and nothing else. */
  keepAlive(now: number): void {
    this.established?.keepAlive(now);
    this.incoming?.keepAlive(now);
    this.outgoing?.keepAlive(now);
  }

  /** Returns when a session is to be ticked; Infinity if none is. */
  nextDeadline(): number {
    return Math.min(
      this.established?.nextDeadline() ?? Infinity,
      this.incoming?.nextDeadline() ?? Infinity,
      this.outgoing?.nextDeadline() ?? Infinity,
    );
  }
}

function furthest(reached: readonly State[]): State {
  return reached.reduce((a, b) => (states.indexOf(b) > states.indexOf(a) ? b : a));
}
