import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dice } from '#support/dice.ts';
import { CollisionSearch, longestAllowed } from './collisions.ts';
import { readCorpus } from './corpus.ts';
import { randomContext, readWithDecoder, readWithOracle } from './decoding.ts';
import { grown, sizesOf } from './growth.ts';
import { randomUpdate } from './messages.ts';
import { type Operation, operationText, parseOperation } from './operation.ts';
import { fuzzOverTcp } from './over-tcp.ts';
import { fuzz } from './run.ts';
import { headline, replay, shrink } from './shrink.ts';
import { plain } from './update-parts.ts';

test('UPDATEs right and wrong read as the naive twin reads them', () => {
  const roll = dice(20_240_601);
  const corpus = readCorpus();
  for (let i = 0; i < 5_000; i++) {
    const context = randomContext(roll);
    const update = randomUpdate(roll, corpus, context);
    const hex = `${JSON.stringify(context)} ${Buffer.from(update).toString('hex')}`;
    const { words } = readWithDecoder(update, context);
    expect(words, hex).toBe(readWithOracle(update, context).words);
  }
});

test('hostile peers change nothing but their own routes, and nothing grows', async () => {
  const result = await fuzz({ seed: 1, seconds: 200, messages: 6_000, checkEvery: 400 });
  expect(result).toMatchObject({ grown: [] });
  expect(result.failure?.error).toBeUndefined();
  expect(result.tally.messages).toBeGreaterThanOrEqual(6_000);
  expect(result.tally.checks).toBeGreaterThan(10);
});

test('neither do they over TCP', async () => {
  const { messages, faults } = await fuzzOverTcp(1, 5);
  expect(faults).toEqual([]);
  expect(messages).toBeGreaterThan(100);
});

test('no keys that a peer can choose have equal hashes under every seed, and none lies far behind its slot', () => {
  const search = new CollisionSearch(11);
  for (let round = 0; round < 2; round++) search.round();
  expect(search.tallies.length).toBeGreaterThan(0);
  for (const { name, keys, longestChain, cancelling } of search.tallies) {
    expect(cancelling, name).toEqual([]);
    expect(longestChain, name).toBeLessThan(longestAllowed);
    expect(keys, name).toBeGreaterThan(5_000);
  }
});

const cases = join(import.meta.dirname, 'cases');

describe('what was found once', () => {
  test.each(readdirSync(cases))('%s', async (name) => {
    const lines = readFileSync(join(cases, name), 'utf8').trim().split('\n');
    expect(await replay(lines.map(parseOperation))).toBeUndefined();
  });
});

describe('the fuzzer itself', () => {
  test('operations are read as they were written', () => {
    const operations: Operation[] = [
      { kind: 'call', peer: 'H1' },
      { kind: 'bytes', peer: 'H1', bytes: Uint8Array.of(1, 2, 255), cuts: [1, 2] },
      { kind: 'bytes', peer: 'H1', bytes: Uint8Array.of(1), cuts: [] },
      { kind: 'stray', peer: 'H1', bytes: Uint8Array.of(9) },
      { kind: 'recall', peer: 'G1', bytes: Uint8Array.of(9) },
      { kind: 'wait', ms: 20 },
      { kind: 'reload' },
      { kind: 'check' },
    ];
    const again = operations.map((operation) => parseOperation(operationText(operation)));
    expect(again).toEqual(operations);
  });

  test('a fault is found again with few operations', async () => {
    const noise: Operation[] = Array.from({ length: 30 }, (_, at) => ({ kind: 'wait', ms: at }));
    const bad = { kind: 'bytes', peer: 'N1', bytes: new Uint8Array(19), cuts: [4] } as const;
    const fault = await replay([...noise, bad, ...noise]);
    expect(fault).toMatch(/has lost its session/);
    expect(await shrink([...noise, bad, ...noise], fault ?? '')).toEqual([{ ...bad, cuts: [] }]);
  });

  test('growth is told by its place, and headlines by what is wrong', () => {
    const early = sizesOf({ some: { list: [] } });
    const late = sizesOf({ some: { list: Array(5_000).fill(1) } });
    expect(grown(early, late)).toEqual(['.some.list: 0 -> 5000']);
    expect(grown(late, late)).toEqual([]);
    expect(headline(new Error('best of 10.0.0.0/8:\n  given'))).toBe('best of #');
  });

  test('no message shares its memory with another', () => {
    const buffer = Buffer.from([1, 2, 3]);
    expect(plain(buffer).buffer.byteLength).toBe(3);
  });
});
