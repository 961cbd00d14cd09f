import type { Page, PageRequest } from '#api/queries.ts';

/** Every item of a listing, page after page: a daemon that is short of time gives fewer than asked for. */
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
