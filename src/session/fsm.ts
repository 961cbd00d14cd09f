/**
 * The finite state machine of one connection, as a table to be read beside RFC 4271 §8.2.2: each state is a
 * row, each event a cell, which holds the actions in order and the next state.
 *
 * For a peer that is dialled, one machine runs for the connection that we dial, and another, started passive,
 * for each connection from the peer (RFC 4271 §8.2.1). What outlives a connection (administrative state,
 * IdleHoldTimer, ConnectRetryCounter) belongs to `Peer`.
 *
 * The table leaves out events 6 and 7 (Peer damps), 12 and 20 (DelayOpen is not offered), and 14 and 15 (the
 * listener knows its peers). Where a cell differs from the RFC, a comment says why.
 */
export const states = [
  'Idle',
  'Connect',
  'Active',
  'OpenSent',
  'OpenConfirm',
  'Established',
] as const;
export type State = (typeof states)[number];

/** RFC 4271 §8.1, RFC 9687 §4 (SendHoldTimerExpires); a ROUTE-REFRESH is judged as an UPDATE is. */
export const events = [
  'ManualStart',
  'ManualStop',
  'AutomaticStart',
  'ManualStartWithPassiveTcpEstablishment',
  'AutomaticStartWithPassiveTcpEstablishment',
  'AutomaticStop',
  'ConnectRetryTimerExpires',
  'HoldTimerExpires',
  'KeepaliveTimerExpires',
  'SendHoldTimerExpires',
  'IdleHoldTimerExpires',
  'TcpCrAcked',
  'TcpConnectionConfirmed',
  'TcpConnectionFails',
  'BgpOpen',
  'BgpHeaderErr',
  'BgpOpenMsgErr',
  'OpenCollisionDump',
  'NotifMsgVerErr',
  'NotifMsg',
  'KeepAliveMsg',
  'UpdateMsg',
  'UpdateMsgErr',
  'RouteRefreshMsg',
  'RouteRefreshMsgErr',
] as const;
export type Event = (typeof events)[number];

/** What Session does for a cell; `sendNotification` sends the NOTIFICATION that came with the event. */
export type Action =
  | 'startConnectRetryTimer'
  | 'stopConnectRetryTimer'
  | 'dial'
  | 'cancelDial'
  | 'sendOpen'
  | 'startLargeHoldTimer'
  | 'startHoldTimer'
  | 'startKeepaliveTimer'
  | 'sendKeepalive'
  | 'sendNotification'
  | 'sendFsmError'
  | 'dropConnection'
  | 'abortConnection'
  | 'deliverUpdate'
  | 'deliverRouteRefresh';

export interface Cell {
  readonly next: State;
  readonly actions: readonly Action[];
}
type Cells = Readonly<Partial<Record<Event, Cell>>>;

interface Row {
  readonly cells: Cells;
  /** "In response to any other event". */
  readonly other: Cell;
}

/**
 * Returns TABLE[state][event]. The table is complete: a pair that no cell names gets the state's cell for any
 * other event.
 */
export function cellOf(state: State, event: Event): Cell {
  const { cells, other } = table[state];
  return cells[event] ?? other;
}

const to = (next: State, ...actions: Action[]): Cell => ({ next, actions });

/** Assigns the same cell to the events that one sentence of the RFC names together. */
function each(cell: Cell, ...named: Event[]): Cells {
  return Object.fromEntries(named.map((event) => [event, cell]));
}

function row(other: Cell, ...named: Cells[]): Row {
  return { other, cells: named.reduce((all, cells) => ({ ...all, ...cells }), {}) };
}

const starts: Event[] = [
  'ManualStart',
  'AutomaticStart',
  'ManualStartWithPassiveTcpEstablishment',
  'AutomaticStartWithPassiveTcpEstablishment',
];
const connects: Event[] = ['TcpCrAcked', 'TcpConnectionConfirmed'];
const openErrors: Event[] = ['BgpHeaderErr', 'BgpOpenMsgErr'];
/**
 * The RFC prescribes an FSM error for event 21 here; §6.1, and every implementation, sends the header error
 * itself.
 */
const updateErrors: Event[] = ['BgpHeaderErr', 'UpdateMsgErr', 'RouteRefreshMsgErr'];
const endings: Event[] = ['OpenCollisionDump', 'HoldTimerExpires'];
const stops: Event[] = ['ManualStop', 'AutomaticStop'];

