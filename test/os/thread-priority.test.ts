import { once } from 'node:events';
import { getPriority } from 'node:os';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { setThreadNice } from '#os/thread-priority.ts';

const module = new URL('../../src/os/thread-priority.ts', import.meta.url).href;

const script = `
  const { readlinkSync } = require('node:fs');
  const { getPriority } = require('node:os');
  const { parentPort } = require('node:worker_threads');
  import('${module}').then(({ setThreadNice }) => {
    const isSet = setThreadNice(7);
    const id = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    parentPort.postMessage([isSet, getPriority(id)]);
  });
`;

test('the nice value is that of one thread, and not of the process', async () => {
  const before = getPriority(process.pid);
  const worker = new Worker(script, { eval: true });
  expect(await once(worker, 'message')).toEqual([[true, 7]]);
  expect(getPriority(process.pid)).toBe(before);
  await worker.terminate();
});

test('a nice value that the kernel refuses is not an error', () => {
  expect(setThreadNice(Number.NaN)).toBe(false);
});
