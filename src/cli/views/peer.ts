import type {
  LimitView,
  MessageCounts,
  PeerView,
  PrefixCounts,
  StaleView,
} from '#api/views/peer.ts';
import { type Offer, offers, openFields, sessionErrorText } from '#words/peer.ts';
import { ageText, secondsSince, stateText, timeText } from '#words/text.ts';
import type { Cli } from '../cli-parts.ts';
import { ColumnTable } from '../table.ts';
import { fields } from './fields.ts';
import { statePaint } from './peers.ts';

/** Returns everything about a peer: its settings, state, both OPENs, counters and last error. */
export function peerText(cli: Cli, peer: PeerView): string {
  const parts = [
    identity(cli, peer),
    prefixTable(cli, peer),
    messageTable(cli, peer),
    offerTable(cli, '  OPEN', openFields(peer)),
    offerTable(cli, '  Capabilities', offers(peer.capabilities)),
    updateErrorTable(cli, peer),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function identity(cli: Cli, peer: PeerView): string {
  const { style, host } = cli;
  const age = ageText(secondsSince(peer.since, host.clock.wall()));
  const state = `${statePaint(cli, peer)(stateText(peer))} for ${age}, since ${timeText(peer.since)} UTC`;
  const title = [style.strong(peer.name), peer.description ?? ''].filter((word) => word !== '');
  return fields(title.join('  '), [
    ['Address', `${peer.address}${peer.port === 179 ? '' : `, port ${peer.port}`}`],
    ['Range', peer.range ?? ''],
    ['AS', `${peer.peer_as ?? 'any'}, ours ${peer.local_as}`],
    ['State', state],
    ['Down', downText(cli, peer)],
    ['Disabled', disabledText(peer)],
    ['Held', heldText(cli, peer)],
    [
      'Kind',
      [peer.kind, peer.group === undefined ? '' : `group ${peer.group}`].filter(Boolean).join(', '),
    ],
    ['Place', placeText(peer)],
    ['Router id', peer.router_id ?? ''],
    ['Local address', peer.local_address ?? ''],
    ['Families', peer.families.join(', ')],
    ...offRows(cli, peer),
    ['Hold time', holdText(peer)],
    ['BFD', bfdText(peer)],
    ['Import', peer.import],
    ['Export', peer.export],
    ['Limit', limitText('accepted', peer.limit.accepted)],
    ['Limit', limitText('received', peer.limit.received)],
    ...staleRows(cli, peer),
    ['Flaps', String(peer.flaps)],
    ['Last error', errorText(cli, peer)],
    ...(peer.hints ?? []).map((hint) => ['Hint', hint] as const),
  ]);
}

/** Returns `up, detects a loss within 900 ms`. */
function bfdText({ bfd }: PeerView): string {
  if (bfd === undefined) return '';
  const { state, detect_ms: detectMs, downs } = bfd;
  const losses = downs === 0 ? '' : `, lost ${downs} times`;
  if (state === 'up') return `up, detects a loss within ${Math.round(detectMs)} ms${losses}`;
  return `${state.replace('_', ' ')}${detectMs === 0 ? ', no packet received yet' : ''}${losses}`;
}

/** Says why a family is off, and how to turn it on again. */
function offRows(
  { style }: Cli,
  { name, disabled_families: off = [] }: PeerView,
): [string, string][] {
  return off.flatMap(({ family, at, text }): [string, string][] => [
    ['Off', style.bad(`${family} since ${timeText(at)} UTC: ${text}`)],
    ['', `its routes are ignored in this session; once the peer is fixed, run: reset ${name}`],
  ]);
}

/** Returns rows such as `ipv6_unicast: 3 stale, the peer is awaited until 12:00:00`. */
function staleRows({ style }: Cli, peer: PeerView): [string, string][] {
  const families: readonly (readonly [string, StaleView | undefined])[] = Object.entries(
    peer.graceful_restart ?? {},
  );
  return families.flatMap(([family, view]) => {
    if (view === undefined) return [];
    const { stage, stale, until } = view;
    const text = `${family}: ${stale} stale, ${stageTexts[stage]} until ${timeText(until)} UTC`;
    return [['Graceful restart', style.busy(text)]];
  });
}

const stageTexts: Readonly<Record<StaleView['stage'], string>> = {
  restarting: 'waiting for the peer',
  long_lived: 'used only as a last resort',
  resynchronizing: 'waiting for its End-of-RIB',
};

function disabledText({ disabled }: PeerView): string {
  if (disabled === undefined) return '';
  const reason = disabled.reason === undefined ? '' : `: ${disabled.reason}`;
  return `since ${timeText(disabled.since)} UTC${reason}`;
}

/** Says why connections of the peer are refused, and how to allow them before the time is up. */
function heldText({ style }: Cli, { name, held }: PeerView): string {
  if (held === undefined) return '';
  const until = held.until === undefined ? '' : ` until ${timeText(held.until)} UTC`;
  return style.bad(
    `by ${held.by}${until}; raise the limit or run 'reset ${name}' to allow it again`,
  );
}

function placeText({ node, site, rack }: PeerView): string {
  const named = { node, site, rack };
  const shown = Object.entries(named).filter(([, value]) => value !== undefined);
  return shown.map(([name, value]) => `${name} ${value}`).join(', ');
}

function downText({ host }: Cli, { down_since: since }: PeerView): string {
  if (since === undefined) return '';
  return `for ${ageText(secondsSince(since, host.clock.wall()))}, since ${timeText(since)} UTC`;
}

function holdText(peer: PeerView): string {
  if (peer.hold_time_s === undefined) return '';
  if (peer.hold_time_s === 0) return 'none (0)';
  const left = peer.hold_remaining_s;
  const leftText = left === undefined ? '' : ` (${left.toFixed(1)} s left)`;
  return `${peer.hold_time_s} s${leftText}, keepalive every ${peer.keepalive_s ?? '?'} s`;
}

function limitText(counts: string, limit: LimitView | undefined): string {
  if (limit === undefined) return '';
  return `${limit.used} of ${limit.limit} ${counts}, then ${limit.action}`;
}

function errorText({ style }: Cli, { last_error: error }: PeerView): string {
  if (error === undefined) return '';
  return `${timeText(error.at)} UTC, ${style.bad(sessionErrorText(error))}`;
}

const countNames = ['received', 'accepted', 'rejected', 'blocked', 'best', 'advertised'] as const;

function prefixTable(cli: Cli, peer: PeerView): string {
  const families: readonly (readonly [string, PrefixCounts | undefined])[] = Object.entries(
    peer.prefixes.per_family,
  );
  const rows = families.flatMap(([family, counts]) =>
    counts === undefined
      ? []
      : [[`  ${family}`, ...countNames.map((name) => String(counts[name]))]],
  );
  return numberTable(cli, '  Prefixes', countNames, rows);
}

const messageNames = ['open', 'update', 'notification', 'keepalive', 'route_refresh'] as const;

function messageTable(cli: Cli, { messages }: PeerView): string {
  const row = (name: string, counts: MessageCounts): string[] => [
    `  ${name}`,
    ...messageNames.map((type) => String(counts[type])),
  ];
  const rows = [row('received', messages.received), row('sent', messages.sent)];
  return numberTable(cli, '  Messages', messageNames, rows);
}

function numberTable(
  cli: Cli,
  title: string,
  names: readonly string[],
  rows: readonly string[][],
): string {
  if (rows.length === 0) return '';
  const numbers = names.map((name) => ({ head: name, align: 'right' as const }));
  return new ColumnTable([{ head: title }, ...numbers], Infinity).render(rows, cli.style.strong);
}

/** Returns both OPENs side by side, so that what only one side said stands out. */
function offerTable(cli: Cli, title: string, said: readonly Offer[]): string {
  const rows = said.map(({ name, sent, received }) => [`  ${name}`, sent ?? '-', received ?? '-']);
  if (rows.length === 0) return '';
  const columns = [{ head: title }, { head: 'sent' }, { head: 'received' }];
  return new ColumnTable(columns, Infinity).render(rows, cli.style.strong);
}

/** The number of hex digits printed on a line; the JSON has all of them. */
const shownDigits = 64;

function updateErrorTable(cli: Cli, { update_errors: errors = [] }: PeerView): string {
  if (errors.length === 0) return '';
  const rows = errors.map(({ at, text, outcome, count, bytes, length }) => [
    `  ${timeText(at)}`,
    outcome,
    count === 1 ? text : `${text} (${count} times)`,
    bytes.length <= shownDigits ? bytes : `${bytes.slice(0, shownDigits)}… (${length} bytes)`,
  ]);
  const columns = [
    { head: '  Faulty UPDATEs' },
    { head: 'outcome' },
    { head: 'what' },
    { head: 'attributes' },
  ];
  return new ColumnTable(columns, Infinity).render(rows, cli.style.strong);
}
