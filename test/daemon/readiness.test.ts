import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { Readiness } from '#daemon/readiness.ts';
import { ManualClock } from '#support/manual-clock.ts';
import { configOf, minimal } from '../config/files.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

interface Peer {
  readonly name: string;
  isEnabled: boolean;
  isAwaited: boolean;
  isClient: boolean;
  negotiatedFamilies: readonly boolean[] | undefined;
}

const up = [true, false];

function peer(name: string, rest: Partial<Peer> = {}): Peer {
  const base = { isEnabled: true, isAwaited: true, isClient: false, negotiatedFamilies: undefined };
  return { name, ...base, ...rest };
}

/** `wasUp`: the peers that the last process stored, or the text of its file. */
function readiness(
  peers: Peer[],
  wasUp?: readonly string[] | string,
  gateWaitsFor: readonly string[] = [],
) {
  const folder = mkdtempSync(join(tmpdir(), 'fingerpost-ready-'));
  folders.push(folder);
  if (wasUp !== undefined) {
    const text = typeof wasUp === 'string' ? wasUp : JSON.stringify({ established: wasUp });
    writeFileSync(join(folder, 'state.json'), text);
  }
  const lost: string[] = [];
  const clock = new ManualClock();
  const config = configOf(minimal(`state_dir: ${folder}\nready_max_wait: 90s\n`));
  const ready = new Readiness(config, {
    clock,
    peers: {
      named: (name) => peers.find((one) => one.name === name),
      [Symbol.iterator]: () => peers[Symbol.iterator](),
    },
    isListening: () => true,
    gateWaitsFor: () => gateWaitsFor,
    degradedBy: () => [],
    onFailure: (text) => {
      throw new Error(text);
    },
    onLost: (text) => lost.push(text),
  });
  return { ready, clock, lost };
}

test('a peer that was up before is waited for, and named if it does not come in time; it may still come later', () => {
  const [w1, w2] = [peer('W1', { negotiatedFamilies: up }), peer('W2')];
  const { ready, clock } = readiness([w1, w2, peer('W3')], ['W1', 'W2']);
  ready.endOfRib('W1', 0);
  expect(ready.view().reasons).toEqual(['W2 was up before the restart and has not come back yet']);
  clock.advance(90_000);
  expect(ready.view().degraded).toEqual(['W2 was up before the restart and has not come back']);
  w2.negotiatedFamilies = up;
  expect(ready.view().degraded).toBeUndefined();
});

test('a peer that the start gate waits for and that was up before is named once', () => {
  const { ready } = readiness([peer('W1'), peer('W2'), peer('W3')], ['W1', 'W2'], ['W1', 'W3']);
  expect(ready.view().reasons).toEqual([
    'start gate: waiting for W1, which was up before the restart',
    'start gate: waiting for W3',
    'W2 was up before the restart and has not come back yet',
  ]);
});

test.each([
  ['down before the restart', peer('W2')],
  ['disabled', peer('W2', { isEnabled: false })],
])('a peer that is %s does not degrade the daemon', (_, other) => {
  const { ready } = readiness([peer('W1', { negotiatedFamilies: up }), other], ['W1']);
  ready.endOfRib('W1', 0);
  ready.gateOpened(['W2']);
  expect(ready.view()).toEqual({ ready: true, reasons: [] });
});

test('if nothing is stored, the peers that the start gate did not hear are named', () => {
  const { ready } = readiness([peer('W1', { negotiatedFamilies: up }), peer('W2')]);
  ready.gateOpened(['W2']);
  expect(ready.view().degraded).toEqual(['start gate timed out while waiting for W2']);
});

test('if the stored peers cannot be read, this is reported once, and the daemon is degraded for as long as it would wait', () => {
  const { ready, clock, lost } = readiness([peer('W1', { negotiatedFamilies: up })], '{"establ');
  ready.start();
  expect(lost).toEqual([
    expect.stringMatching(
      /^it is not known which peers were up before the start: .*state\.json: .*/,
    ),
  ]);
  expect(ready.view()).toMatchObject({
    ready: true,
    degraded: ['peers that were up before the start are not known'],
  });
  expect(ready.isMemoryLost).toBe(true);
  clock.advance(90_000);
  expect(ready.view().degraded).toBeUndefined();
  expect(ready.isMemoryLost).toBe(false);
  expect(lost).toHaveLength(1);
});

test('without any source, or any client, the daemon is degraded, whatever is stored', () => {
  const { ready } = readiness([peer('W1'), peer('ER2', { isAwaited: false, isClient: true })], []);
  expect(ready.view().degraded).toEqual(['no source is up', 'no client is up']);
});

test('a daemon that stops before it was ready says that it stops, not what it waits for', () => {
  const { ready } = readiness([peer('W1'), peer('W2', { negotiatedFamilies: up })], ['W1']);
  ready.start();
  ready.stop();
  expect(ready.view()).toEqual({ ready: false, reasons: ['fingerpost is stopping'] });
});
