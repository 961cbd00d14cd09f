import type { Work } from '#api/queries.ts';
import type { ChangesView, PrefixChangeView } from '#api/views/changes.ts';
import { type Answer, json } from './answer.ts';
import type { Turns } from './turns.ts';

/** Rows written at a time. */
const sliceRows = 100;

/** Returns the result of the work, which is done in slices, with the daemon's own work between them. */
export async function finished<Value>(turns: Turns, work: Work<Value>): Promise<Value> {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    await turns.next();
  }
}

/** Answers with an object that has a list of changes, which is written in slices if it is long. */
export function changesAnswer(turns: Turns, body: ChangesView): Answer {
  if (body.changes.length <= sliceRows) return json(body);
  return { kind: 'list', chunks: chunksOf(turns, body) };
}

/** As `changesAnswer`, with a list of such objects. */
export function scenariosAnswer(turns: Turns, items: readonly ChangesView[], rest: object): Answer {
  const rows = items.reduce((sum, { changes }) => sum + changes.length, 0);
  if (rows <= sliceRows) return json({ items, ...rest });
  return { kind: 'list', chunks: listChunks(turns, items, rest) };
}

async function* listChunks(
  turns: Turns,
  items: readonly ChangesView[],
  rest: object,
): AsyncGenerator<string> {
  let before = '{"items":[';
  for (const item of items) {
    yield before;
    yield* chunksOf(turns, item);
    before = ',';
  }
  yield `],${JSON.stringify(rest).slice(1)}`;
}

async function* chunksOf(turns: Turns, { changes, ...rest }: ChangesView): AsyncGenerator<string> {
  let before = `${JSON.stringify(rest).slice(0, -1)},"changes":[`;
  for (let at = 0; at < changes.length; at += sliceRows) {
    yield before + textOf(changes.slice(at, at + sliceRows));
    before = ',';
    await turns.next();
  }
  yield changes.length === 0 ? `${before}]}` : ']}';
}

function textOf(rows: readonly PrefixChangeView[]): string {
  return rows.map((row) => JSON.stringify(row)).join(',');
}
