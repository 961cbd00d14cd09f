import type { DrainView } from '#api/drain.ts';
import type { PeerView } from '#api/peer.ts';
import { plural, stateText, timeText } from '#words/text.ts';
import type { Frame } from '../frame.ts';
import { type Html, html } from '../html.ts';
import { ago, chip, lasting, peerLink } from '../parts.ts';
import { isDown, lastError, peerGravity } from './peers.ts';
import { writeForm } from './write-form.ts';

/** Sessions that the first screen names; the others are a link away. */
const mostSessions = 8;

/** What an operator should know before touching anything: sessions that are down, and what is drained. */
export function attentionView(
  frame: Frame,
  peers: readonly PeerView[],
  drains: readonly DrainView[],
): Html {
  return [downPeers(frame, peers.filter(isDown)), drained(frame, drains)];
}

function downPeers(frame: Frame, down: readonly PeerView[]): Html {
  if (down.length === 0) return undefined;
  const others = down.length - mostSessions;
  return html`<section class="attention bad">
    <h2>${plural(down.length, 'session')} down</h2>
    <ul>
      ${down.slice(0, mostSessions).map(
        (peer) =>
          html`<li>
            ${peerLink(frame, peer.name)}${chip(peerGravity(peer), stateText(peer))}
            <span>for ${lasting(frame, peer.since)}</span>
            <span>${lastError(frame, peer)}</span>
          </li>`,
      )}
      ${others > 0 && html`<li><a href=${`${frame.root}peers`}>and ${others} more</a></li>`}
    </ul>
  </section>`;
}

/** Comments are for those who may write. */
function drained(frame: Frame, drains: readonly DrainView[]): Html {
  if (drains.length === 0) return undefined;
  return html`<section class="attention drained">
    <h2>Out of service on purpose</h2>
    <ul>
      ${drains.map((drain) => drainRow(frame, drain))}
    </ul>
  </section>`;
}

function drainRow(frame: Frame, { id, target, since, until, overdue, counts }: DrainView): Html {
  const isEffective = counts.no + counts.unknown === 0;
  const ends = until === undefined ? 'until it is ended' : `until ${timeText(until)} UTC`;
  const told = `${counts.yes} of ${counts.yes + counts.no + counts.unknown} shown to have moved`;
  return html`<li>
    <strong>${target.kind} ${target.name}</strong>${chip(isEffective ? 'good' : 'busy', told)}
    <span>${ends}, since ${ago(frame, since)}</span>
    ${overdue !== undefined && html`<span>${chip('bad', 'overdue')} ${overdue}</span>`}
    ${writeForm({
      id: `undrain-${id}`,
      label: `End ${id}…`,
      method: 'DELETE',
      url: `${frame.root}api/v1/drains/${encodeURIComponent(id)}`,
      confirm: target.name,
      warning: `Routers may use ${target.name} again at once.`,
    })}
  </li>`;
}
