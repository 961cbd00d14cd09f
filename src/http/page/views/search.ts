import type { Meant } from '#api/queries.ts';
import type { PathView } from '#api/views/path.ts';
import { plural, shortAsPathText } from '#words/text.ts';
import type { Frame } from '../frame.ts';
import { type Html, html } from '../html.ts';
import { chip, mono, peerLink, routeLink, scroller, tableHead } from '../parts.ts';

/** A name that was found: where it leads, and what it is. */
export interface FoundName {
  readonly kind: 'peer' | 'node' | 'site' | 'rack' | 'service';
  readonly name: string;
}

/** Routes that were found by one criterion. */
export interface FoundRoutes {
  /** `routes with AS 65001 in the path` */
  readonly title: string;
  readonly paths: readonly PathView[];
  /** Whether there are more of them than are shown. */
  readonly isPart: boolean;
  /** The request of the API that gives the same. */
  readonly api: string;
}

/** The results of the search box, by kind. */
export interface Found {
  readonly sought: string;
  readonly names: readonly FoundName[];
  readonly routes: readonly FoundRoutes[];
  /** What was probably meant, where nothing was found. */
  readonly meant: readonly Meant[];
  /** Why it is no prefix, if it looks like one. */
  readonly fault?: string;
}

/** How many routes of each kind a page of results shows at most. */
export const mostFound = 100;

export function isNothing({ names, routes }: Found): boolean {
  return names.length === 0 && routes.every(({ paths }) => paths.length === 0);
}

export function searchView(frame: Frame, found: Found): Html {
  const { sought, names, routes, meant, fault } = found;
  return html`<header class="title"><h1>Search: ${mono(sought)}</h1></header>
    ${fault !== undefined && html`<p class="notice busy">${fault}</p>`}
    ${meant.length > 0 && html`<p class="meant">Did you mean ${meantLinks(frame, meant)}?</p>`}
    ${isNothing(found) && html`<p class="empty">Nothing was found. ${hint}</p>`}
    ${
      names.length > 0 &&
      html`<section>
        <h2>Names</h2>
        <dl class="facts">${kinds.map((kind) => namesOfKind(frame, kind, names))}</dl>
      </section>`
    }
    ${routes.filter(({ paths }) => paths.length > 0).map((some) => routesSection(frame, some))}`;
}

/** The kinds of names in the order in which they are shown, and what a link leads to. */
const kinds = ['peer', 'node', 'site', 'rack', 'service'] as const;
const kindTexts: Readonly<Record<FoundName['kind'], string>> = {
  peer: 'Peers: their sessions',
  node: 'Nodes: what if one failed',
  site: 'Sites: what if one failed',
  rack: 'Racks: what if one failed',
  service: 'Services: their addresses',
};

function namesOfKind(frame: Frame, kind: FoundName['kind'], names: readonly FoundName[]): Html {
  const own = names.filter((one) => one.kind === kind);
  if (own.length === 0) return undefined;
  return html`<div>
    <dt>${kindTexts[kind]}</dt>
    <dd class="names">${own.map((one) => nameLink(frame, one))}</dd>
  </div>`;
}

/** Returns links as in `w1, w2 or w3`. */
function meantLinks(frame: Frame, meant: readonly Meant[]): Html {
  return meant.map((one, at) => {
    const before = at === 0 ? '' : at === meant.length - 1 ? ' or ' : ', ';
    const { kind, name } = one;
    if (kind === 'address') return html`${before}${routeLink(frame, name)}`;
    return html`${before}${kind} ${nameLink(frame, { kind, name })}`;
  });
}

const hint =
  'The search box accepts an address (2001:db8::1), a prefix (2001:db8::/32), an AS number (AS65001), a community ' +
  '(65000:1 or 65000:1:2), or a part of the name of a peer, node, site, rack or service.';

function nameLink(frame: Frame, { kind, name }: FoundName): Html {
  if (kind === 'peer') return peerLink(frame, name);
  const query = `${encodeURIComponent(name)}`;
  const path =
    kind === 'service'
      ? `${frame.root || './'}?service=${query}`
      : `${frame.root}whatif?${kind}=${query}`;
  return html`<a href=${path}>${name}</a>`;
}

function routesSection(frame: Frame, { title, paths, isPart, api }: FoundRoutes): Html {
  return html`<section>
    <h2>${title}</h2>
    ${scroller(
      title,
      html`<table class="cards">
        <caption>
          ${isPart ? `The first ${plural(paths.length, 'path')}` : plural(paths.length, 'path')},
          each address with its best path first
        </caption>
        ${tableHead(['Prefix', 'From', 'Rank', 'Next hop', 'MED', 'AS path', 'Communities'], ['MED'])}
        <tbody>
          ${paths.map((path) => foundRow(frame, path))}
        </tbody>
      </table>`,
    )}
    <p class="elsewhere"><a href=${`${frame.root}api/v1/${api}`}>JSON</a></p>
  </section>`;
}

function foundRow(frame: Frame, path: PathView): Html {
  return html`<tr class=${path.best ? 'best' : undefined}>
    <th scope="row">${routeLink(frame, path.prefix)}</th>
    <td data-label="From">${peerLink(frame, path.peer)}</td>
    <td data-label="Rank">
      ${path.best ? chip('good', 'best') : path.accepted ? (path.rank ?? '–') : chip('bad', path.reason ?? 'refused')}
    </td>
    <td data-label="Next hop" class="wide">${mono(path.next_hop)}</td>
    <td data-label="MED" class="number">${path.med ?? '–'}</td>
    <td data-label="AS path">${mono(shortAsPathText(path))}</td>
    <td data-label="Communities" class="text">
      ${[...path.communities, ...path.large_communities].join(' ') || '–'}
    </td>
  </tr>`;
}
