import type { Writable } from '../../src/http/guard.ts';
import { createMetrics } from '../../src/http/metrics.ts';
import { OpenAnswers } from '../../src/http/open-answers.ts';
import type { Context } from '../../src/http/route.ts';
import { type App, createApp } from '../../src/http/server.ts';
import { EventStream } from '../../src/http/stream.ts';
import { Turns } from '../../src/http/turns.ts';
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
