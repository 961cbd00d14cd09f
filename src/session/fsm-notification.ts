import { MessageType } from '#wire/constants.ts';
import { type Notification, type NotificationKind, notificationOf } from '#wire/notification.ts';
import type { Action, Event, State } from './fsm.ts';
import type { Detail } from './session-down.ts';

/**
 * Returns the NOTIFICATION that the actions of a cell send: the one that came with the event, or the one that
 * the event calls for.
 */
export function notificationToSend(
  actions: readonly Action[],
  from: State,
  event: Event,
  detail: Detail,
): Notification | undefined {
  if (actions.includes('sendFsmError')) return fsmError(from, event);
  if (!actions.includes('sendNotification') || detail.isSilent === true) return undefined;
  return detail.notification ?? notificationOf(notificationKinds[event] ?? 'cease');
}

const notificationKinds: Partial<Record<Event, NotificationKind>> = {
  HoldTimerExpires: 'holdTimerExpired',
  SendHoldTimerExpires: 'sendHoldTimerExpired',
  OpenCollisionDump: 'connectionCollisionResolution',
};

/** RFC 6608 §4: the subcode is the state, and the data is the type of the message. */
function fsmError(from: State, event: Event): Notification {
  const type = messageTypes[event];
  const kind = unexpectedKinds[from];
  if (type === undefined || kind === undefined) return notificationOf('finiteStateMachineError');
  return notificationOf(kind, Uint8Array.of(type));
}

const messageTypes: Partial<Record<Event, MessageType>> = {
  BgpOpen: MessageType.open,
  UpdateMsg: MessageType.update,
  KeepAliveMsg: MessageType.keepalive,
  RouteRefreshMsg: MessageType.routeRefresh,
};

const unexpectedKinds: Partial<Record<State, NotificationKind>> = {
  OpenSent: 'unexpectedMessageInOpenSent',
  OpenConfirm: 'unexpectedMessageInOpenConfirm',
  Established: 'unexpectedMessageInEstablished',
};

/** Returns the event of a NotificationError, by its code. */
export function errorEvent(code: number): Event {
  switch (code) {
    case 1:
      return 'BgpHeaderErr';
    case 2:
      return 'BgpOpenMsgErr';
    case 7:
      return 'RouteRefreshMsgErr';
    default:
      return 'UpdateMsgErr';
  }
}
