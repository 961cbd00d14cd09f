import type { Page } from '#api/queries.ts';
import type { Cli } from './cli-parts.ts';
import type { Answer, ControlClient } from './client.ts';

const pageItems = 1000;

/** Yields the items of a list of the API, page by page and as they come; at most `limit` items in all. */
export async function* pagesOf<Item>(
  client: ControlClient,
  path: string,
  query: Readonly<Record<string, string>> = {},
  limit = Infinity,
): AsyncGenerator<Answer<Page<Item> & Incomplete>> {
  let left = limit;
  let cursor: string | undefined;
  do {
    const given = new URLSearchParams({ ...query, limit: String(Math.min(pageItems, left)) });
    if (cursor !== undefined) given.set('cursor', cursor);
    const page = await client.get<Page<Item> & Incomplete>(`${path}?${given.toString()}`);
    yield page;
    left -= page.value.items.length;
    cursor = page.value.next_cursor;
  } while (cursor !== undefined && left > 0);
}

/** Returns the URL path `/api/v1/peers/…` for a name or an address, with special characters escaped. */
export function peerPath(name: string, rest = ''): string {
  return `/api/v1/peers/${encodeURIComponent(name)}${rest}`;
}

/** Warns that older events are missing, and says why. */
export function warnIfIncomplete(cli: Pick<Cli, 'warn'>, { incomplete }: Incomplete): void {
  if (incomplete !== undefined) cli.warn(`older events are missing: ${incomplete}`);
}

interface Incomplete {
  readonly incomplete?: string;
}
