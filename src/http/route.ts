import type { Readable } from 'node:stream';
import type { By } from '#api/by.ts';
import type { Commands } from '#api/commands.ts';
import type { Right } from '#api/names.ts';
import type { Queries } from '#api/queries.ts';
import type { Static, TSchema } from '#api/shapes.ts';
import type { Clock } from '#clock.ts';
import type { OpenAnswers } from './answers/open-answers.ts';
import type { Turns } from './answers/turns.ts';
import type { Connections } from './connections.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { Refusal } from './refusals.ts';
import type { EventStream } from './stream.ts';
import type { OneAtATime } from './what-if.ts';
import type { PeerUid } from './who.ts';

/** What handlers work with; one for all listeners of a daemon. */
export interface Context {
  readonly queries: Queries;
  readonly commands: Commands;
  readonly metrics: Metrics;
  readonly stream: EventStream;
  readonly clock: Clock;
  readonly turns: Turns;
  readonly answers: OpenAnswers;
  /** Places of event streams: readers that wait for events take none of what answers need. */
  readonly streams: OpenAnswers;
  readonly connections: Connections;
  readonly whatIfs: OneAtATime;
  /** Told of each request that had no right to what it asked for. */
  readonly authFailed?: ((address: string, text: string) => void) | undefined;
  /** Told of each command, when it is done or was refused. */
  readonly commandRun?: ((command: RunCommand) => void) | undefined;
  readonly peerUid?: PeerUid | undefined;
}

/** What goes back to the client; how it gets there is the server's business. */
export type Answer =
  | { readonly kind: 'json'; readonly body: unknown; readonly status?: 201 }
  | { readonly kind: 'text'; readonly contentType: string; readonly text: string | Buffer }
  | { readonly kind: 'list'; readonly chunks: AsyncIterable<string> }
  | { readonly kind: 'events'; readonly open: () => Readable };

export interface Input<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  /** Of a GET, and of a POST without one, an empty object. */
  readonly body: Body;
  readonly lastEventId: string | undefined;
  /** It came over the control socket: whoever sent it may read the files of this machine anyway. */
  readonly isLocal: boolean;
  /** Who asks, as far as it is known. */
  readonly by: By;
  /** It came over the control socket or with a token: the names of operators may be read. */
  readonly seesNames: boolean;
  /** Throws where what is asked for is not for the token to do to these nodes. Called by routes that check `nodes`. */
  requireNodes(nodes: readonly string[]): void;
}

interface Definition<P extends TSchema, Q extends TSchema, B extends TSchema> {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** What a write needs; without, a token of any kind. Of no meaning for a GET. */
  readonly right?: Right;
  /** The handler looks whether the token is for the nodes; elsewhere they are those of a peer in the path. */
  readonly checksNodes?: true;
  /** In the notation of the router: `/api/v1/peers/:name`. */
  readonly url: string;
  readonly summary: string;
  readonly tag: Tag;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  /** Of a 200; text when absent. */
  readonly answer?: TSchema;
  /** 201 where it has made something, 200 where that was there already. */
  readonly makes?: true;
  /** Statuses with which it says no, beside those of all routes of its kind. */
  readonly refuses?: readonly Refusal[];
  /** Changes with `queries.version()` and nothing else: may be answered by 304. */
  readonly versioned?: boolean;
  /** Counts against no rate limit: what watches the daemon must never be turned away. */
  readonly unlimited?: boolean;
  /** Costs nothing, and is answered before all that waits. */
  readonly isInstant?: boolean;
  /** Follows another program's contract: OpenAPI leaves it out. */
  readonly isUndocumented?: boolean;
  /** The body is a text up to this many bytes, not JSON. */
  readonly textBodyBytes?: number;
  /** A JSON body may be this long; where absent, of a few lines. */
  readonly jsonBodyBytes?: number;
  /** What the request has the daemon do, for the history: `disable W1`. Absent: it changes nothing. */
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

/** What an operator has the daemon do. */
export interface CommandWords {
  /** `disable W1` */
  readonly text: string;
  readonly peer?: string;
  readonly node?: string;
  /** What the operator says of it. */
  readonly comment?: string;
}

/** A command that is over; `ok`: it was not refused. */
export interface RunCommand extends CommandWords {
  readonly ok: boolean;
  readonly by: By;
}

/** A route without its types; all but a GET change something, or may, and need the right to it. */
export type Route = Definition<TSchema, TSchema, TSchema>;

/** Makes a route whose handler is typed by its schemas. */
export function route<P extends TSchema, Q extends TSchema, B extends TSchema>(
  definition: Definition<P, Q, B>,
): Route {
  return definition;
}

export function json(body: unknown): Answer {
  return { kind: 'json', body };
}