const openSent = to('OpenSent', 'stopConnectRetryTimer', 'sendOpen', 'startLargeHoldTimer');
const notified = to('Idle', 'sendNotification', 'dropConnection');
const fsmError = to('Idle', 'sendFsmError', 'dropConnection');
const dropped = to('Idle', 'dropConnection');
/** RFC 9687 §4: the peer reads nothing, so queued data must not keep the connection open. */
const aborted = to('Idle', 'sendNotification', 'abortConnection');

const table: Readonly<Record<State, Row>> = {
  /** "In this state, BGP FSM refuses all incoming BGP connections for this peer." */
  Idle: row(
    to('Idle'),
    each(to('Connect', 'startConnectRetryTimer', 'dial'), 'ManualStart', 'AutomaticStart'),
    each(
      to('Active', 'startConnectRetryTimer'),
      'ManualStartWithPassiveTcpEstablishment',
      'AutomaticStartWithPassiveTcpEstablishment',
    ),
  ),

  /** "In this state, BGP FSM is waiting for the TCP connection to be completed." */
  Connect: row(
    to('Idle', 'stopConnectRetryTimer', 'cancelDial'),
    each(to('Connect'), ...starts),
    each(to('Connect', 'cancelDial', 'startConnectRetryTimer', 'dial'), 'ConnectRetryTimerExpires'),
    each(openSent, ...connects),
    // As with DelayOpenTimer running: it is no error that the peer does not listen; its connection is awaited.
    each(to('Active', 'startConnectRetryTimer'), 'TcpConnectionFails'),
  ),

  /** "[...] trying to acquire a peer by listening for, and accepting, a TCP connection." */
  Active: row(
    to('Idle', 'stopConnectRetryTimer'),
    each(to('Active'), ...starts),
    each(to('Connect', 'startConnectRetryTimer', 'dial'), 'ConnectRetryTimerExpires'),
    each(openSent, ...connects),
  ),

  /** "In this state, BGP FSM waits for an OPEN message from its peer." */
  OpenSent: row(
    fsmError,
    // A second connection is tracked by its own machine, here and in the states below.
    each(to('OpenSent'), ...starts, ...connects),
    each(notified, ...stops, ...endings, ...openErrors),
    each(aborted, 'SendHoldTimerExpires'),
    // Peer replaces this machine with a new one, whose first wait is idle_hold.
    each(to('Active', 'dropConnection', 'startConnectRetryTimer'), 'TcpConnectionFails'),
    each(to('OpenConfirm', 'sendKeepalive', 'startKeepaliveTimer', 'startHoldTimer'), 'BgpOpen'),
    // The RFC lists event 25 among those answered with an FSM error; §6.4 forbids that answer.
    each(dropped, 'NotifMsg', 'NotifMsgVerErr'),
  ),

  /** "In this state, BGP waits for a KEEPALIVE or NOTIFICATION message." */
  OpenConfirm: row(
    fsmError,
    each(to('OpenConfirm'), ...starts, ...connects),
    each(notified, ...stops, ...endings, ...openErrors),
    each(aborted, 'SendHoldTimerExpires'),
    each(to('OpenConfirm', 'sendKeepalive', 'startKeepaliveTimer'), 'KeepaliveTimerExpires'),
    each(dropped, 'TcpConnectionFails', 'NotifMsg', 'NotifMsgVerErr'),
    each(to('Established', 'startHoldTimer'), 'KeepAliveMsg'),
  ),

  /** "[...] the BGP FSM can exchange UPDATE, NOTIFICATION, and KEEPALIVE messages with its peer." */
  Established: row(
    fsmError,
    each(to('Established'), ...starts, ...connects),
    each(notified, ...stops, ...endings, ...updateErrors),
    each(aborted, 'SendHoldTimerExpires'),
    each(to('Established', 'sendKeepalive', 'startKeepaliveTimer'), 'KeepaliveTimerExpires'),
    each(dropped, 'TcpConnectionFails', 'NotifMsg', 'NotifMsgVerErr'),
    each(to('Established', 'startHoldTimer'), 'KeepAliveMsg'),
    each(to('Established', 'startHoldTimer', 'deliverUpdate'), 'UpdateMsg'),
    each(to('Established', 'startHoldTimer', 'deliverRouteRefresh'), 'RouteRefreshMsg'),
  ),
};
