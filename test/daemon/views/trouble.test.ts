import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { TroubleView } from '#api/views/trouble.ts';
import { nodeAttributes, update } from '#support/raw-message.ts';
import type { RawSpeaker } from '#support/raw-speaker.ts';
import { waitFor } from '#support/wait.ts';
import { Bench } from '../bench.ts';

const yaml = `
start_gate: 0
peer_groups:
  nodes: { peer_as: 65001, passive: true, import: all, accept_next_hop: any }
peers:
  - { name: W1, address: 127.0.1.1, group: nodes, node: w1, site: dc1 }
  - { name: W2, address: 127.0.1.2, group: nodes, node: w2, site: dc1 }
  - { name: W3, address: 127.0.1.3, group: nodes, node: w3, site: dc2 }
services:
  - { name: web, prefix: ["10.0.0.0/24{32,32}"] }
`;
const none = Buffer.alloc(0);
const nlri = (last: number) => Buffer.from([32, 10, 0, 0, last]);

let bench: Bench;
let nodes: RawSpeaker[];
beforeEach(async () => {
  bench = await Bench.start(yaml);
  nodes = [];
  for (const [at, host] of [1, 2, 3].entries()) {
    const node = await bench.establish(`127.0.1.${host}`);
    nodes.push(node);
    // All three nodes announce 10.0.0.1, and only the first announces 10.0.0.2.
    for (const last of at === 0 ? [1, 2] : [1]) {
      node.send(update(nodeAttributes([192, 0, 2, 10 + host], 100 + at), nlri(last), none));
    }
  }
  await bench.until('all paths', () => bench.queries.status().rib.paths === 4);
});
afterEach(() => bench.close());

function trouble(): Promise<TroubleView> {
  return bench.queries.trouble('1h');
}

/** Repeats the query until it is so. */
function troubleWhen(isSo: (view: TroubleView) => boolean): Promise<TroubleView> {
  return waitFor('the trouble', trouble, isSo);
}

it('names addresses without a backup, and the node that must not be touched', async () => {
  expect(await troubleWhen((view) => view.is_trouble)).toMatchObject({
    verdict: '1 of 2 addresses without a backup',
    addresses: { total: 2, items: [{ prefix: '10.0.0.2/32', kind: 'no_backup', node: 'w1' }] },
    sessions: { total: 3, count: 0, down: [] },
    do_not_touch: [{ node: 'w1', addresses: 1 }],
  });
});

it('of a dark address explain says which node served it last, until when, and why it ended', async () => {
  await troubleWhen(({ addresses }) => addresses.items.some(({ since }) => since !== undefined));
  expect(bench.queries.explain('10.0.0.2')).not.toHaveProperty('last_served');
  nodes[0].close();
  const isDark = () =>
    troubleWhen(({ addresses }) =>
      addresses.items.some(({ kind, cause }) => kind === 'dark' && cause !== undefined),
    );
  const { since = '' } = (await isDark()).addresses.items[0];
  const explained = bench.queries.explain('10.0.0.2');
  expect(explained).toEqual({
    prefix: '10.0.0.2/32',
    candidates: [],
    exports: [],
    last_served: {
      node: 'w1',
      until: expect.any(String),
      cause: expect.objectContaining({ peer: 'W1', kind: 'tcp_fin' }),
    },
  });
  // The audit that finds it dark comes after.
  expect((explained?.last_served?.until ?? '~') <= since).toBe(true);
  expect(bench.queries.explain('10.0.1.1')).toBeUndefined();
});

it('explain answers for a dark address itself, although a default route covers it', async () => {
  nodes[1].send(update(nodeAttributes([192, 0, 2, 12], 100), Buffer.from([0]), none));
  await troubleWhen(({ addresses }) => addresses.items.some(({ since }) => since !== undefined));
  nodes[0].close();
  await troubleWhen(({ addresses }) => addresses.items.some(({ kind }) => kind === 'dark'));
  for (const asked of ['10.0.0.2', '10.0.0.2/32']) {
    expect(bench.queries.explain(asked)).toMatchObject({
      prefix: '10.0.0.2/32',
      candidates: [],
      last_served: { node: 'w1' },
    });
  }
  expect(bench.queries.explain('10.0.1.1')).toMatchObject({ prefix: '0.0.0.0/0' });
});

