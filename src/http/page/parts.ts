import type { RuleView } from '#api/views/path.ts';
import { spanText } from '#words/ago.ts';
import { ruleText } from '#words/explain.ts';
import { secondsSince, timeText } from '#words/text.ts';
import type { Frame } from './frame.ts';
import { type Html, html } from './html.ts';

/** Pieces that views are made of. */

export type Gravity = 'good' | 'busy' | 'bad' | 'plain';

/** Shows words on a coloured ground; the colour only repeats what the words say. */
export function chip(gravity: Gravity, text: string): Html {
  return html`<span class=${`chip ${gravity}`}>${text}</span>`;
}

/** Shows how long ago something was, and the time itself. */
export function ago({ nowMs }: Frame, timestamp: string): Html {
  const text = `${spanText(secondsSince(timestamp, nowMs))} ago`;
  return html`<span class="when"
    ><time datetime=${timestamp} data-ago="ago" title=${`${timeText(timestamp)} UTC`}>${text}</time
    ><small>${timeText(timestamp)} UTC</small></span
  >`;
}

/** Shows how long ago something was; the time itself is shown on hovering. */
export function agoShort({ nowMs }: Frame, timestamp: string): Html {
  const text = `${spanText(secondsSince(timestamp, nowMs))} ago`;
  const title = `${timeText(timestamp)} UTC`;
  return html`<time datetime=${timestamp} data-ago="ago" title=${title}>${text}</time>`;
}

/** Shows for how long something has been so. */
export function lasting({ nowMs }: Frame, timestamp: string): Html {
  return html`<time datetime=${timestamp} data-ago="for" title=${`since ${timeText(timestamp)} UTC`}
    >${spanText(secondsSince(timestamp, nowMs))}</time
  >`;
}

/** Shows a bar beside its numbers; `share` is 0 to 1. */
export function bar(share: number, gravity: Gravity, text: string): Html {
  const width = Math.round(Math.min(1, Math.max(0, share)) * 100);
  return html`<span class="meter"
    ><svg
      class=${`bar ${gravity}`}
      viewBox="0 0 100 6"
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <rect class="ground" width="100" height="6" rx="2" />
      <rect class="level" width=${width} height="6" rx="2" />
    </svg>
    <span>${text}</span></span
  >`;
}

/** Makes the head of a table with a name for each column; those in `numbers` are aligned as numbers. */
export function tableHead(names: readonly string[], numbers: readonly string[] = []): Html {
  const head = (name: string): Html =>
    numbers.includes(name)
      ? html`<th scope="col" class="number">${name}</th>`
      : html`<th scope="col">${name}</th>`;
  return html`<thead>
    <tr>
      ${names.map(head)}
    </tr>
  </thead>`;
}

/** Makes a table that may be wider than the screen scroll by itself, by keyboard too. */
export function scroller(label: string, table: Html): Html {
  return html`<div class="scroller" role="region" aria-label=${label} tabindex="0">${table}</div>`;
}

/** Lists names and values; a name without a value is left out. */
export function facts(rows: readonly (readonly [string, Html])[]): Html {
  const shown = rows.filter(([, value]) => value !== undefined && value !== '' && value !== false);
  return html`<dl class="facts">
    ${shown.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

/** Offers the same by the command line, and as JSON. */
export function sameElsewhere({ root }: Frame, command: string, api: string): Html {
  return html`<p class="elsewhere">
    <code>fingerpost ${command}</code>
    <button type="button" data-copy=${`fingerpost ${command}`} hidden>Copy as CLI command</button>
    <a href=${`${root}api/v1/${api}`}>JSON</a>
    <button type="button" data-copy-from=${`${root}api/v1/${api}`} hidden>Copy as JSON</button>
  </p>`;
}

/** Shows an address or a name as it is typed. */
export function mono(text: string): Html {
  return html`<span class="mono">${text}</span>`;
}

export function routeLink({ root }: Frame, prefix: string): Html {
  return html`<a class="mono" href=${`${root}route?prefix=${encodeURIComponent(prefix)}`}
    >${prefix}</a
  >`;
}

export function peerLink({ root }: Frame, name: string): Html {
  return html`<a href=${`${root}peers/${encodeURIComponent(name)}`}>${name}</a>`;
}

/** Shows a rule by its name and place; the whole path of the file is shown on hovering. */
export function ruleOf(rule: RuleView): Html {
  const { policy, name, file, line } = rule;
  const place = `${file.slice(file.lastIndexOf('/') + 1)}:${line}`;
  return html`<span title=${ruleText(rule)}
    >${policy}<small class="line">${name === undefined ? place : `${name}, ${place}`}</small></span
  >`;
}
