import type { Page, PageRequest } from '#api/queries.ts';
import type { PathView } from '#api/views/path.ts';
import { type Answer, json } from '../answers/answer.ts';
import type { Context } from '../context.ts';
import { envelope } from './envelope.ts';

const sliceRoutes = 100;

/** Returns the next routes after a cursor; `undefined` if what was being listed no longer exists. */
export type RouteReader = (page: PageRequest) => Page<PathView> | undefined;

/**
 * Answers with all routes that a reader yields, since clients of birdwatcher know no pages. The answer is written in
 * slices.
 */
export function routesAnswer(
  { turns, clock }: Pick<Context, 'turns' | 'clock'>,
  read: RouteReader,
  toRow: (path: PathView) => object,
): Answer {
  const { api, ttl } = envelope(clock);
  const next = (cursor?: string) => slice(read, toRow, cursor);
  const first = next();
  if (first.cursor === undefined) return json({ api, ttl, routes: first.rows });
  const head = `${JSON.stringify({ api, ttl }).slice(0, -1)},"routes":[`;
  return { kind: 'list', chunks: chunks(turns, head, first, next) };
}

interface Slice {
  readonly rows: readonly object[];
  readonly cursor: string | undefined;
}

function slice(read: RouteReader, toRow: (path: PathView) => object, cursor?: string): Slice {
  const page = read({ limit: sliceRoutes, ...(cursor !== undefined && { cursor }) });
  return { rows: page?.items.map(toRow) ?? [], cursor: page?.next_cursor };
}

async function* chunks(
  turns: Context['turns'],
  head: string,
  first: Slice,
  next: (cursor: string) => Slice,
): AsyncGenerator<string> {
  yield head;
  let comma = '';
  for (let { rows, cursor } = first; ; { rows, cursor } = next(cursor)) {
    if (rows.length > 0) {
      yield comma + rows.map((one) => JSON.stringify(one)).join(',');
      comma = ',';
    }
    if (cursor === undefined) break;
    await turns.next();
  }
  yield ']}';
}
