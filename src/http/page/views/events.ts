import { eventKinds, type EventView } from '#api/events/event-view.ts';
import type { EventPage, EventQuery } from '#api/queries.ts';
import type { Frame } from '../frame.ts';
import { type Html, html } from '../html.ts';
import {
  ago,
  agoShort,
  chip,
  type Gravity,
  peerLink,
  routeLink,
  sameElsewhere,
  scroller,
  tableHead,
} from '../parts.ts';
import { failoverPath } from './timeline.ts';

/** Events of one page. */
export const pageEvents = 100;

const gravities: Readonly<Record<EventView['level'], Gravity>> = {
  debug: 'plain',
  info: 'plain',
  warn: 'busy',
  error: 'bad',
};

/** Shows the history, newest first: what was asked for, and a form for another question. */
export function eventsView(
  frame: Frame,
  query: EventQuery,
  { items, next_cursor: next, incomplete }: EventPage,
): Html {
  const caption = 'What happened, newest first';
  const words = new URLSearchParams(Object.entries(query));
  return html`<header class="title"><h1>Events</h1></header>
    ${filterForm(query)}
    ${incomplete !== undefined && html`<p class="notice busy">${incomplete}</p>`}
    ${
      items.length === 0
        ? html`<p class="empty">Nothing in the history matches.</p>`
        : scroller(caption, eventTable(frame, caption, items))
    }
    ${
      next !== undefined &&
      html`<p class="more">
        <a rel="next" href=${`events?${new URLSearchParams({ ...query, cursor: next })}`}>older</a>
      </p>`
    }
    ${sameElsewhere(frame, commandOf(query), `events${words.size === 0 ? '' : `?${words}`}`)}`;
}

function eventTable(frame: Frame, caption: string, items: readonly EventView[]): Html {
  return html`<table class="cards events">
    <caption>
      ${caption}
    </caption>
    ${tableHead(['When', 'Kind', 'About', 'What'])}
    <tbody>
      ${items.map(
        (event) =>
          html`<tr id=${`e-${event.id}`}>
            <th scope="row">${ago(frame, event.at)}</th>
            <td data-label="Kind">
              ${chip(gravities[event.level], event.kind.replaceAll('_', ' '))}
            </td>
            <td data-label="About" class="wide">${subject(frame, event)}</td>
            <td data-label="What" class="text">${what(frame, event)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function subject(frame: Frame, { peer, prefix, service, node }: EventView): Html {
  if (prefix !== undefined) return routeLink(frame, prefix);
  if (peer !== undefined) return peerLink(frame, peer);
  if (service !== undefined) {
    return html`<a href=${`${frame.root || './'}?service=${encodeURIComponent(service)}`}
      >${service}</a
    >`;
  }
  return node ?? '–';
}

/** Shows the line of an event; in that of a failover the address that moved is a link to the stages. */
function what(frame: Frame, { text, failover, comment }: EventView): Html {
  const [move, ...stages] = text.split(/(?=: )/);
  const line =
    failover === undefined
      ? text
      : html`<a href=${failoverPath(frame, failover)}>${move}</a>${stages.join('')}`;
  const isNew = comment !== undefined && !text.includes(comment);
  return isNew ? [line, html`<small>${comment}</small>`] : line;
}

function commandOf(query: EventQuery): string {
  const words = Object.entries(query).map(([name, value]) => ` --${name} ${value}`);
  return `show events${words.join('')}`;
}

const fields = [
  ['peer', 'Peer', 'W1'],
  ['prefix', 'Address or prefix', '2001:db8:30::1'],
  ['service', 'Service', 'web'],
  ['since', 'Since', '2h or RFC 3339'],
  ['until', 'Until', '10m'],
] as const;

function filterForm(query: EventQuery): Html {
  return html`<form class="filter" action="events">
    <label
      >Kind<select name="kind">
        <option value="">all</option>
        ${eventKinds
          .toSorted()
          .map(
            (kind) =>
              html`<option value=${kind} selected=${query.kind === kind}>
                ${kind.replaceAll('_', ' ')}
              </option>`,
          )}
      </select></label
    >
    ${fields.map(
      ([name, label, sample]) =>
        html`<label
          >${label}<input
            name=${name}
            value=${query[name]}
            placeholder=${sample}
            autocomplete="off"
            spellcheck="false"
            maxlength="80"
        /></label>`,
    )}
    <button>Show</button>
    ${Object.keys(query).length > 0 && html`<a href="events">show all</a>`}
  </form>`;
}

/** Shows the last events of a peer or a prefix on its page. */
export function historyView(
  frame: Frame,
  about: Readonly<Record<string, string>>,
  items: readonly EventView[],
): Html {
  const all = `${frame.root}events?${new URLSearchParams(about)}`;
  return html`<section>
    <h2>History</h2>
    ${
      items.length === 0
        ? html`<p class="empty">The history has nothing about it.</p>`
        : html`<ol class="history">
            ${items.map(
              (event) =>
                html`<li>
                  <span>${agoShort(frame, event.at)}</span>
                  <span>${what(frame, event)}</span>
                </li>`,
            )}
          </ol>`
    }
    <p class="more"><a href=${all}>All events, with a filter</a></p>
  </section>`;
}
