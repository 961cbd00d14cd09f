import { queryObjects } from 'node:v8';
import { afterEach, expect, it } from 'vitest';
import { Bench } from '../bench.ts';

const peers = 200;
const reloads = 40;

/** A configuration of many peers and rules; `med` is in the policy of each. */
function configOf(med: number): string {
  const policies = Array.from(
    { length: peers },
    (_, at) => `  p${at}: [{ match: { med: ${med + at} }, then: reject }, { then: accept }]\n`,
  );
  const list = Array.from(
    { length: peers },
    (_, at) =>
      `  - { name: P${at}, address: 127.0.2.${at + 1}, peer_as: 65001, passive: true, ` +
      `accept_next_hop: any, import: p${at} }\n`,
  );
  return `start_gate: 0\npolicies:\n${policies.join('')}peers:\n${list.join('')}`;
}

let bench: Bench;
afterEach(() => bench.close());

/** The number of objects that are still in use; garbage is collected for it. */
function liveObjects(): number {
  bench.events.length = 0;
  return queryObjects(Object, { format: 'count' });
}

it.each([
  ['of a file that has not changed', (): string => configOf(1)],
  ['between two files', (at: number): string => configOf(1 + (at % 2))],
])('reloads %s leave nothing but their events behind', async (_what, textOf) => {
  bench = await Bench.start(configOf(1));
  const reloadMany = async (): Promise<void> => {
    for (let at = 0; at < reloads; at++)
      expect(await bench.reload(textOf(at))).toMatchObject({ ok: true });
  };
  await reloadMany();
  const before = liveObjects();
  await reloadMany();
  expect((liveObjects() - before) / reloads).toBeLessThan(10);
});
