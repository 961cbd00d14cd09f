import type { Page, PageRequest } from '#api/queries.ts';
import { type Answer, json } from './answer.ts';
import type { Turns } from './turns.ts';

/** Items taken and written at a time. */
const sliceItems = 100;
/** A page ends early after so many characters, with a cursor: a row may be as long as an UPDATE. */
const pageCharacters = 8 * 1024 * 1024;

/** Reads the items after a cursor; returns undefined when the list does not exist any more. */
type Reader<Item> = (page: PageRequest) => Page<Item> | undefined;

/**
 * A page of the API, taken and written in slices with the daemon's own work between them. The reader
 * may give fewer items than asked for, with a cursor: a search that finds little comes in slices too.
 * Undefined when the first slice is.
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
