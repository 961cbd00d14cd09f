import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '#support/wait.ts';

const lines = 30_000;

/** Logs everything at once and reports how long that took; then logs a line for each `t` on its input, and ends at `e`. */
const script = `
  const { createLog } = await import(process.argv[1]);
  let tell;
  const log = await createLog({ level: 'info', format: 'json' }, {
    subscribe: (listener) => { tell = listener; return () => {}; },
  });
  const say = (text) => tell({ event: 'stopping', text }, '2026-01-01T00:00:00.000Z');
  const start = performance.now();
  for (let at = 0; at < ${lines}; at++) say('x'.repeat(80) + at);
  process.stderr.write(String(performance.now() - start));
  process.stdin.on('data', (asked) => {
    for (const letter of String(asked)) {
      if (letter === 't') say('tick');
      else log.close(), process.exit(0);
    }
  });`;
const argv = [
  '--input-type=module',
  '-e',
  script,
  new URL('../../src/log/log.ts', import.meta.url).href,
];

let folder: string;
let fifo: number | undefined;
let children: ChildProcess[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fingerpost-log-'));
  fifo = undefined;
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  closeFifo();
  rmSync(folder, { recursive: true });
});

function closeFifo(): void {
  if (fifo !== undefined) closeSync(fifo);
  fifo = undefined;
}

/** The logger, and a reader of its output that begins on request. */
interface Stage {
  readonly logger: ChildProcess;
  read(): Readable;
}

/** Through a socket, like the journal. */
function overSocket(): Stage {
  const logger = launch('pipe');
  return { logger, read: () => readable(logger.stdout) };
}

function overPipe(): Stage {
  const path = join(folder, 'fifo');
  execFileSync('mkfifo', [path]);
  const { O_RDWR, O_NONBLOCK } = constants;
  fifo = openSync(path, O_RDWR | O_NONBLOCK);
  const writable = openSync(path, 'w');
  const logger = launch(writable);
  closeSync(writable);
  return {
    logger,
    read: () => {
      const reader = spawn('cat', [path], { stdio: ['ignore', 'pipe', 'ignore'] });
      children.push(reader);
      // The reader has opened its end; ours would keep it from noticing the end of the last writer.
      reader.stdout.once('data', closeFifo);
      return readable(reader.stdout);
    },
  };
}

function launch(stdout: 'pipe' | number): ChildProcess {
  const child = spawn(process.execPath, argv, { stdio: ['pipe', stdout, 'pipe'] });
  children.push(child);
  return child;
}

function readable(stream: Readable | null): Readable {
  if (stream === null) throw new Error('no pipe');
  return stream;
}

async function firstOf(stream: Readable): Promise<string> {
  for await (const chunk of stream) return String(chunk);
  return '';
}

/**
 * Has lines logged until the reader has had one, and with it all that waited before, and the count of those that were
 * lost. Returns how many were logged.
 */
async function tickUntilRead(
  logger: ChildProcess,
  heard: { readonly text: string },
): Promise<number> {
  let ticks = 0;
  const hasBoth = (): boolean => {
    logger.stdin?.write('t');
    ticks++;
    return heard.text.includes('"tick"') && heard.text.includes('"suppressed"');
  };
  await waitFor('a line and the count', hasBoth, Boolean);
  return ticks;
}

function hear(stream: Readable): { text: string } {
  const heard = { text: '' };
  stream.on('data', (chunk) => (heard.text += String(chunk)));
  return heard;
}

describe.each([
  ['socket', overSocket],
  ['pipe', overPipe],
] as const)('a %s whose reader has stalled', (_, open) => {
  it('delays nothing; lost lines are counted, and all other lines are complete and in order', async () => {
    const { logger, read } = open();
    const tookMs = Number(await firstOf(readable(logger.stderr)));
    // A busy machine needs many seconds; a wait of a few ms for each line would take longer.
    expect(tookMs).toBeLessThan(60_000);
    const output = read();
    const heard = hear(output);
    const ticks = await tickUntilRead(logger, heard);
    logger.stdin?.write('e');
    await once(output, 'end');
    const rows = heard.text
      .trimEnd()
      .split('\n')
      .map((line): { event: string; count?: number; msg: string } => JSON.parse(line));
    const told = rows.filter(({ event }) => event === 'stopping');
    const [lost, ...others] = rows.filter(({ event }) => event === 'suppressed');
    expect(others).toEqual([]);
    expect(told.length + (lost.count ?? 0)).toBe(lines + ticks);
    expect(lost.count).toBeGreaterThan(1000);
    const before = told.filter(({ msg }) => msg !== 'tick');
    expect(told.slice(before.length).every(({ msg }) => msg === 'tick')).toBe(true);
    const numbers = before.map(({ msg }) => Number(/x(\d+)$/.exec(msg)?.[1]));
    expect(numbers.slice(0, 5000)).toEqual(Array.from({ length: 5000 }, (__, at) => at));
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  });
});

it('a file gets every line', () => {
  const path = join(folder, 'log');
  const file = openSync(path, 'w');
  execFileSync(process.execPath, argv, { input: 'te', stdio: ['pipe', file, 'ignore'] });
  closeSync(file);
  expect(readFileSync(path, 'utf8').trimEnd().split('\n')).toHaveLength(lines + 1);
});

it('no output at all is no error', () => {
  const words = ['-c', 'exec "$0" "$@" >&-', process.execPath, ...argv];
  execFileSync('sh', words, { input: 'te', stdio: ['pipe', 'pipe', 'ignore'] });
});
