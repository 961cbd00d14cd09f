import { get } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * The clients of a daemon in S7: this many readers of the stream, one reader of pages of routes, and a scrape from
 * time to
 * time.
 */
const readers = 20;
const pages = 5;
const scrapeEveryMs = 5000;

const [host, port] = process.argv[2].split(':');

/** Reads an answer to its end. */
function ask(path: string): Promise<void> {
  return new Promise((resolve) => {
    const request = get({ host, port, path }, (answer) => {
      answer.resume().on('close', resolve);
    });
    request.on('error', resolve);
  });
}

/** Repeats until this process is killed. */
async function keepAsking(path: string, everyMs: number): Promise<never> {
  for (;;) {
    await ask(path);
    await pause(everyMs);
  }
}

for (let reader = 0; reader < readers; reader++) void keepAsking('/api/v1/stream', 100);
for (let page = 0; page < pages; page++) void keepAsking('/api/v1/routes?limit=1000', 10);
void keepAsking('/metrics', scrapeEveryMs);
