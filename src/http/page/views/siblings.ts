import type { CoherenceView, SiblingView } from '#api/views/coherence.ts';
import { differencesOf, gravityOfState, isIncoherent } from '#words/coherence.ts';
import { plural } from '#words/text.ts';
import type { Frame } from '../frame.ts';
import { type Html, html } from '../html.ts';
import {
  chip,
  lasting,
  mono,
  peerLink,
  routeLink,
  sameElsewhere,
  scroller,
  tableHead,
} from '../parts.ts';

/** How many differences are listed at most. */
const mostRows = 200;

/** Shows whether the other route servers have the same route to each address. */
export function siblingsView(frame: Frame, view: CoherenceView): Html {
  if (view.siblings.length === 0) return noSiblings;
  return [
    verdict(view),
    siblingList(frame, view.siblings),
    differences(frame, view),
    elsewhere(frame),
  ];
}

const noSiblings = html`<h1>Siblings</h1>
  <p class="empty">
    ${'No other route server is observed. With '}<code>observer: true</code
    >${' at a peer this page says where it and this server differ.'}
  </p>`;

function elsewhere(frame: Frame): Html {
  return sameElsewhere(frame, 'show coherence', 'coherence');
}

function verdict({ compared, items, siblings }: CoherenceView): Html {
  const isUnsure = siblings.some(({ unknown }) => unknown !== undefined);
  const gravity = isIncoherent({ items }) ? 'bad' : items.length > 0 || isUnsure ? 'busy' : 'good';
  return html`<div class=${`verdict ${gravity}`}>
    <h1>${verdictText(items, plural(compared, 'address'))}</h1>
  </div>`;
}

function verdictText(items: CoherenceView['items'], all: string): string {
  const unknown = items.filter(({ state }) => state === 'unknown').length;
  const texts = [
    [items.length - unknown, 'not the same everywhere'] as const,
    [unknown, 'not comparable yet'] as const,
  ].flatMap(([count, text]) => (count === 0 ? [] : [`${count} of ${all} ${text}`]));
  return texts.join(', ') || `${all} compared: the same everywhere`;
}

function siblingList(frame: Frame, siblings: readonly SiblingView[]): Html {
  return html`<section class="attention">
    <h2>Observed route servers</h2>
    <ul>
      ${siblings.map(
        ({ peer, unknown, counts }) =>
          html`<li>
            ${peerLink(frame, peer)}${unknown === undefined ? chip('good', 'heard') : chip('busy', 'unknown')}
            <span>${unknown ?? countsText(counts)}</span>
          </li>`,
      )}
    </ul>
  </section>`;
}

/** Returns `298 same, 2 different`. */
function countsText(counts: SiblingView['counts']): string {
  return Object.entries(counts)
    .map(([state, count]) => `${count} ${state.replaceAll('_', ' ')}`)
    .join(', ');
}

function differences(frame: Frame, view: CoherenceView): Html {
  const rows = differencesOf(view);
  if (rows.length === 0) return undefined;
  return [
    scroller(
      'What differs',
      html`<table class="cards">
        <caption>
          What differs, the worst first
        </caption>
        ${tableHead(['Address', 'Sibling', 'State', 'Here', 'There', 'For', 'Why'])}
        <tbody>
          ${rows.slice(0, mostRows).map(({ item, sibling }) => {
            const { prefix, ours, since, pending } = item;
            const { peer, state, next_hop: nextHop, med, why } = sibling;
            const text = state.replaceAll('_', ' ');
            return html`<tr>
              <th scope="row">${routeLink(frame, prefix)}</th>
              <td data-label="Sibling">${peerLink(frame, peer)}</td>
              <td data-label="State" class="wide">
                ${chip(gravityOfState(state, pending === true), pending === true ? `${text}, pending` : text)}
              </td>
              <td data-label="Here" class="wide">
                ${ours === undefined ? '–' : html`${mono(ours.next_hop)}<small class="line">${medText(ours.med)}</small>`}
              </td>
              <td data-label="There" class="wide">
                ${nextHop === undefined ? '–' : html`${mono(nextHop)}<small class="line">${medText(med)}</small>`}
              </td>
              <td data-label="For" class="short">
                ${since === undefined ? '–' : lasting(frame, since)}
              </td>
              <td data-label="Why" class="text">${why ?? ''}</td>
            </tr>`;
          })}
        </tbody>
      </table>`,
    ),
    rows.length > mostRows && html`<p class="more">and ${rows.length - mostRows} more</p>`,
  ];
}

function medText(med: number | undefined): string {
  return med === undefined ? 'no MED' : `MED ${med}`;
}
