import { Agent, type ClientRequest, get } from 'node:http';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Daemon } from '#support/process.ts';
import { waitFor } from '#support/wait.ts';

interface OpenPagesOptions {
  /** The URL of the page, with a slash at its end. */
  readonly base: string;
  readonly count: number;
  /** The first three octets of the source addresses; each page has an address of its own. */
  readonly from: string;
}

/** The same time as in the script of the page (src/http/page/client/live.ts). */
const leastMs = 1000;
const mostMs = 5000;

/** What pages saw while they were open. */
interface Seen {
  readonly refreshes: number;
  /** The longest time that a refresh took, milliseconds. */
  readonly longestMs: number;
}

/** Opens pages in a process of their own with the lowest priority, and returns a function that closes them. */
export function openElsewhere({ base, count, from }: OpenPagesOptions): () => Promise<Seen> {
  const main = join(import.meta.dirname, 'open-pages-main.ts');
  const readers = new Daemon('pages', [process.execPath, main, base, String(count), from], {});
  return async () => {
    readers.signal('SIGTERM');
    const line = await waitFor(
      'what the pages saw',
      () => readers.log,
      (log) => log.includes('\n'),
    );
    await readers.kill();
    return JSON.parse(line);
  };
}

/**
 * Sends the requests of browsers with the first screen open, without the browsers: the stream, and the view again
 * after an event.
 */
export class OpenPages {
  refreshes = 0;
  longestMs = 0;
  private readonly pages: readonly OpenPage[];

  constructor({ base, count, from }: OpenPagesOptions) {
    const noted = (ms: number): void => {
      this.refreshes++;
      this.longestMs = Math.max(this.longestMs, ms);
    };
    this.pages = Array.from(
      { length: count },
      (_, at) => new OpenPage(base, `${from}.${at + 1}`, noted),
    );
  }

  close(): void {
    for (const page of this.pages) page.close();
  }
}

class OpenPage {
  private readonly base: string;
  private readonly agent: Agent;
  private readonly stream: ClientRequest;
  private readonly timer: NodeJS.Timeout;
  private readonly noted: (ms: number) => void;
  private isDirty = false;
  private isAsking = false;
  private lastMs = performance.now();

  constructor(base: string, localAddress: string, noted: (ms: number) => void) {
    this.base = base;
    this.noted = noted;
    this.agent = new Agent({ keepAlive: true, localAddress });
    this.stream = get(`${base}api/v1/stream`, { agent: this.agent }, (answer) => {
      answer.on('data', () => {
        this.isDirty = true;
      });
      answer.on('error', ignoreTheEnd);
    });
    this.stream.on('error', ignoreTheEnd);
    this.timer = setInterval(() => this.look(), leastMs);
  }

  close(): void {
    clearInterval(this.timer);
    this.stream.destroy();
    this.agent.destroy();
  }

  private look(): void {
    const startMs = performance.now();
    if (this.isAsking || startMs - this.lastMs < (this.isDirty ? leastMs : mostMs)) return;
    this.isAsking = true;
    this.isDirty = false;
    const headers = { 'fingerpost-part': 'main', 'accept-encoding': 'gzip' };
    const asked = get(this.base, { agent: this.agent, headers }, (answer) => {
      answer.resume().once('end', () => {
        this.lastMs = performance.now();
        this.isAsking = false;
        this.noted(this.lastMs - startMs);
      });
    });
    asked.on('error', ignoreTheEnd);
  }
}

/** Connections that are cut when the page is closed. */
function ignoreTheEnd(): void {}
