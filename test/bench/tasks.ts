import type { Browser, CDPSession, Page } from 'playwright-core';

/**
 * A task of the thread of the page as Chromium traces it; `tdur` does not include the time of other programs on the
 * core.
 */
interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly args?: { readonly name?: string };
  /** Microseconds of CPU. */
  readonly tdur?: number;
}

/** The longest task of the page's main thread while `work` was done, milliseconds of CPU. */
export async function longestTaskMs(
  { browser, page }: { readonly browser: Browser; readonly page: Page },
  work: () => Promise<unknown>,
): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  try {
    const events: TraceEvent[] = [];
    session.on('Tracing.dataCollected', ({ value }) =>
      events.push(...(value as unknown as TraceEvent[])),
    );
    await session.send('Tracing.start', {
      transferMode: 'ReportEvents',
      traceConfig: { includedCategories: ['toplevel', '__metadata'], excludedCategories: ['*'] },
    });
    await work();
    await endOfTrace(session);
    return longestOf(events, page.url());
  } finally {
    await session.detach();
  }
}

function endOfTrace(session: CDPSession): Promise<void> {
  return new Promise((resolve, reject) => {
    session.once('Tracing.tracingComplete', () => resolve());
    session.send('Tracing.end').catch(reject);
  });
}

/** One browser has one page here, so the main thread of each renderer belongs to that page. */
function longestOf(events: readonly TraceEvent[], url: string): number {
  const main = new Set(
    events
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid}/${tid}`),
  );
  if (main.size === 0) throw new Error(`no thread of ${url} in the trace`);
  const tasks = events.filter(
    ({ pid, tid, tdur }) => tdur !== undefined && main.has(`${pid}/${tid}`),
  );
  return Math.max(0, ...tasks.map(({ tdur = 0 }) => tdur)) / 1000;
}
