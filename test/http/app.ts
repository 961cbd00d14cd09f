import type { Writable } from '#http/guard.ts';
import { createMetrics } from '#http/metrics.ts';
import { OpenAnswers } from '#http/open-answers.ts';
import type { Context } from '#http/route.ts';
import { type App, createApp } from '#http/server.ts';
import { EventStream } from '#http/stream.ts';
import { Turns } from '#http/turns.ts';
import { FakeClock, type FakeDaemon, fakeDaemon } from './fake-daemon.ts';

export interface Bench extends AsyncDisposable {
  readonly app: App;
  readonly daemon: FakeDaemon;
  readonly clock: FakeClock;
  readonly stream: EventStream;
  readonly answers: OpenAnswers;
}

/** An app on a fake daemon; `await using` closes it. */
export async function bench(writable: Writable = 'never', streams: object = {}): Promise<Bench> {
  const daemon = fakeDaemon();
  const clock = new FakeClock();
  const stream = new EventStream({ queries: daemon, events: daemon, clock, ...streams });
  const turns = new Turns(clock);
  const metrics = createMetrics({ queries: daemon, turns, sseClients: () => stream.clients });
  const answers = new OpenAnswers(clock);
  const context: Context = { queries: daemon, commands: daemon, metrics, stream, turns, answers };
  const app = await createApp(context, writable);
  return {
    app,
    daemon,
    clock,
    stream,
    answers,
    async [Symbol.asyncDispose]() {
      stream.close();
      await app.close();
    },
  };
}
