import { expect, test } from 'vitest';
import { type Action, cellOf, events, states } from '#session/fsm.ts';

/** One letter for each action, in the order in which they run. */
const letters: Readonly<Record<string, Action>> = {
  R: 'startConnectRetryTimer',
  S: 'stopConnectRetryTimer',
  D: 'dial',
  C: 'cancelDial',
  O: 'sendOpen',
  L: 'startLargeHoldTimer',
  H: 'startHoldTimer',
  k: 'startKeepaliveTimer',
  K: 'sendKeepalive',
  N: 'sendNotification',
  F: 'sendFsmError',
  X: 'dropConnection',
  A: 'abortConnection',
  U: 'deliverUpdate',
  V: 'deliverRouteRefresh',
};

/**
 * RFC 4271 §8.2.2 on one page, with a column for each state and a row for each event: the next state, then the
 * actions.
 */
const matrix = `
event                                     | Idle        | Connect     | Active      | OpenSent         | OpenConfirm        | Established
ManualStart                               | Connect RD  | Connect     | Active      | OpenSent         | OpenConfirm        | Established
ManualStop                                | Idle        | Idle SC     | Idle S      | Idle NX          | Idle NX            | Idle NX
AutomaticStart                            | Connect RD  | Connect     | Active      | OpenSent         | OpenConfirm        | Established
ManualStartWithPassiveTcpEstablishment    | Active R    | Connect     | Active      | OpenSent         | OpenConfirm        | Established
AutomaticStartWithPassiveTcpEstablishment | Active R    | Connect     | Active      | OpenSent         | OpenConfirm        | Established
AutomaticStop                             | Idle        | Idle SC     | Idle S      | Idle NX          | Idle NX            | Idle NX
ConnectRetryTimerExpires                  | Idle        | Connect CRD | Connect RD  | Idle FX          | Idle FX            | Idle FX
HoldTimerExpires                          | Idle        | Idle SC     | Idle S      | Idle NX          | Idle NX            | Idle NX
KeepaliveTimerExpires                     | Idle        | Idle SC     | Idle S      | Idle FX          | OpenConfirm Kk     | Established Kk
SendHoldTimerExpires                      | Idle        | Idle SC     | Idle S      | Idle NA          | Idle NA            | Idle NA
IdleHoldTimerExpires                      | Idle        | Idle SC     | Idle S      | Idle FX          | Idle FX            | Idle FX
TcpCrAcked                                | Idle        | OpenSent SOL| OpenSent SOL| OpenSent         | OpenConfirm        | Established
TcpConnectionConfirmed                    | Idle        | OpenSent SOL| OpenSent SOL| OpenSent         | OpenConfirm        | Established
TcpConnectionFails                        | Idle        | Active R    | Idle S      | Active XR        | Idle X             | Idle X
BgpOpen                                   | Idle        | Idle SC     | Idle S      | OpenConfirm KkH  | Idle FX            | Idle FX
BgpHeaderErr                              | Idle        | Idle SC     | Idle S      | Idle NX          | Idle NX            | Idle NX
BgpOpenMsgErr                             | Idle        | Idle SC     | Idle S      | Idle NX          | Idle NX            | Idle FX
OpenCollisionDump                         | Idle        | Idle SC     | Idle S      | Idle NX          | Idle NX            | Idle NX
NotifMsgVerErr                            | Idle        | Idle SC     | Idle S      | Idle X           | Idle X             | Idle X
NotifMsg                                  | Idle        | Idle SC     | Idle S      | Idle X           | Idle X             | Idle X
KeepAliveMsg                              | Idle        | Idle SC     | Idle S      | Idle FX          | Established H      | Established H
UpdateMsg                                 | Idle        | Idle SC     | Idle S      | Idle FX          | Idle FX            | Established HU
UpdateMsgErr                              | Idle        | Idle SC     | Idle S      | Idle FX          | Idle FX            | Idle NX
RouteRefreshMsg                           | Idle        | Idle SC     | Idle S      | Idle FX          | Idle FX            | Established HV
RouteRefreshMsgErr                        | Idle        | Idle SC     | Idle S      | Idle FX          | Idle FX            | Idle NX
`;

const [header, ...lines] = matrix
  .trim()
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()));

const rows = events.flatMap((event, row) =>
  states.map((state, column) => {
    const [next, actions = ''] = lines[row][column + 1].split(' ');
    return { event, state, next, actions: [...actions].map((letter) => letters[letter]) };
  }),
);

test.each(rows)('$event in $state leads to $next', ({ event, state, next, actions }) => {
  expect(cellOf(state, event)).toEqual({ next, actions });
});

test('the matrix has every state and every event, in their order', () => {
  expect(header.slice(1)).toEqual(states);
  expect(lines.map(([event]) => event)).toEqual(events);
});
