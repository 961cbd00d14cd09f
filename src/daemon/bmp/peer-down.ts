import type { PeerDown } from '#bmp/messages.ts';
import type { DropReason, SessionDown } from '#session/host.ts';
import type { Notification } from '#wire/notification.ts';

/**
 * The FSM event that closes a session without a NOTIFICATION, by its number in RFC 4271 §8.1; 0 where there is none.
 */
const events: Readonly<Partial<Record<DropReason, number>>> = {
  admin_shutdown: 2,
  admin_reset: 2,
  config: 8,
  hold_timer_expired: 10,
  collision: 23,
};

/** Returns what BMP says of the end of a session; `last`: the last NOTIFICATION that was sent or received. */
export function peerDownOf(end: SessionDown, last: Notification | undefined): PeerDown {
  const { kind, code, subcode, direction, tcp } = end;
  if (code !== undefined && subcode !== undefined) {
    const isLast = last?.code === code && last.subcode === subcode;
    const notification = isLast ? last : { code, subcode, data: new Uint8Array(0) };
    return {
      kind: 'notification',
      by: direction === 'received' ? 'remote' : 'local',
      notification,
    };
  }
  // RFC 7854 §4.9: "any unexpected termination of the transport session" counts as the peer's.
  if (tcp !== undefined) return { kind: 'lost' };
  return { kind: 'closed', event: events[kind] ?? 0 };
}
