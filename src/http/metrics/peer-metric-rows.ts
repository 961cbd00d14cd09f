import { stateNames, updateErrorActions } from '#api/names.ts';
import type { PeerMetricsView } from '#api/views/metrics.ts';
import type { MessageCounts, PrefixCounts } from '#api/views/peer.ts';
import { dropReasons } from '#session/host.ts';
import { familyNames } from '#wire/constants.ts';
import { bit, familyLabels, known, perPeer, type Row, type Value } from './metric-row.ts';

const messageTypes: readonly (keyof MessageCounts)[] = [
  'open',
  'update',
  'notification',
  'keepalive',
  'route_refresh',
];

const tables: readonly (keyof PrefixCounts)[] = [
  'received',
  'accepted',
  'rejected',
  'blocked',
  'best',
  'advertised',
  'stale',
];

/** One row for each metric of peers, in the order of the page. */
export const peerMetricRows: readonly Row[] = [
  perPeer(
    'gauge',
    'up',
    '1 if the session is Established. Absent for a peer of a range that has left, because it may not return.',
    ({ view }) => {
      const isUp = view.state === 'established';
      return view.range !== undefined && !isUp ? [] : [[{}, bit(isUp)]];
    },
  ),
  perPeer('gauge', 'admin_up', '0 if the peer is disabled by an operator.', ({ view }) => [
    [{}, bit(view.enabled)],
  ]),
  perPeer('gauge', 'drained', '1 if an operator drains the peer on this server.', (counted) => [
    [{}, bit(counted.is_drained)],
  ]),
  perPeer('gauge', 'state', 'State of the session (RFC 4271); exactly one is 1.', ({ view }) =>
    stateNames.map((state) => [{ state }, bit(view.state === state)]),
  ),
  perPeer(
    'gauge',
    'last_state_change_timestamp_seconds',
    'Time at which the session entered its present state.',
    (peer) => [[{}, peer.last_state_change_s]],
  ),
  perPeer(
    'counter',
    'established_transitions_total',
    'Number of times that the session became Established.',
    (peer) => [[{}, peer.established_transitions]],
  ),
  perPeer(
    'counter',
    'session_drops_total',
    'Number of times that an Established session ended.',
    ({ session_drops }) => dropReasons.map((reason) => [{ reason }, session_drops[reason] ?? 0]),
  ),
  perPeer('counter', 'messages_total', 'BGP messages.', ({ view }) => [
    ...messages('in', view.messages.received),
    ...messages('out', view.messages.sent),
  ]),
  perPeer('counter', 'bytes_total', 'Bytes of BGP messages.', ({ bytes }) => [
    [{ direction: 'in' }, bytes.received],
    [{ direction: 'out' }, bytes.sent],
  ]),
  perPeer(
    'counter',
    'notifications_total',
    'NOTIFICATION messages by code and subcode; only those that occurred.',
    ({ notifications }) =>
      notifications.map(({ direction, code, subcode, count }) => [
        { direction, code, subcode },
        count,
      ]),
  ),
  perPeer(
    'counter',
    'update_errors_total',
    'Malformed UPDATE messages by outcome (RFC 7606).',
    ({ update_errors }) => updateErrorActions.map((action) => [{ action }, update_errors[action]]),
  ),
  perPeer(
    'gauge',
    'family_disabled',
    '1 if the routes of a family are ignored in this session because the peer sent malformed ones.',
    ({ view }) =>
      view.families.map((family) => [
        familyLabels(family),
        bit(view.disabled_families?.some((off) => off.family === family) === true),
      ]),
  ),
  perPeer('gauge', 'hold_time_seconds', 'Negotiated hold time.', ({ view }) =>
    known({}, view.hold_time_s),
  ),
  perPeer('gauge', 'keepalive_time_seconds', 'Negotiated keepalive time.', ({ view }) =>
    known({}, view.keepalive_s),
  ),
  perPeer(
    'gauge',
    'last_message_timestamp_seconds',
    'Time of the last BGP message.',
    ({ last_message_s }) => [
      ...known({ direction: 'in' }, last_message_s.received),
      ...known({ direction: 'out' }, last_message_s.sent),
    ],
  ),
  perPeer('gauge', 'output_queue_bytes', 'Bytes that the socket has not accepted yet.', (peer) => [
    [{}, peer.output_queue_bytes],
  ]),
  perPeer(
    'gauge',
    'prefixes',
    'Prefixes by table; always select one table. Stale prefixes are kept by graceful restart and are also counted as received.',
    prefixes,
  ),
  perPeer('gauge', 'prefix_limit', 'Configured maximum number of prefixes.', ({ limits }) =>
    limits.map(({ family, counts, limit }) => [{ ...familyLabels(family), counts }, limit]),
  ),
  perPeer(
    'counter',
    'prefix_changes_total',
    'Prefixes announced and withdrawn, by direction.',
    ({ prefix_changes }) =>
      prefix_changes.flatMap(({ family, direction, announce, withdraw }): Value[] => [
        [{ ...familyLabels(family), direction, kind: 'announce' }, announce],
        [{ ...familyLabels(family), direction, kind: 'withdraw' }, withdraw],
      ]),
  ),
  perPeer('counter', 'rejected_total', 'Paths refused, by reason.', ({ rejected }) =>
    rejected.map(({ family, reason, count }) => [{ ...familyLabels(family), reason }, count]),
  ),
];

function messages(direction: 'in' | 'out', counts: MessageCounts): Value[] {
  return messageTypes.map((type) => [{ direction, type }, counts[type]]);
}

/** In the shadow nothing is advertised, which is as it should be, so there is no series for it. */
function prefixes({ view, is_shadow: isShadow }: PeerMetricsView): Value[] {
  const shown = tables.filter((name) => !isShadow || name !== 'advertised');
  return familyNames.flatMap((family) => {
    const own = view.prefixes.per_family[family];
    if (own === undefined) return [];
    return shown.map((name): Value => [{ ...familyLabels(family), table: name }, own[name]]);
  });
}
