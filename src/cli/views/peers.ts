import type { PeerView } from '#api/views/peer.ts';
import { sessionErrorText, settledSince } from '#words/peer.ts';
import { ageText, secondsSince, stateText } from '#words/text.ts';
import type { Cli } from '../cli-parts.ts';
import { type Column, ColumnTable } from '../table.ts';

const columns: readonly Column[] = [
  { head: 'Peer' },
  { head: 'AS', align: 'right' },
  { head: 'Address', spare: 3 },
  { head: 'State' },
  { head: 'Up/Down', align: 'right' },
  { head: 'Rcvd', align: 'right', spare: 2 },
  { head: 'Acc', align: 'right' },
  { head: 'Best', align: 'right' },
  { head: 'Adv', align: 'right', spare: 1 },
  { head: 'Group', spare: 4 },
  { head: 'Info', elastic: 'cut' },
];

/** Returns the table of `show peers`: one line for each peer, in the order of the configuration. */
export function peersTable(cli: Cli, peers: readonly PeerView[]): string {
  if (peers.length === 0) return 'no peers';
  const table = new ColumnTable(columns, cli.width);
  const rows = peers.map((peer) => peerRow(cli, peer));
  return table.render(rows, cli.style.strong);
}

function peerRow(cli: Cli, peer: PeerView): string[] {
  const { received, accepted, best, advertised } = peer.prefixes;
  const paint = statePaint(cli, peer);
  const settled = settledSince(peer);
  return [
    peer.name,
    String(peer.peer_as ?? 'any'),
    peer.address,
    paint(stateText(peer)),
    settled === undefined ? 'never' : ageText(secondsSince(settled, cli.host.clock.wall())),
    String(received),
    String(accepted),
    String(best),
    String(advertised),
    peer.group ?? '',
    infoText(peer),
  ];
}

export function statePaint(cli: Cli, peer: PeerView): (text: string) => string {
  if (peer.disabled_families !== undefined) return cli.style.bad;
  if (peer.state === 'established') return cli.style.good;
  return peer.enabled ? cli.style.busy : cli.style.bad;
}

/** Returns what an operator would ask next: why the peer is down, or which of its routes are rejected. */
function infoText(peer: PeerView): string {
  if (!peer.enabled) return peer.disabled?.reason ?? 'by configuration';
  if (peer.state !== 'established') return downText(peer);
  const [off] = peer.disabled_families ?? [];
  if (off !== undefined) return off.text;
  const { blocked, rejected } = peer.prefixes;
  if (blocked > 0) return `${blocked} blocked by the limit`;
  if (rejected <= blocked) return '';
  const reasons = (peer.refused_for ?? [])
    .filter((reason) => reason !== 'limit_blocked')
    .join(', ');
  return `${rejected} rejected (${reasons}): show route filtered ${peer.name}`;
}

/** In Idle we keep the peer down: the hint says for how long, and why. Otherwise its last error counts, if it has one. */
function downText({ state, hints = [], last_error: error }: PeerView): string {
  const [hint] = hints;
  if (error === undefined) return hint ?? '';
  return state === 'idle' && hint !== undefined ? hint : sessionErrorText(error);
}
