import type { VNode } from 'preact';
import { timestamp } from '#clock.ts';
import { spanText } from '#words/ago.ts';
import { plural, timeText } from '#words/text.ts';
import { places, type ShellParts } from './frame.ts';
import { type Html, html } from './html.ts';
import { chip } from './parts.ts';

/** What the document names or holds: paths of files, each with a hash of what is in it, and the style. */
export interface ShellAssets {
  readonly script: string;
  readonly icon: string;
  /** It stands in the document, and the policy of the page names it by its hash. */
  readonly style: string;
}

/** Makes the whole document around a view. */
export function shell({ status, frame, view }: ShellParts, assets: ShellAssets): VNode {
  const { root } = frame;
  return html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>${view.title} · ${status.router_id} · fingerpost</title>
      <link rel="icon" href=${root + assets.icon} type="image/svg+xml" />
      <style dangerouslySetInnerHTML=${{ __html: assets.style }} />
      <script type="module" src=${root + assets.script}></script>
    </head>
    <body data-root=${root === '' ? './' : root}>
      <a class="skip" href="#main">Skip to the content</a>
      ${head(status.router_id, frame.root, view)}
      <p id="banner" role="status" hidden></p>
      ${mainOf({ status, frame, view })} ${foot({ status, frame, view })} ${help()}
    </body>
  </html>`;
}

/** Makes the part that is replaced while the page is open. */
export function mainOf({ status, frame, view }: ShellParts): VNode {
  const madeAt = timestamp(frame.nowMs);
  return html`<main id="main" data-made-at=${madeAt}>
    ${status.ready ? undefined : notReady(status.not_ready ?? [])} ${view.body}
  </main>`;
}

function notReady(reasons: readonly string[]): Html {
  return html`<p class="notice busy">
    <strong>Not ready:</strong> ${reasons.join('; ') || 'starting'}
  </p>`;
}

function head(routerId: string, root: string, { place, sought }: ShellParts['view']): Html {
  return html`<header class="top">
    <a class="brand" href=${root === '' ? './' : root}
      ><svg viewBox="0 0 24 24" aria-hidden="true">
        <path d="M11 2h2v20h-2z" />
        <path d="M4 4h13l4 3-4 3H4z" />
        <path d="M20 12H9l-4 2.5L9 17h11z" />
      </svg>
      <span>fingerpost<small>${routerId}</small></span></a
    >
    <nav aria-label="Views">
      ${places.map(
        ({ name, path, title, keys }) =>
          html`<a
            href=${root + path || './'}
            aria-current=${name === place ? 'page' : undefined}
            data-keys=${keys}
            >${title}</a
          >`,
      )}
    </nav>
    <form role="search" action=${`${root}search`}>
      <input
        type="search"
        name="q"
        value=${sought}
        placeholder="address, prefix, AS, community, name"
        aria-label="Search: an address, prefix, AS number, community, peer, node or service"
        autocomplete="off"
        spellcheck="false"
        required
        maxlength="80"
      />
      <button>Search</button>
    </form>
  </header>`;
}

function foot({ status, frame }: ShellParts): Html {
  const { config, peers, rib } = status;
  return html`<footer>
    <p>
      <span id="live" class="live">as of ${timeText(timestamp(frame.nowMs))} UTC</span>
      <span>AS ${status.local_as}, router id ${status.router_id}</span>
      <span>${peers.established} of ${peers.configured} sessions up</span>
      <span>${plural(rib.prefixes, 'prefix')}, ${plural(rib.paths, 'path')}</span>
      <span>up ${spanText(status.uptime_s)}</span>
      <span
        >configuration ${config.hash.slice(0, 8)}, loaded ${timeText(config.loaded_at)} UTC</span
      >
      ${config.last_reload_ok ? undefined : chip('bad', 'the last reload was refused')}
      ${
        config.confirm_by === undefined
          ? undefined
          : chip('busy', `will be reverted at ${timeText(config.confirm_by)} UTC unless confirmed`)
      }
    </p>
    <p>
      <span>fingerpost ${status.version}</span>
      <a href=${`${frame.root}docs`}>API</a>
      <button type="button" class="quiet" data-help hidden>Keys <kbd>?</kbd></button>
    </p>
  </footer>`;
}

const keys = [
  ['/', 'search'],
  ...places.map(({ keys: typed, title }) => [typed, title] as const),
  ['←↑→↓', 'move from cell to cell in the matrix, like Home, End, Page Up and Page Down'],
  ['?', 'show this list'],
  ['Esc', 'close'],
] as const;

function help(): Html {
  return html`<dialog id="help" aria-labelledby="help-title">
    <h2 id="help-title">Keys</h2>
    <dl class="keys">
      ${keys.map(
        ([typed, what]) =>
          html`<div>
            <dt>${typed.split(' ').map((key) => html`<kbd>${key}</kbd> `)}</dt>
            <dd>${what}</dd>
          </div>`,
      )}
    </dl>
    <form method="dialog"><button>Close</button></form>
  </dialog>`;
}
