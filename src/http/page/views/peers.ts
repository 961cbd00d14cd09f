import type { PeerView } from '#api/views/peer.ts';
import { sessionErrorText, settledSince } from '#words/peer.ts';
import { plural, stateText } from '#words/text.ts';
import type { Frame } from '../frame.ts';
import { type Html, html } from '../html.ts';
import {
  agoShort,
  bar,
  chip,
  type Gravity,
  lasting,
  mono,
  peerLink,
  scroller,
  tableHead,
} from '../parts.ts';

/** Rows of one page. */
const pagePeers = 200;

/** Shows all peers; those that are down come first. */
export function peersView(frame: Frame, peers: readonly PeerView[], from: number): Html {
  const sorted = peers.toSorted((a, b) => weight(b) - weight(a));
  const shown = sorted.slice(from, from + pagePeers);
  const down = peers.filter(isDown).length;
  const disabled = peers.filter(({ enabled }) => !enabled).length;
  const up = peers.length - down - disabled;
  return html`<div class=${`verdict ${down === 0 ? 'good' : 'bad'}`}>
      <h1>
        ${
          down === 0
            ? `${plural(up, 'session')} up${disabled === 0 ? '' : `, ${disabled} disabled`}`
            : `${down} of ${plural(peers.length, 'session')} down`
        }
      </h1>
    </div>
    ${scroller('Peers', peersTable(frame, shown))} ${more(sorted.length, from)}`;
}

/** Returns whether a peer is neither up nor disabled by an operator. */
export function isDown(peer: PeerView): boolean {
  return weight(peer) > 2;
}

/** Orders peers: those that are down against the operator's will, those that need a look, and the others. */
function weight(peer: PeerView): number {
  if (!peer.enabled) return 1;
  if (peer.state !== 'established' || peer.disabled_families !== undefined) return 3;
  return peer.prefixes.blocked > 0 ? 2 : 0;
}

export function peerGravity(peer: PeerView): Gravity {
  if (!peer.enabled) return 'plain';
  if (peer.disabled_families !== undefined) return 'bad';
  return peer.state === 'established' ? 'good' : 'bad';
}

function peersTable(frame: Frame, peers: readonly PeerView[]): Html {
  const numbers = ['Received', 'Accepted', 'Refused', 'Best', 'Sent'];
  return html`<table class="cards peers">
    <caption>
      Peers, those that are down first
    </caption>
    ${tableHead(
      ['Peer', 'State', 'Address', 'Hold timer', 'Limit', 'Queue', ...numbers, 'Last error'],
      numbers,
    )}
    <tbody>
      ${peers.map((peer) => peerRow(frame, peer))}
    </tbody>
  </table>`;
}

function peerRow(frame: Frame, peer: PeerView): Html {
  const { name, description, node, prefixes, refused_for: reasons = [] } = peer;
  const { received, accepted, rejected, best, advertised } = prefixes;
  const where = [node === name ? undefined : node, description].filter(Boolean).join(' · ');
  return html`<tr id=${`p-${name}`}>
    <th scope="row">${peerLink(frame, name)}${where && html`<small>${where}</small>`}</th>
    <td data-label="State" class="wide">
      ${chip(peerGravity(peer), stateText(peer))}<small class="line"
        >${settledText(frame, peer)}</small
      >
    </td>
    <td data-label="Address" class="wide">
      ${mono(peer.address)}<small class="line">AS ${peer.peer_as ?? 'any'}</small>
    </td>
    <td data-label="Hold timer" class="metered">${holdBar(peer)}</td>
    <td data-label="Limit" class="metered">${limitBar(peer)}</td>
    <td data-label="Queue" class="metered">${queueBar(peer)}</td>
    <td data-label="Received" class="number">${received}</td>
    <td data-label="Accepted" class="number">${accepted}</td>
    <td data-label="Refused" class=${rejected > 0 ? 'number busy' : 'number'}>
      ${rejected}${rejected > 0 && html`<small class="line">${reasons.join(', ')}</small>`}
    </td>
    <td data-label="Best" class="number">${best}</td>
    <td data-label="Sent" class="number">${advertised}</td>
    <td data-label="Last error" class="text">${lastError(frame, peer)}</td>
  </tr>`;
}

export function settledText(frame: Frame, peer: PeerView): Html {
  const since = settledSince(peer);
  return since === undefined ? 'never up' : html`for ${lasting(frame, since)}`;
}

export function lastError(frame: Frame, { last_error: error, hints = [] }: PeerView): Html {
  const [hint] = hints;
  if (error === undefined) return hint ?? '';
  return html`${sessionErrorText(error)}<small class="line">${agoShort(frame, error.at)}</small>`;
}

/** Shows what remains of the hold time; if it is less than a third, a KEEPALIVE is late. */
export function holdBar({ hold_time_s: hold, hold_remaining_s: left }: PeerView): Html {
  if (hold === undefined || left === undefined) return '–';
  const share = left / hold;
  const gravity = share > 0.5 ? 'good' : share > 1 / 3 ? 'busy' : 'bad';
  return bar(share, gravity, `${left.toFixed(1)} of ${hold} s`);
}

export function limitBar({ limit: { accepted, received } }: PeerView): Html {
  const limit = accepted ?? received;
  if (limit === undefined) return '–';
  const share = limit.used / limit.limit;
  const gravity = share >= 1 ? 'bad' : share >= 0.8 ? 'busy' : 'good';
  return bar(share, gravity, `${limit.used} of ${limit.limit}`);
}

/** A peer with more than this in its queue is no longer served with the others, and catches up by itself. */
const laggingBytes = 4 * 1024 * 1024;

export function queueBar({ state, output_queue_bytes: bytes }: PeerView): Html {
  if (state !== 'established') return '–';
  const share = bytes / laggingBytes;
  return bar(share, share > 0.5 ? 'bad' : share > 0.05 ? 'busy' : 'good', sizeText(bytes));
}

function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024
    ? `${Math.round(bytes / 1024)} KiB`
    : `${(bytes / 1048576).toFixed(1)} MiB`;
}

function more(total: number, from: number): Html {
  const end = from + pagePeers;
  if (total <= pagePeers) return undefined;
  return html`<p class="more">
    ${from + 1} to ${Math.min(end, total)} of ${total}
    ${from > 0 && html`<a href=${`peers?from=${Math.max(0, from - pagePeers)}`}>previous</a>`}
    ${end < total && html`<a rel="next" href=${`peers?from=${end}`}>next</a>`}
  </p>`;
}
