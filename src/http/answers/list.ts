import type { Page, PageRequest } from '#api/queries.ts';
import { type Answer, json } from './answer.ts';
import type { Turns } from './turns.ts';

/** Items that are read and written at a time. */
const sliceItems = 100;
/** A page ends early after this many characters, with a cursor: a row may be as long as an UPDATE. */
const pageCharacters = 8 * 1024 * 1024;

/** Returns the items after a cursor; `undefined` if the list no longer exists. */
type Reader<Item> = (page: PageRequest) => Page<Item> | undefined;

/**
 * Answers with a page of a list, read and written in slices, between which the daemon does its own work. The reader may
 * return fewer items than requested, with a cursor, because a search that finds little also takes slices. `undefined`
 * if the first slice is.
 */
export async function listAnswer<Item>(
  turns: Turns,
  request: PageRequest,
  read: Reader<Item>,
): Promise<Answer | undefined> {
  const first = read({ ...request, limit: Math.min(sliceItems, request.limit) });
  if (first === undefined) return undefined;
  if (isWhole(first, request.limit)) return json(first);
  return { kind: 'list', chunks: chunks(turns, sliceOf(first), request.limit, read) };
}

function isWhole(page: Page<unknown>, limit: number): boolean {
  return page.next_cursor === undefined || page.items.length >= limit;
}

/** The remainder of a page is kept as text, not as a hundred objects, while a slow client reads. */
interface Slice {
  readonly text: string;
  readonly items: number;
  readonly cursor: string | undefined;
  readonly ribVersion: number;
}

function sliceOf({ items, next_cursor: cursor, rib_version: ribVersion }: Page<unknown>): Slice {
  const text = items.map((item) => JSON.stringify(item)).join(',');
  return { text, items: items.length, cursor, ribVersion };
}

async function* chunks<Item>(
  turns: Turns,
  first: Slice,
  limit: number,
  read: Reader<Item>,
): AsyncGenerator<string> {
  let slice = first;
  let written = 0;
  let characters = 0;
  yield '{"items":[';
  for (;;) {
    const { text, cursor, ribVersion } = slice;
    if (text !== '') yield written === 0 ? text : `,${text}`;
    written += slice.items;
    characters += text.length;
    if (cursor === undefined || written >= limit || characters >= pageCharacters) break;
    await turns.next();
    const rest = { limit: Math.min(sliceItems, limit - written), cursor };
    slice = sliceOf(read(rest) ?? { items: [], rib_version: ribVersion });
  }
  const next = slice.cursor;
  const cursorText = next === undefined ? '' : `"next_cursor":${JSON.stringify(next)},`;
  yield `],${cursorText}"rib_version":${first.ribVersion}}`;
}
