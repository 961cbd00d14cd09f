import { anonymous } from '#api/anonymous.ts';
import type { Queries } from '#api/queries.ts';

/**
 * Returns the same queries for readers without a token: every answer passes through `anonymous`, also those added
 * later.
 */
export function anonymousQueries(queries: Queries): Queries {
  return new Proxy(queries, {
    get(target, key) {
      const query: unknown = Reflect.get(target, key);
      if (typeof query !== 'function') return query;
      return (...words: unknown[]): unknown => {
        const answer: unknown = Reflect.apply(query, target, words);
        if (answer instanceof Promise) return answer.then((value) => anonymous(value));
        return isWork(answer) ? anonymousWork(answer) : anonymous(answer);
      };
    },
  });
}

function isWork(answer: unknown): answer is Generator<void> {
  return (
    typeof answer === 'object' && answer !== null && Symbol.iterator in answer && 'next' in answer
  );
}

function* anonymousWork(work: Generator<void>): Generator<void> {
  return anonymous(yield* work);
}
