import type { TroubledAddress, TroubleView } from '#api/trouble.ts';
import { plural, timeText } from '#words/text.ts';
import {
  besidesText,
  headline,
  kindTexts,
  noChangeText,
  placeOf,
  reasonOf,
  recurrenceText,
  untilText,
  untouchableText,
} from '#words/trouble.ts';
import type { Frame } from '../frame.ts';
import { type Html, html } from '../html.ts';
import {
  agoShort,
  chip,
  type Gravity,
  lasting,
  peerLink,
  routeLink,
  scroller,
  tableHead,
} from '../parts.ts';

/** Rows that the first screen has of each kind; links lead to the others. */
export const mostRows = 10;

export const kindGravities: Readonly<Record<TroubledAddress['kind'], Gravity>> = {
  dark: 'bad',
  down: 'bad',
  not_answering: 'bad',
  no_backup: 'busy',
};

/** The worst that is wrong, for how long, and as of when; `states` says the same of the addresses in other words. */
export function troubleVerdict(frame: Frame, view: TroubleView, states: Html): Html {
  const besides = besidesText(view);
  const isFelt = view.addresses.items.some(({ kind }) => kindGravities[kind] === 'bad');
  const gravity = !view.is_trouble ? 'good' : isFelt || view.sessions.count > 0 ? 'bad' : 'busy';
  return html`<div class=${`verdict ${gravity}`}>
    <h1>${headline(view)}</h1>
    ${besides === '' ? states : html`<p>and ${besides}</p>`}
    <p class="fresh">as of ${timeText(view.at)} UTC, ${agoShort(frame, view.at)}</p>
  </div>`;
}

/**
 * What one has to know before touching anything, in the order in which it is asked for at night. `isListed`: the affected
 * addresses too, which do not stand elsewhere on the screen.
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
        'Running clocks',
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
        view.often.map((row) => [row.about.replaceAll('_', ' '), recurrenceText(row)]),
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
    <td data-label="State">${chip(kindGravities[item.kind], kindTexts[item.kind])}</td>
    <td data-label="For" class="short">
      ${item.since === undefined ? 'since the start' : lasting(frame, item.since)}
    </td>
    <td data-label="Why" class="text">${reasonOf(item)}</td>
  </tr>`;
}

/** `for 5 min 2 s`, or `since the start` where the time is not known. */
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
            ${peerLink(frame, session.peer)} <span>${placeOf(session)}</span>
            <span>${forText(frame, session.since)}</span>
            <span>${session.text}</span>
          </li>`,
      )}
      ${more > 0 && html`<li><a href=${`${frame.root}peers`}>and ${more} more</a></li>`}
    </ul>
  </section>`;
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
    view.changes.slice(0, mostRows).map(({ at, text }) => [agoShort(frame, at), text]),
  );
}

/** What it is about or when, and what is said of it; left out where there is nothing. */
function list(title: string, rows: readonly (readonly [Html, string])[]): Html {
  if (rows.length === 0) return undefined;
  return html`<section class="panel">
    <h2>${title}</h2>
    <dl>
      ${rows.map(
        ([about, text]) =>
          html`<div>
            <dt>${about}</dt>
            <dd>${text}</dd>
          </div>`,
      )}
    </dl>
  </section>`;
}

function whatIfLink({ root }: Frame, node: string): Html {
  return html`<a href=${`${root}whatif?node=${encodeURIComponent(node)}`}>${node}</a>`;
}
