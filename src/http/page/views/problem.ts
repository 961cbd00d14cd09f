import type { Frame } from '../frame.ts';
import { type Html, html } from '../html.ts';

/** Says why there is nothing to see, and what to look at instead; the script tries again what passes by itself. */
export function problemView({ root }: Frame, status: number, detail: string): Html {
  return html`<div class="verdict busy" data-again=${isPassing(status) ? '' : undefined}>
      <h1>${titles.get(status) ?? 'That did not work'}</h1>
      <p>${sentence(detail)}</p>
      ${
        isPassing(status) &&
        html`<p>
          <span data-script hidden>The page tries again by itself.</span>
          <a href="">Try again now</a>
        </p>`
      }
    </div>
    <p class="empty">
      The search box above takes addresses, prefixes, AS numbers, communities and names. Or go on
      with <a href=${root || './'}>all services</a>, <a href=${`${root}peers`}>all peers</a> or
      ${' '}<a href=${`${root}events`}>what has happened</a>.
    </p>`;
}

function isPassing(status: number): boolean {
  return status === 429 || status === 503;
}

/** Returns the text with a capital letter and a full stop. */
function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${/[.?!]$/.test(text) ? '' : '.'}`;
}

const titles = new Map([
  [404, 'Not found'],
  [400, 'This request is not understood'],
  [429, 'One at a time'],
  [503, 'The daemon is too busy'],
]);
