import {
  describe,
  type Notification,
  NotificationError,
  unwrapHardReset,
} from '#wire/notification.ts';
import { decodeShutdownText } from '#wire/shutdown-text.ts';
import type { Event } from './fsm.ts';
import type { ConnectionLoss, DropReason, SessionDown } from './host.ts';

/** The details of an event that may end a session. */
export interface Detail {
  /** Sent or received, as the event says. */
  readonly notification?: Notification;
  /** Do not send the NOTIFICATION that the table names. */
  readonly isSilent?: boolean;
  /** The kind of stop, by the operator or the configuration. */
  readonly kind?: DropReason;
  /** More than the NOTIFICATION says, as text for people. */
  readonly text?: string;
  readonly tcp?: ConnectionLoss;
}

export const noDetail: Detail = {};

/** Describes how a session ended, from the event that ended it and the NOTIFICATION that was sent, if any. */
export function sessionDown(
  event: Event,
  detail: Detail,
  sent: Notification | undefined,
): SessionDown {
  const isReceived = event === 'NotifMsg' || event === 'NotifMsgVerErr';
  const notification = isReceived ? detail.notification : sent;
  const kind = detail.kind ?? kindOf(event, sent);
  const { tcp } = detail;
  if (notification === undefined) {
    const text = detail.text ?? 'connection closed by the peer';
    return { kind, text, ...(tcp !== undefined && { tcp }) };
  }
  const why = notification instanceof NotificationError ? notification.detail : undefined;
  return {
    kind,
    ...(why !== undefined && { why }),
    text: detail.text ?? notificationText(notification),
    code: notification.code,
    subcode: notification.subcode,
    direction: isReceived ? 'received' : 'sent',
  };
}

/**
 * Returns one line: `Cease/Administrative Shutdown: maintenance until 9`. For a Hard Reset it shows the
 * NOTIFICATION inside. For one that we sent it adds what we found wrong, which the message itself cannot carry.
 */
export function notificationText(notification: Notification): string {
  if (notification instanceof NotificationError) return notification.message;
  const inner = unwrapHardReset(notification);
  const words = describe(inner.code, inner.subcode);
  const prefix =
    inner === notification ? '' : `${describe(notification.code, notification.subcode)}: `;
  const text = decodeShutdownText(inner);
  return prefix + (text === undefined ? words : `${words}: ${text}`);
}

function kindOf(event: Event, sent: Notification | undefined): DropReason {
  switch (event) {
    case 'HoldTimerExpires':
      return 'hold_timer_expired';
    case 'TcpConnectionFails':
      return 'tcp_closed';
    case 'NotifMsg':
    case 'NotifMsgVerErr':
      return 'notification_received';
    case 'OpenCollisionDump':
      return 'collision';
    default:
      return isMaxPrefix(sent) ? 'max_prefix' : 'notification_sent';
  }
}

function isMaxPrefix(notification: Notification | undefined): boolean {
  return notification?.code === 6 && notification.subcode === 1;
}
