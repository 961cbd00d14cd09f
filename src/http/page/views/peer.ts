import type { DoctorItem, Severity } from '#api/views/doctor.ts';
import type { PathView } from '#api/views/path.ts';
import type { PeerView } from '#api/views/peer.ts';
import { stateText, timeText } from '#words/text.ts';
import type { Frame } from '../frame.ts';
import { type Html, html } from '../html.ts';
import { ago, chip, facts, type Gravity, mono, sameElsewhere } from '../parts.ts';
import { messageTable, opens, prefixTable, refusedTable, updateErrors } from './peer-tables.ts';
import { holdBar, lastError, limitBar, peerGravity, queueBar, settledText } from './peers.ts';

/** How many refused routes the page of a peer lists at most. */
export const mostRefused = 100;

/** What is known about a peer beside its own state. */
interface Found {
  /** The first of its refused routes. */
  readonly refused: readonly PathView[];
  readonly findings: readonly DoctorItem[];
}

/** Shows everything about a peer. */
export function peerView(frame: Frame, peer: PeerView, { refused, findings }: Found): Html {
  const { name } = peer;
  return html`<header class="title">
      <h1>${name}</h1>
      ${chip(peerGravity(peer), stateText(peer))}
      <span>${settledText(frame, peer)}</span>
      ${peer.description !== undefined && html`<p>${peer.description}</p>`}
    </header>
    ${(peer.hints ?? []).map((hint) => html`<p class="notice busy">${hint}</p>`)}
    ${(peer.disabled_families ?? []).map(
      ({ family, at, text }) =>
        html`<p class="notice bad">${family} is off since ${ago(frame, at)}: ${text}</p>`,
    )}
    ${findings.length > 0 && findingList(findings)} ${identity(frame, peer)}
    ${refusedTable(frame, peer, refused)} ${opens(peer)}
    <div class="side">${prefixTable(peer)} ${messageTable(peer)}</div>
    ${updateErrors(frame, peer)}
    ${sameElsewhere(frame, `show peer ${name}`, `peers/${encodeURIComponent(name)}`)}`;
}

/** Shows what `doctor` says of the peer: what is wrong, the evidence, and what to change on each side. */
function findingList(findings: readonly DoctorItem[]): Html {
  return html`<section class="attention">
    <h2>What the doctor says</h2>
    <ul>
      ${findings.map(
        ({ severity, text, evidence, ours, theirs }) =>
          html`<li>
            ${chip(severityGravities[severity], severity)}<span>${text}</span>
            ${facts([
              ['Evidence', evidence],
              ['To change here', ours],
              ['To change at the peer', theirs],
            ])}
          </li>`,
      )}
    </ul>
  </section>`;
}

const severityGravities: Readonly<Record<Severity, Gravity>> = {
  error: 'bad',
  warning: 'busy',
  info: 'plain',
};

function identity(frame: Frame, peer: PeerView): Html {
  const { held, disabled, bfd, graceful_restart: kept = {} } = peer;
  return facts([
    ['Address', mono(`${peer.address}${peer.port === 179 ? '' : ` port ${peer.port}`}`)],
    ['Range', peer.range],
    ['AS', `${peer.peer_as ?? 'any'}, ours ${peer.local_as}`],
    ['Kind', peer.group === undefined ? peer.kind : `${peer.kind}, group ${peer.group}`],
    ['Node', peer.node !== undefined && nodeLinks(frame, peer)],
    ['Router id', peer.router_id],
    ['Local address', peer.local_address !== undefined && mono(peer.local_address)],
    [
      'BFD',
      bfd && `${bfd.state.replaceAll('_', ' ')}, a loss is noticed within ${bfd.detect_ms} ms`,
    ],
    ['Families', peer.families.join(', ')],
    ['Hold timer', peer.hold_time_s !== undefined && holdBar(peer)],
    ['Keepalive', peer.keepalive_s !== undefined && `every ${peer.keepalive_s} s`],
    ['Limit', peer.limit.accepted !== undefined && limitBar(peer)],
    ['Queue', queueBar(peer)],
    ['Import', peer.import],
    ['Export', peer.export],
    [
      'Disabled',
      disabled && html`${disabled.reason ?? 'by an operator'}, ${ago(frame, disabled.since)}`,
    ],
    [
      'Held',
      held &&
        `by ${held.by}${held.until === undefined ? '' : ` until ${timeText(held.until)} UTC`}`,
    ],
    ...Object.entries(kept).map(
      ([family, stale]) =>
        [
          'Graceful restart',
          `${family}: ${stale?.stale} stale, ${stale?.stage.replaceAll('_', ' ')} until ${timeText(stale?.until ?? '')} UTC`,
        ] as const,
    ),
    ['Session losses', String(peer.flaps)],
    ['Last error', peer.last_error !== undefined && lastError(frame, peer)],
  ]);
}

/** Links a node, its site and its rack each to what would happen if it failed. */
function nodeLinks({ root }: Frame, { node, site, rack }: PeerView): Html {
  const places = Object.entries({ node, site, rack }).filter(([, name]) => name !== undefined);
  return places.map(
    ([kind, name = '']) =>
      html`${kind === 'node' ? '' : `, ${kind} `}<a
          href=${`${root}whatif?${kind}=${encodeURIComponent(name)}`}
          title=${`What if ${kind} ${name} failed?`}
          >${name}</a
        >`,
  );
}