it('names what is dark, why, who served it last, and what the lost sessions have in common', async () => {
  // It has been audited, so it is known who served it.
  await troubleWhen(({ addresses }) => addresses.items.some(({ since }) => since !== undefined));
  nodes[0].close();
  nodes[1].close();
  await bench.until('the failovers', () =>
    bench.told('failover').some((event) => 'summary' in event && event.peer === 'W1'),
  );
  const seen = await troubleWhen(
    ({ addresses, sessions }) =>
      addresses.items.length === 2 &&
      addresses.items.every(({ since }) => since !== undefined) &&
      addresses.counts.no_backup === 1 &&
      sessions.count === 2,
  );
  expect(seen).toMatchObject({
    is_trouble: true,
    verdict: '1 of 2 addresses dark',
    addresses: {
      items: [
        { prefix: '10.0.0.2/32', kind: 'dark', node: 'w1', cause: { kind: 'tcp_fin', peer: 'W1' } },
        { prefix: '10.0.0.1/32', kind: 'no_backup', node: 'w3' },
      ],
    },
    sessions: { down: [{ peer: 'W1', site: 'dc1', heals_itself: true }, { peer: 'W2' }] },
    do_not_touch: [{ node: 'w3', addresses: 1 }],
  });
  expect(seen.sessions.common).toMatch(/^2 of 3 sessions lost within \d\.\d s, all of dc1/);
  expect(seen.since).toBeDefined();
  expect(seen.causes.length).toBeGreaterThan(0);
  expect(seen.often[0]).toMatchObject({ about: 'W1 lost', day: 1, month: 1 });
});

it('names what operators have done, by whom, and what does not heal by itself', async () => {
  bench.commands.disable('W3', undefined, { uid: 0 });
  bench.commands.note('ticket 4711', { uid: 1000, user: 'alice' });
  const { changes, heals } = await troubleWhen(({ sessions }) => sessions.count === 1);
  expect(changes).toMatchObject([{ kind: 'note', by: { uid: 1000, user: 'alice' } }]);
  expect(heals).toEqual([{ about: 'W3', text: 'not by itself: enable W3' }]);
});

it('knows after a restart since when an address is dark, and who served it last', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fingerpost-trouble-'));
  const kept = `state_dir: ${join(folder, 'state')}
${yaml.replace('10.0.0.0/24{32,32}', '10.0.0.7/32", "10.0.0.8/32')}`;
  const before = await Bench.start(kept);
  const node = await before.establish('127.0.1.1');
  for (const last of [7, 8]) {
    node.send(update(nodeAttributes([192, 0, 2, 11], 100), nlri(last), none));
  }
  await before.until('both', () => before.told('best_changed').length === 2);
  node.send(update([], none, nlri(7)));
  await before.until('the withdrawal', () => before.told('best_changed').length === 3);
  const [{ at }] = (
    await before.queries.events({ kind: 'best_changed', prefix: '10.0.0.7' }, { limit: 1 })
  ).items;
  await before.close();

  const after = await Bench.start(kept);
  try {
    const view = await waitFor(
      'the trouble',
      () => after.queries.trouble('1h'),
      ({ addresses }) =>
        addresses.items.length === 2 && addresses.items.every((item) => item.node !== undefined),
    );
    const [seventh, eighth] = view.addresses.items.toSorted((a, b) =>
      a.prefix < b.prefix ? -1 : 1,
    );
    expect(seventh).toMatchObject({ prefix: '10.0.0.7/32', kind: 'dark', since: at, node: 'w1' });
    expect(eighth).toMatchObject({ prefix: '10.0.0.8/32', kind: 'dark', node: 'w1' });
  } finally {
    await after.close();
    rmSync(folder, { recursive: true });
  }
});

it('says why older events may be missing if the history cannot be read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fingerpost-trouble-'));
  // Puts a folder in the place of the file.
  mkdirSync(join(folder, 'history.db'));
  const blind = await Bench.start(`state_dir: ${folder}\n${yaml}`);
  try {
    const view = await waitFor(
      'the trouble',
      () => blind.queries.trouble('1h'),
      ({ incomplete }) => incomplete !== undefined,
    );
    expect(view.incomplete).toContain('history.db');
  } finally {
    await blind.close();
    rmSync(folder, { recursive: true });
  }
});

it('names the state of addresses that are not ok but can wait, and does not call this trouble', async () => {
  nodes[0].send(update([], none, nlri(2)));
  nodes[2].send(update([], none, nlri(1)));
  const view = await troubleWhen(
    ({ addresses: { items, lesser } }) =>
      lesser.length === 1 && items.every(({ kind }) => kind === 'dark'),
  );
  const text = 'all nodes that are up are in site dc1';
  expect(view.addresses.lesser).toEqual([{ state: 'degraded', count: 1, text }]);
});

it('refuses an invalid time', async () => {
  await expect(bench.queries.trouble('yesterday')).rejects.toThrow('yesterday');
});
