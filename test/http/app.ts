import { vi } from 'vitest';
import { answerPlaces, OpenAnswers, streamPlaces } from '#http/answers/open-answers.ts';
import { Turns } from '#http/answers/turns.ts';
import { Connections } from '#http/connections.ts';
import type { Context } from '#http/context.ts';
import type { Door, Token } from '#http/guard.ts';
import { createMetrics } from '#http/metrics/metrics.ts';
import { OneAtATime } from '#http/one-at-a-time.ts';
import { refusalsOf } from '#http/refusals.ts';
import { type App, createApp, routes } from '#http/server.ts';
import { EventStream } from '#http/stream.ts';
import { FakeClock, type FakeDaemon, fakeDaemon } from './fake-daemon.ts';

export interface Bench extends AsyncDisposable {
  readonly app: App;
  readonly daemon: FakeDaemon;
  readonly clock: FakeClock;
  readonly stream: EventStream;
  readonly answers: OpenAnswers;
  readonly streams: OpenAnswers;
  /** The number of slices of answers that have begun. */
  slices(): number;
  /** The requests that were refused because a right was missing. */
  readonly refusals: readonly string[];
}

/** Who may write: no client, every client (the control socket), or clients with a token. */
export type Writable = 'never' | 'always' | { readonly token: string | undefined };

function doorOf(writable: Writable | Door): Door {
  if (writable === 'always' || writable === 'control') return 'control';
  if (writable === 'never') return { tokens: [], hosts: [] };
  if ('tokens' in writable) return writable;
  const { token: secret } = writable;
  const tokens: Token[] = secret === undefined ? [] : [{ name: 'one', secret, may: ['all'] }];
  return { tokens, hosts: [] };
}

/** The error statuses that the document lists for each route. */
const documented = new Map<string | undefined, ReadonlySet<number>>(
  routes.map((route) => [`${route.method} ${route.url}`, new Set(refusalsOf(route).keys())]),
);

/**
 * An app on a fake daemon. It fails the test if it refuses a request with an undocumented status; `await using`
 * closes it.
 */
export async function bench(
  writable: Writable | Door = 'never',
  streams: object = {},
): Promise<Bench> {
  const daemon = fakeDaemon();
  const clock = new FakeClock();
  const turns = new Turns(clock);
  const next = vi.spyOn(turns, 'next');
  const stream = new EventStream({ queries: daemon, events: daemon, clock, turns, ...streams });
  const metrics = createMetrics({
    queries: daemon,
    clock,
    turns,
    sseClients: () => stream.clients,
  });
  const answers = new OpenAnswers(clock, answerPlaces);
  const streamsOpen = new OpenAnswers(clock, streamPlaces);
  const refusals: string[] = [];
  const authFailed = (address: string, text: string) => refusals.push(`${address} ${text}`);
  const connections = new Connections();
  const shared = {
    queries: daemon,
    clock,
    commands: daemon,
    metrics,
    stream,
    turns,
    answers,
    streams: streamsOpen,
    connections,
    whatIfs: new OneAtATime(),
  };
  const context: Context = { ...shared, authFailed };
  const app = await createApp(context, doorOf(writable));
  const unsaid = new Set<string>();
  app.addHook('onSend', async ({ method, routeOptions: { url } }, { statusCode: status }) => {
    const asked = documented.get(`${method} ${url}`);
    if (status >= 400 && status < 500 && asked?.has(status) === false) {
      unsaid.add(`${method} ${url}: ${status}`);
    }
  });
  return {
    app,
    daemon,
    clock,
    stream,
    answers,
    streams: streamsOpen,
    refusals,
    slices: () => next.mock.calls.length,
    async [Symbol.asyncDispose]() {
      stream.close();
      await app.close();
      if (unsaid.size > 0) throw new Error(`not in the document: ${[...unsaid].join(', ')}`);
    },
  };
}
