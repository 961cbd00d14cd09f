import type { TroubledAddress, TroubleView } from '#api/views/trouble.ts';
import { isFelt } from '#services/trouble.ts';
import { spoken } from '#words/service.ts';
import { plural, timeText } from '#words/text.ts';
import {
  besidesText,
  headline,
  kindTexts,
  noChangeText,
  reasonOf,
  recurrenceText,
  untilText,
  untouchableText,
} from '#words/trouble.ts';
import type { Frame } from '../frame.ts';
import { type Html, html } from '../html.ts';
import { agoShort, chip, lasting, peerLink, routeLink, scroller, tableHead } from '../parts.ts';

/** How many rows of each kind the first screen has at most; links lead to the others. */
export const mostRows = 10;

/** Says what is worst, for how long, and as of when; `others` is what is said of the addresses that are well. */
export function troubleVerdict(frame: Frame, view: TroubleView, others: string): Html {
  const besides = spoken(besidesText(view));
  const isBad = view.addresses.items.some(({ kind }) => isFelt(kind)) || view.sessions.count > 0;
  const gravity = !view.is_trouble ? 'good' : isBad ? 'bad' : 'busy';
  return html`<div class=${`verdict ${gravity}`}>
    <h1>${spoken(headline(view))}</h1>
    ${besides === '' ? others !== '' && html`<p>${others}</p>` : html`<p>and ${besides}</p>`}
    <p class="fresh">as of ${timeText(view.at)} UTC, ${agoShort(frame, view.at)}</p>
  </div>`;
}

/**
 * Shows what an operator has to know before touching anything, in the order in which it is asked for at night.
 * `isListed` adds the affected addresses, where they do not stand elsewhere on the screen.
 */
export function troubleView(
  frame: Frame,
  view: TroubleView,
  { isListed }: { readonly isListed: boolean },
): Html {
  const { incomplete } = view;
  return [
    isListed && addresses(frame, view),
    sessions(frame, view),
    incomplete !== undefined &&
      html`<p class="notice busy">Older events are missing: ${incomplete}</p>`,
    html`<div class="panels">
      ${list(
        'Siblings',
        view.siblings.map(({ peer, text }) => [peerLink(frame, peer), text]),
      )}
      ${list(
        'Also wrong',
        view.others.map((text) => ['', text]),
      )}
      ${list(
        'Running timers',
        view.clocks.map(({ ends_at: end, text }) => [untilText(end, view.at), text]),
      )}
      ${list(
        'Last causes',
        view.causes.map(({ at, text }) => [agoShort(frame, at), text]),
      )}
      ${list(
        'Do not touch',
        view.do_not_touch.map((row) => [whatIfLink(frame, row.node), untouchableText(row)]),
      )}
      ${changes(frame, view)}
      ${list(
        'What heals by itself',
        view.heals.map(({ about, text }) => [about, text]),
      )}
      ${list(
        'How often',
        view.often
          .filter(isRecurring)
          .map((row) => [row.about.replaceAll('_', ' '), recurrenceText(row)]),
      )}
    </div>`,
  ];
}

function addresses(frame: Frame, { addresses: { items, counts } }: TroubleView): Html {
  if (items.length === 0) return undefined;
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const caption = 'Affected addresses, the worst and the oldest first';
  return [
    scroller(
      caption,
      html`<table class="cards affected">
        <caption>
          ${caption}
        </caption>
        ${tableHead(['Address', 'State', 'For', 'Why'])}
        <tbody>
          ${items.slice(0, mostRows).map((item) => addressRow(frame, item))}
        </tbody>
      </table>`,
    ),
    total > mostRows &&
      html`<p class="more">and ${plural(total - mostRows, 'address')} more, in the table below</p>`,
  ];
}

function addressRow(frame: Frame, item: TroubledAddress): Html {
  return html`<tr>
    <th scope="row">${routeLink(frame, item.prefix)}</th>
    <td data-label="State">${chip('bad', kindTexts[item.kind])}</td>
    <td data-label="For" class="short">
      ${item.since === undefined ? 'since the start' : lasting(frame, item.since)}
    </td>
    <td data-label="Why" class="text">${reasonOf(item)}</td>
  </tr>`;
}

/** Returns `for 5 min 2 s`, or `since the start` if the time is not known. */
export function forText(frame: Frame, since: string | undefined): Html {
  return since === undefined ? 'since the start' : html`for ${lasting(frame, since)}`;
}

function sessions(frame: Frame, { sessions: { down, count, common } }: TroubleView): Html {
  if (count === 0) return undefined;
  const more = count - mostRows;
  return html`<section class="attention bad">
    <h2>${plural(count, 'session')} down</h2>
    ${common !== undefined && html`<p class="notice busy"><strong>In common:</strong> ${common}</p>`}
    <ul>
      ${down.slice(0, mostRows).map(
        (session) =>
          html`<li>
            ${peerLink(frame, session.peer)}
            ${session.since !== undefined && html`<span>for ${lasting(frame, session.since)}</span>`}
            <span>${session.text}</span>
            <span class="soft">${whereOf(session)}</span>
          </li>`,
      )}
      ${more > 0 && html`<li><a href=${`${frame.root}peers`}>and ${more} more</a></li>`}
    </ul>
  </section>`;
}

/** Returns `node w1, site dc1, rack a`; a node that bears the name of its peer is left out. */
function whereOf({ peer, node, site, rack }: TroubleView['sessions']['down'][number]): string {
  return Object.entries({ node: node === peer ? undefined : node, site, rack })
    .flatMap(([kind, name]) => (name === undefined ? [] : [`${kind} ${name}`]))
    .join(', ');
}

/** Returns only what has happened more than once. */
function isRecurring({ month, at_least: isMore }: TroubleView['often'][number]): boolean {
  return month > 1 || isMore === true;
}

function changes(frame: Frame, view: TroubleView): Html {
  if (view.changes.length === 0) {
    return html`<section class="panel">
      <h2>Changed</h2>
      <p>${noChangeText(view)}</p>
    </section>`;
  }
  return list(
    'Changed',
    view.changes.map(({ at, text }) => [agoShort(frame, at), text]),
  );
}

/**
 * What it is about or when, and what is said of it; left out where there is nothing. Of a large network there may be
 * thousands: the first are shown, and how many more there are.
 */
function list(title: string, rows: readonly (readonly [Html, string])[]): Html {
  if (rows.length === 0) return undefined;
  const more = rows.length - mostRows;
  return html`<section class="panel">
    <h2>${title}</h2>
    <dl>
      ${rows.slice(0, mostRows).map(
        ([about, text]) =>
          html`<div>
            <dt>${about}</dt>
            <dd>${text}</dd>
          </div>`,
      )}
    </dl>
    ${more > 0 && html`<p>and ${more} more</p>`}
  </section>`;
}

function whatIfLink({ root }: Frame, node: string): Html {
  return html`<a href=${`${root}whatif?node=${encodeURIComponent(node)}`}>${node}</a>`;
}
