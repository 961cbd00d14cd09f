import type { By } from '#api/by.ts';
import type { Right } from '#api/names.ts';
import type { Static, TSchema } from '#api/shapes.ts';
import type { Answer } from './answers/answer.ts';
import type { CommandWords, Context } from './context.ts';
import type { Refusal } from './refusals.ts';

export interface Input<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  /** An empty object for a GET, and for a POST without a body. */
  readonly body: Body;
  readonly lastEventId: string | undefined;
  /** The request came over the control socket, so its sender can read the files of this machine anyway. */
  readonly isLocal: boolean;
  /** Who asks, as far as that is known. */
  readonly by: By;
  /** The request came over the control socket or with a token: it may read the names of operators. */
  readonly seesNames: boolean;
  /** Throws a `Problem` if the token may not do this to these nodes. Called by routes that check `nodes`. */
  requireNodes(nodes: readonly string[]): void;
}

interface Definition<P extends TSchema, Q extends TSchema, B extends TSchema> {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** The right that a write needs; absent: every token has it. It has no meaning for a GET. */
  readonly right?: Right;
  /**
   * The handler checks whether the token is for the nodes; in other routes the node is that of the peer in the path.
   */
  readonly checksNodes?: true;
  /** In the notation of the router: `/api/v1/peers/:name`. */
  readonly url: string;
  readonly summary: string;
  readonly tag: Tag;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  /** It is also answered while the daemon stops, as every GET is. */
  readonly isAnsweredWhileStopping?: true;
  /** The shape of a 200; text if absent. */
  readonly answer?: TSchema;
  /** The answer is 201 if the request has created something, and 200 if that existed already. */
  readonly makes?: true;
  /** The statuses with which it may refuse, in addition to those of all routes of its kind. */
  readonly refuses?: readonly Refusal[];
  /** The answer changes only when `queries.version()` does, so it may be a 304. */
  readonly versioned?: boolean;
  /** No rate limit applies, because whatever monitors the daemon must never be refused. */
  readonly unlimited?: boolean;
  /** It costs nothing, and is answered before all waiting requests. */
  readonly isInstant?: boolean;
  /** Its format is that of another program, and it is left out of the OpenAPI document. */
  readonly isUndocumented?: boolean;
  /** The body is a text of at most this many bytes, not JSON. */
  readonly textBodyBytes?: number;
  /** The most bytes of a JSON body; if absent, enough for a few lines. */
  readonly jsonBodyBytes?: number;
  /** Returns what the request makes the daemon do, for the history: `disable W1`. Absent: it changes nothing. */
  command?(input: Input<Static<P>, Static<Q>, Static<B>>): CommandWords;
  handle(context: Context, input: Input<Static<P>, Static<Q>, Static<B>>): Answer | Promise<Answer>;
}

export type Tag =
  | 'daemon'
  | 'peers'
  | 'services'
  | 'routes'
  | 'drains'
  | 'configuration'
  | 'events'
  | 'history'
  | 'birdwatcher';

/** A route without its types. Every route except a GET changes something, or may, and needs the right to it. */
export type Route = Definition<TSchema, TSchema, TSchema>;

/** Returns a route whose handler is typed by its schemas. */
export function route<P extends TSchema, Q extends TSchema, B extends TSchema>(
  definition: Definition<P, Q, B>,
): Route {
  return definition;
}
