import {
  type Page,
  type PageRequest,
  type Queries,
  QueryError,
  type RouteQuery,
} from '#api/queries.ts';
import type { PathView } from '#api/views/path.ts';
import { finished } from '../answers/work.ts';
import type { Context } from '../context.ts';
import {
  type Found,
  type FoundName,
  type FoundRoutes,
  isNothing,
  mostFound,
} from './views/search.ts';
import type { Domains } from './views/what-if.ts';

/** What one box finds: a prefix that has a page of its own, or results by kind. */
export type FindResult =
  | { readonly kind: 'route'; readonly prefix: string }
  | { readonly kind: 'found'; readonly found: Found };

/** How many names a page of results shows at most. */
const mostNames = 50;

/** Looks for text in everything that has a name, an address, an AS number or a community. */
export async function find(context: Context, text: string): Promise<FindResult> {
  const sought = text.trim();
  const result = await findExactly(context, sought);
  if (result.kind === 'route' || !isNothing(result.found)) return result;
  const meant = await finished(context.turns, context.queries.meantBy(sought));
  return { kind: 'found', found: { ...result.found, meant } };
}

async function findExactly(context: Context, sought: string): Promise<FindResult> {
  const names = await namesLike(context, sought);
  const bySelf = { sought, names, routes: [], meant: [] };
  const way = wayOf(sought, names.length > 0);
  if (way === undefined) return { kind: 'found', found: bySelf };
  if (way.kind === 'prefix') return findPrefix(context, bySelf);
  const routes = await collect(context, way.query, way.title);
  return { kind: 'found', found: { ...bySelf, routes: [routes] } };
}

type Way =
  | { readonly kind: 'prefix' }
  | { readonly kind: 'routes'; readonly title: string; readonly query: RouteQuery };

/** Returns how routes are searched for a text of this form; a text that is no name may be a mistyped address. */
function wayOf(text: string, isName: boolean): Way | undefined {
  const [, asn] = /^(?:AS ?)?(\d{1,10})$/i.exec(text) ?? [];
  if (asn !== undefined) {
    const title = `Routes with AS ${asn} in their path`;
    return { kind: 'routes', title, query: { as: Number(asn) } };
  }
  if (/^(\d+|\*):(\d+|\*)$/.test(text)) {
    const title = `Routes with the community ${text}`;
    return { kind: 'routes', title, query: { community: text } };
  }
  if (/^(\d+|\*):(\d+|\*):(\d+|\*)$/.test(text)) {
    const title = `Routes with the large community ${text}`;
    return { kind: 'routes', title, query: { large_community: text } };
  }
  const isAddress = /^[\da-f:.]+(\/\d+)?$/i.test(text) && /[:./]/.test(text);
  const isNearlyOne = !isName && /\d/.test(text) && /:.*:|\..*\..*\.|\//.test(text);
  return isAddress || isNearlyOne ? { kind: 'prefix' } : undefined;
}

/** Finds a prefix that is announced, or otherwise all that are announced in it. */
async function findPrefix(context: Context, found: Found): Promise<FindResult> {
  const { sought } = found;
  try {
    const [, length] = sought.split('/');
    const view = context.queries.explain(sought);
    if (view !== undefined && (length === undefined || view.prefix.endsWith(`/${length}`))) {
      return { kind: 'route', prefix: view.prefix };
    }
    const query = { prefix: sought, lookup: 'longer' } as const;
    const routes = await collect(context, query, `Routes in ${sought}`);
    return { kind: 'found', found: { ...found, routes: [routes] } };
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return { kind: 'found', found: { ...found, fault: error.message } };
  }
}

async function collect(context: Context, query: RouteQuery, title: string): Promise<FoundRoutes> {
  const read = (page: PageRequest) => context.queries.routes(query, page);
  const { items, isPart } = await firstOf(context, read, mostFound);
  const words = Object.entries(query).map(([key, value]) => [key, String(value)]);
  return { title, paths: items, isPart, api: `routes?${new URLSearchParams(words)}` };
}

/** Returns the first rows of a list, in slices; a page may hold fewer rows than requested without being the last. */
export async function firstOf(
  { turns }: Context,
  read: (page: PageRequest) => Page<PathView> | undefined,
  most: number,
): Promise<{ items: PathView[]; isPart: boolean }> {
  const items: PathView[] = [];
  let cursor: string | undefined;
  do {
    const limit = most - items.length;
    const page = read({ limit, ...(cursor !== undefined && { cursor }) });
    items.push(...(page?.items ?? []));
    cursor = page?.next_cursor;
    if (cursor !== undefined) await turns.next();
  } while (cursor !== undefined && items.length < most);
  return { items, isPart: cursor !== undefined };
}

async function namesLike({ queries, turns }: Context, sought: string): Promise<FoundName[]> {
  const wanted = sought.toLowerCase();
  const peers = await finished(turns, queries.peers());
  const isLike = (text: string | undefined): boolean =>
    text?.toLowerCase().includes(wanted) === true;
  const ofPeers = peers.filter(({ name, description, address, node }) =>
    [name, description, address, node].some(isLike),
  );
  const domains = domainsOf(queries);
  const names: FoundName[] = [
    ...ofPeers.map(({ name }) => ({ kind: 'peer', name }) as const),
    ...(['node', 'site', 'rack'] as const).flatMap((kind) =>
      domains[kind].filter(isLike).map((name) => ({ kind, name })),
    ),
    ...queries
      .serviceNames()
      .filter(isLike)
      .map((name) => ({ kind: 'service', name }) as const),
  ];
  return names.slice(0, mostNames);
}

/** Returns the nodes, sites and racks of all peers that may announce something. */
export function domainsOf(queries: Queries): Domains {
  const sources = queries.sources();
  const namesOf = (domain: keyof Domains): string[] => [
    ...new Set(sources.flatMap((peer) => peer[domain] ?? [])),
  ];
  return { node: namesOf('node'), site: namesOf('site'), rack: namesOf('rack') };
}
