import type { ConfigProblem } from '#api/problem.ts';
import { type Queries, QueryError } from '#api/queries.ts';

/** An error as the server answers it (RFC 9457). Handlers throw it; it is written as application/problem+json. */
export class Problem extends Error {
  readonly status: number;
  /** Stable, and one of few; `detail` is for people. */
  readonly kind: string;
  readonly extra: ProblemExtra;
  constructor(status: number, kind: string, detail: string, extra: ProblemExtra = {}) {
    super(detail);
    this.status = status;
    this.kind = kind;
    this.extra = extra;
  }
}

/** Members in addition to those of RFC 9457. */
export interface ProblemExtra {
  readonly problems?: readonly ConfigProblem[];
  readonly ready?: boolean;
  readonly reasons?: readonly string[];
}

export interface ProblemBody extends ProblemExtra {
  /** With "about:blank" the status says what is wrong, and `kind` says more (RFC 9457 §4.2.1). */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly kind: string;
}

export const problemType = 'application/problem+json; charset=utf-8';

/** Returns `value`; throws a `Problem` with status 404 if there is none. */
export function found<Value>(value: Value | undefined, kind: string, detail: string): Value {
  if (value === undefined) throw new Problem(404, kind, detail);
  return value;
}

/**
 * Returns `value`; if there is none, throws a `Problem` that no peer has this name, with the name that was probably
 * meant.
 */
export function foundPeer<Value>(
  queries: Pick<Queries, 'nearestPeer'>,
  name: string,
  value: Value | undefined,
): Value {
  if (value !== undefined) return value;
  const near = queries.nearestPeer(name);
  const meant = near === undefined ? '' : `; did you mean ${near}?`;
  throw new Problem(404, 'unknown_peer', `no peer has the name or address ${name}${meant}`);
}

export function unknownPrefix(prefix: string): [kind: string, detail: string] {
  return ['unknown_prefix', `no peer announces ${prefix}`];
}

/** Returns the problem for anything that was thrown; of a bug of ours it tells the client only that there is one. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof QueryError) {
    const status = error.kind.startsWith('unknown_') ? 404 : 400;
    return new Problem(status, error.kind, error.message);
  }
  const status = statusOf(error);
  if (status === undefined || !(error instanceof Error)) {
    return new Problem(500, 'internal_error', 'internal error; see the log of the daemon');
  }
  // The framework repeats the title here.
  const detail =
    status === 415 ? 'send the body as JSON, with content-type: application/json' : error.message;
  return new Problem(status, kinds.get(status) ?? 'bad_request', detail);
}

export function problemBody(problem: Problem): ProblemBody {
  return {
    type: 'about:blank',
    title: titles.get(problem.status) ?? 'Error',
    status: problem.status,
    detail: problem.message,
    kind: problem.kind,
    ...problem.extra,
  };
}

/** The framework uses a status below 500 for what the client did wrong. */
function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return undefined;
  const { statusCode } = error;
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500
    ? statusCode
    : undefined;
}

/** With about:blank the title is the status's own phrase (RFC 9110 §15). */
const titles = new Map([
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [405, 'Method Not Allowed'],
  [408, 'Request Timeout'],
  [409, 'Conflict'],
  [413, 'Content Too Large'],
  [414, 'URI Too Long'],
  [415, 'Unsupported Media Type'],
  [422, 'Unprocessable Content'],
  [429, 'Too Many Requests'],
  [431, 'Request Header Fields Too Large'],
  [500, 'Internal Server Error'],
  [503, 'Service Unavailable'],
]);

const kinds = new Map([
  [404, 'unknown_url'],
  [405, 'bad_method'],
  [408, 'timeout'],
  [413, 'too_large'],
  [414, 'too_large'],
  [415, 'bad_content_type'],
  [429, 'rate_limit'],
  [431, 'too_large'],
]);
