import type { ExplainView, Explanation } from '#api/views/explain.ts';
import type { Answer } from './answer.ts';
import { jsonType, shortBytes } from './send.ts';
import type { Turns } from './turns.ts';

/** Answers with an explanation; its rows are made and written in slices, or in one piece if it is short. */
export async function explanationAnswer(turns: Turns, explanation: Explanation): Promise<Answer> {
  const rest = chunks(turns, explanation);
  let text = '';
  while (text.length <= shortBytes) {
    const step = await rest.next();
    if (step.done === true) return { kind: 'text', contentType: jsonType, text };
    text += step.value;
  }
  return { kind: 'list', chunks: joined(text, rest) };
}

/** Returns a whole explanation after its rows have been made in slices. */
export async function gathered(turns: Turns, explanation: Explanation): Promise<ExplainView> {
  const { candidates, exports, ...head } = explanation;
  return {
    ...head,
    candidates: await list(turns, candidates),
    exports: await list(turns, exports),
  };
}

async function list<Row>(turns: Turns, made: Iterable<Row>): Promise<Row[]> {
  const all: Row[] = [];
  for (const row of made) {
    all.push(row);
    await turns.next();
  }
  return all;
}

async function* joined(first: string, rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield first;
  yield* rest;
}

async function* chunks(turns: Turns, explanation: Explanation): AsyncGenerator<string> {
  const { candidates, exports, ...head } = explanation;
  yield `${JSON.stringify(head).slice(0, -1)},"candidates":[`;
  yield* rows(turns, candidates);
  yield '],"exports":[';
  yield* rows(turns, exports);
  yield ']}';
}

async function* rows(turns: Turns, made: Iterable<object>): AsyncGenerator<string> {
  let before = '';
  for (const row of made) {
    yield before + JSON.stringify(row);
    before = ',';
    await turns.next();
  }
}
