import type { State } from './fsm.ts';
import type { SessionDown } from './host.ts';

/** How the last connection that tells something ended; a refused dial does not count. */
export interface LastError extends SessionDown {
  readonly atMs: number;
}

/** A connection that has ended. */
export interface EndedConnection {
  readonly down: SessionDown;
  /** The state that it left. */
  readonly from: State;
  /** The peer has no other connection. */
  readonly isLast: boolean;
  readonly atMs: number;
}

/**
 * Returns what the last error is now. It is kept until a session has been up and ended: that later connections
 * are closed without a NOTIFICATION, or that one of two was, tells less. Of two colliding connections only the one
 * that lost is closed, which is no error.
 */
export function lastErrorAfter(
  known: LastError | undefined,
  { down, from, isLast, atMs }: EndedConnection,
): LastError | undefined {
  const isCollision = down.kind === 'collision' || (down.code === 6 && down.subcode === 7);
  const isWordless = down.code === undefined;
  if (!isLast && (isWordless || isCollision)) return known;
  const hasReason = known !== undefined && (known.direction === 'received' || isPeersFault(known));
  if (isWordless && hasReason && from !== 'Established') return known;
  return { ...down, atMs };
}

/** Returns `42 s after 2/2, because the peer sent AS 65009`; only `42 s` if no NOTIFICATION said why. */
export function refusalText(waitMs: number, lastError: LastError | undefined): string {
  const wait = `${Math.ceil(Math.max(0, waitMs) / 1000)} s`;
  if (lastError?.code === undefined) return wait;
  const { code, subcode, why, text } = lastError;
  return `${wait} after ${code}/${subcode}, because ${why ?? text}`;
}

/**
 * Returns whether the peer caused the end by its OPEN, a header, an UPDATE, or by exceeding a limit; its
 * connections are then refused for a while. A peer that merely lost its session (FIN, RST, hold time, its own
 * NOTIFICATION) may connect at once.
 */
export function isPeersFault(down: SessionDown): boolean {
  if (down.direction !== 'sent' || down.code === undefined) return false;
  return down.code <= 3 || down.kind === 'max_prefix';
}
