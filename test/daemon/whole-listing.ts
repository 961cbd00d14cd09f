import type { Page, PageRequest } from '#api/queries.ts';

/** Returns every item of a listing, page by page, since a busy daemon returns fewer items than requested. */
export function wholeListing<Item>(ask: (page: PageRequest) => Page<Item> | undefined): Item[] {
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const page = ask({ limit: 1000, ...(cursor !== undefined && { cursor }) });
    items.push(...(page?.items ?? []));
    cursor = page?.next_cursor;
  } while (cursor !== undefined);
  return items;
}
