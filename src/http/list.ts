import type { Clock } from '../clock.ts';
import type { Page, PageRequest } from '../watch.ts';
import { type Answer, json } from './route.ts';
import { turn } from './turn.ts';

/** Items taken and written at a time. */
const sliceItems = 100;

/** Reads on from a cursor; undefined when what was being listed is gone. */
type Reader<Item> = (page: PageRequest) => Page<Item> | undefined;

/**
 * A page of the API, taken and written in slices with the daemon's own work between them. The reader
 * may give fewer items than asked for, with a cursor: a search that finds little comes in slices too.
 * Undefined when the first slice is.
 */
export async function listAnswer<Item>(
  clock: Clock,
  request: PageRequest,
  read: Reader<Item>,
): Promise<Answer | undefined> {
  const first = read({ ...request, limit: Math.min(sliceItems, request.limit) });
  if (first === undefined) return undefined;
  if (isWhole(first, request.limit)) return json(first);
  return { kind: 'list', chunks: chunks(clock, first, request.limit, read) };
}

function isWhole(page: Page<unknown>, limit: number): boolean {
  return page.next_cursor === undefined || page.items.length >= limit;
}

async function* chunks<Item>(
  clock: Clock,
  first: Page<Item>,
  limit: number,
  read: Reader<Item>,
): AsyncGenerator<string> {
  let page = first;
  let written = 0;
  yield '{"items":[';
  for (;;) {
    const text = page.items.map((item) => JSON.stringify(item)).join(',');
    if (text !== '') yield written === 0 ? text : `,${text}`;
    written += page.items.length;
    const cursor = page.next_cursor;
    if (cursor === undefined || written >= limit) break;
    await turn(clock);
    const rest = { limit: Math.min(sliceItems, limit - written), cursor };
    page = read(rest) ?? { items: [], rib_version: page.rib_version };
  }
  const next = page.next_cursor;
  const cursorText = next === undefined ? '' : `"next_cursor":${JSON.stringify(next)},`;
  yield `],${cursorText}"rib_version":${first.rib_version}}`;
}
