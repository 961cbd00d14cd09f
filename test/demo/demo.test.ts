import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { waitFor } from '#support/wait.ts';
import { mainFile, processesOf, RunningDemo, say } from './running-demo.ts';

const allWell = ['W3 MED 100', 'W2 MED 100', 'W1 MED 100'] as const;

let tmp: string;
beforeAll(() => {
  tmp = mkdtempSync(join(tmpdir(), 'demo-'));
});
afterEach(() => {
  for (const pid of processesOf(tmp)) process.kill(pid, 'SIGKILL');
});
afterAll(() => rmSync(tmp, { recursive: true }));

describe('the demo without a terminal', () => {
  test('addresses move when a node fails or dies, and come back; SIGINT leaves nothing behind', async () => {
    const demo = new RunningDemo(tmp);
    const [, page] = await demo.line(/page: (http:\S+)/);
    await demo.tables(...allWell);
    expect(await statusOf(page)).toMatchObject({ local_as: 65002, peers: { established: 5 } });

    await demo.say('fail', 'w3');
    await demo.tables('W2 MED 101', 'W2 MED 100', 'W1 MED 100');
    await demo.line(/2001:db8:30::1\/128: W3 -> W2(?: in [\d.]+ m?s)? on ER2 and DR6/);
    await demo.say('heal', 'w3');
    await demo.tables(...allWell);

    await demo.say('kill', 'w1');
    await demo.tables('W3 MED 100', 'W2 MED 100', 'W3 MED 101');
    await demo.say('fail', 'W1');
    const { stdout } = await demo.say('start', 'w1');
    expect(stdout).toMatch(/^W1: health check fails, announcer pid \d+\n$/);
    await demo.say('heal', 'w1');
    await demo.tables(...allWell);

    demo.signal('SIGINT');
    expect(await demo.ended).toBe(0);
    expect(processesOf(tmp)).toEqual([]);
    expect(readdirSync(tmp)).toEqual([]);
  });

  test('a second demo beside the first takes the next ports, and commands go to the second', async () => {
    const first = new RunningDemo(tmp);
    const [, firstPage] = await first.line(/page: (http:\S+)/);
    const second = new RunningDemo(tmp);
    const [, secondPage] = await second.line(/page: (http:\S+)/);
    expect(secondPage).not.toBe(firstPage);
    await Promise.all([first.tables(...allWell), second.tables(...allWell)]);

    await say(tmp, 'fail', 'w2');
    await second.tables('W3 MED 100', 'W1 MED 101', 'W1 MED 100');
    expect(first.lines.join()).not.toContain('health check fails');

    second.signal('SIGTERM');
    expect(await second.ended).toBe(0);
    await say(tmp, 'fail', 'w2');
    await first.tables('W3 MED 100', 'W1 MED 101', 'W1 MED 100');
    first.signal('SIGHUP');
    expect(await first.ended).toBe(0);
    expect(readdirSync(tmp)).toEqual([]);
  });

  test('the processes of a killed demo end, and the next demo removes its folder', async () => {
    const killed = new RunningDemo(tmp);
    await killed.tables(...allWell);
    killed.signal('SIGKILL');
    expect(await killed.ended).toBe('SIGKILL');
    await waitFor(
      'the end of its processes',
      () => processesOf(tmp),
      (pids) => pids.length === 0,
    );

    const next = new RunningDemo(tmp);
    await next.line(/page: (http:\S+)/);
    expect(foldersIn(tmp)).toEqual([String(next.pid)]);
    next.signal('SIGINT');
    expect(await next.ended).toBe(0);
  });

  test('the demo ends with an error when the route server ends', async () => {
    const demo = new RunningDemo(tmp);
    await demo.tables(...allWell);
    for (const pid of processesOf(tmp)) {
      if (wordsOf(pid).includes('run')) process.kill(pid, 'SIGKILL');
    }
    expect(await demo.ended).toBe(1);
    await demo.line(/fingerpost: the route server ended \(SIGKILL\)/);
    expect(readdirSync(tmp)).toEqual([]);
  });

  test('the demo ends even if it is interrupted while it starts', async () => {
    const demo = new RunningDemo(tmp);
    await waitFor(
      'its folder',
      () => foldersIn(tmp),
      (folders) => folders.length === 1,
    );
    demo.signal('SIGINT');
    expect(await demo.ended).toBe(0);
    expect(processesOf(tmp)).toEqual([]);
  });

  test('a command ends with status 3 without a running demo, and a wrong command with status 2', async () => {
    await expect(say(tmp, 'fail', 'w1')).rejects.toMatchObject({ code: 3 });
    await expect(say(tmp, 'fail', 'w9')).rejects.toMatchObject({ code: 2 });
  });
});

describe('the demo in a terminal', () => {
  test('leaves nothing behind when that is closed', async () => {
    const terminal = spawn(
      'script',
      ['-qec', `${process.execPath} ${mainFile} demo`, '/dev/null'],
      {
        env: { ...process.env, TMPDIR: tmp, TERM: 'xterm' },
        stdio: ['pipe', 'pipe', 'ignore'],
      },
    );
    try {
      let shown = '';
      terminal.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text));
      await waitFor(
        'the tables',
        () => stripVTControlCharacters(shown),
        (text) => text.includes('100 best'),
      );
    } finally {
      terminal.kill('SIGKILL');
    }
    await waitFor(
      'the end of the demo',
      () => [...processesOf(tmp), ...readdirSync(tmp)],
      (all) => all.length === 0,
    );
  });
});

async function statusOf(page: string): Promise<unknown> {
  const answer = await fetch(new URL('/api/v1/status', page));
  return answer.json();
}

function foldersIn(folder: string): string[] {
  return readdirSync(folder).flatMap((home) => readdirSync(join(folder, home)));
}

function wordsOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
}
