import { NoInput } from './requests.ts';

/** What each status means, for every route. */
const meanings = {
  400: 'Something in the request is unknown, malformed or out of range',
  401: 'A write without a token that is listed in http.tokens',
  403: 'The token does not have the right to this, or writes over TCP are not allowed',
  404: 'There is no such name, id or prefix',
  409: 'The daemon refused the command; detail says why',
  413: 'The body is too long',
  415: 'The media type of the body is not supported',
  421: 'The host name of the request is not listed in http.hosts',
  422: 'The configuration has errors, or the scenario cannot be computed',
  429: 'Too many requests; try again in a moment',
  503: 'Not ready, stopping, or too many large responses in progress; try again after Retry-After',
} as const;

export type Refusal = keyof typeof meanings;

/** What determines how a route may refuse a request. */
interface Refusing {
  readonly method: string;
  readonly params: unknown;
  readonly unlimited?: boolean;
  readonly isInstant?: boolean;
  readonly refuses?: readonly Refusal[];
}

/**
 * Returns the statuses with which a route may refuse, each with its meaning: those of all routes of its kind, and its
 * own.
 */
export function refusalsOf(route: Refusing): ReadonlyMap<Refusal, string> {
  const isWrite = route.method !== 'GET';
  const statuses: readonly Refusal[] = [
    400,
    ...(isWrite ? ([401, 403, 413, 415] as const) : []),
    ...(route.params === NoInput ? [] : ([404] as const)),
    421,
    ...(route.unlimited === true ? [] : ([429] as const)),
    ...(route.isInstant === true ? [] : ([503] as const)),
    ...(route.refuses ?? []),
  ];
  return new Map([...new Set(statuses)].toSorted().map((status) => [status, meanings[status]]));
}
