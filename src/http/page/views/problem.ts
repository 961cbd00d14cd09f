import { type Html, html } from '../html.ts';

/** Why there is nothing to see, and where to go on. */
export function problemView(status: number, detail: string): Html {
  return html`<div class="verdict busy">
      <h1>${titles.get(status) ?? 'That did not work'}</h1>
      <p>${detail}</p>
    </div>
    <p class="empty">
      The search box above takes addresses, prefixes, AS numbers, communities and names.
    </p>`;
}

const titles = new Map([
  [404, 'Not here'],
  [400, 'That cannot be asked'],
  [429, 'One at a time'],
  [503, 'Too busy'],
]);
