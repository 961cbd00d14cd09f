import { beforeEach, describe, expect, it } from 'vitest';
import type { DaemonEvent } from '#api/events/events.ts';
import { KeptThread, startThread, type ThreadHandlers } from '#daemon/kept-thread.ts';
import { ManualClock } from '#support/manual-clock.ts';

let clock: ManualClock;
let told: DaemonEvent[];
/** What happened, in order: the start of a thread, its requests, and its end. */
let happened: string[];
let handlers: ThreadHandlers<string>;
let thread: KeptThread<string, string>;
beforeEach(() => {
  clock = new ManualClock();
  told = [];
  happened = [];
  thread = new KeptThread(
    { clock, events: { emit: (event) => void told.push(event) } },
    {
      name: 'the thread of tests',
      meanwhile: 'nothing is tested',
      start: (given) => {
        handlers = given;
        happened.push('started');
        return {
          post: (request) => void happened.push(request),
          ended: Promise.resolve(),
          terminate: () => void happened.push('terminated'),
        };
      },
      report: (report) => void happened.push(`reported ${report}`),
      lost: () => void happened.push('lost'),
      again: () => void happened.push('may be asked again'),
    },
  );
});

describe('a thread that is kept for its owner', () => {
  it('is started by the first request, and receives those that follow', () => {
    expect(happened).toEqual([]);
    thread.post('one');
    thread.post('two');
    handlers.report('done');
    expect(happened).toEqual(['started', 'one', 'two', 'reported done']);
  });

  it('ends at once, or by a last request, and is started by the next one', async () => {
    thread.post('one');
    await thread.end();
    thread.post('two');
    await thread.end('stop');
    await thread.end('stop');
    expect(happened).toEqual(['started', 'one', 'terminated', 'started', 'two', 'stop']);
  });

  it('is restarted five seconds after it has failed, and not earlier', () => {
    thread.post('one');
    handlers.failed(new Error('a bug'));
    thread.post('too early');
    clock.advance(5000);
    thread.post('two');
    expect(happened).toEqual(['started', 'one', 'lost', 'may be asked again', 'started', 'two']);
    expect(told).toMatchObject([
      {
        event: 'warning',
        text: 'the thread of tests failed and is being restarted; until then nothing is tested: a bug',
      },
    ]);
  });

  it('is not restarted if its owner no longer needs it', async () => {
    thread.post('one');
    handlers.failed(new Error('a bug'));
    await thread.end();
    clock.advance(10_000);
    expect(happened).toEqual(['started', 'one', 'lost']);
  });

  it('reports the failure of a real thread, which would end the process without a handler', async () => {
    const file = new URL('data:text/javascript,throw new Error("a bug")');
    const error = await new Promise((failed) => {
      startThread(file, { report: () => undefined, failed });
    });
    expect(error).toMatchObject({ message: 'a bug' });
  });
});
