import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { noTrouble } from '../http/fake-daemon.ts';
import { cliBench, type Ran } from './bench.ts';

/** The exact output of each command. `UPDATE_GOLDEN=1` rewrites the files, whose diff is reviewed like code. */
const rows: readonly [file: string, words: string, columns?: number][] = [
  ['show-status', 'show status'],
  ['show-status-json', 'show status --json'],
  ['show-peers', 'show peers'],
  ['show-services', 'show services'],
  ['show-peers-80', 'show peers', 80],
  ['show-peers-60', 'show peers', 60],
  ['show-peers-140', 'show peers', 140],
  ['show-peer', 'show peer W1'],
  ['show-peer-down', 'show peer DR7 2001:db8:1::8'],
  ['show-peer-json', 'show peer W1 -j'],
  ['show-route', 'show route'],
  ['show-route-140', 'show route', 140],
  ['show-route-for', 'show route for 2001:db8:30::1'],
  ['show-route-all', 'show route 2001:db8:30::3/128 --all'],
  ['show-route-peer', 'show route peer W2'],
  ['show-route-received', 'show route received W1'],
  ['show-route-received-json', 'show route received W1 --json'],
  ['show-route-export', 'show route export ER2'],
  ['show-route-filtered', 'show route filtered'],
  ['show-route-count', 'show route count'],
  ['show-bgp-ipv6', 'show bgp ipv6'],
  ['explain', 'explain 2001:db8:30::1'],
  ['explain-80', 'explain 2001:db8:30::1', 80],
  ['explain-for', 'explain 2001:db8:30::1/128 --for ER2'],
  ['explain-json', 'explain 2001:db8:30::1/128 --for ER2 --json'],
  ['doctor', 'doctor'],
  ['doctor-peer', 'doctor DR7'],
  ['doctor-json', 'doctor DR7 --json'],
  ['doctor-well', 'doctor W2'],
  ['doctor-unknown', 'doctor W9'],
  ['plan', 'plan'],
  ['plan-json', 'plan --json'],
  ['plan-all', 'plan --all'],
  ['plan-first', 'plan -n 1'],
  ['plan-no-file', 'plan /nope.yaml'],
  ['whatif-node', 'whatif --node w1'],
  ['whatif-node-80', 'wh --node w1', 80],
  ['whatif-peer-first', 'whatif --peer W1 -n 1'],
  ['drain', 'drain --node w1 --ttl 2h'],
  ['drain-80', 'drain --node w1 --ttl 2h', 80],
  ['drain-json', 'drain --node w1 --json'],
  ['drain-nothing', 'drain'],
  ['drain-two', 'drain --node w1 --site dc1'],
  ['drain-unknown', 'drain --node w9'],
  ['undrain', 'undrain d1'],
  ['undrain-unknown', 'undrain d9'],
  ['undrain-nothing', 'undrain'],
  ['show-drains', 'show drains'],
  ['show-bfd', 'show bfd'],
  ['show-bmp', 'show bmp'],
  ['show-bmp-80', 'show bmp', 80],
  ['show-rpki', 'show rpki'],
  ['show-rpki-80', 'show rpki', 80],
  ['show-coherence', 'show coherence'],
  ['show-coherence-80', 'show coherence', 80],
  ['show-trouble', 'show trouble'],
  ['show-trouble-80', 'show trouble', 80],
  ['show-trouble-60', 'show trouble', 60],
  ['wait-nothing', 'wait --node w1'],
  ['help-drain', 'drain --help'],
  ['whatif-nothing', 'whatif --node w2'],
  ['whatif-json', 'whatif --node w1 -n 1 --json'],
  ['whatif-each', 'whatif --each node'],
  ['whatif-each-peer', 'whatif --each peer'],
  ['whatif-each-wrong', 'whatif --each planet'],
  ['whatif-unknown', 'whatif --node w9'],
  ['whatif-two', 'whatif --node w1 --site dc1'],
  ['whatif-no-file', 'whatif --config /nope.yaml'],
  ['help-whatif', 'whatif --help'],
  ['reload-confirm', 'reload --confirm 2m'],
  ['reload-confirm-wrong', 'reload --confirm soon'],
  ['confirm', 'confirm'],
  ['disable', 'disable W1'],
  ['reset-json', 'reset W1 -j'],
  ['unknown-peer', 'show peer W9'],
  ['unknown-peer-json', 'show peer W9 --json'],
  ['unknown-prefix', 'show route for 2001:db8:99::1'],
  ['ambiguous', 're W1'],
  ['unknown-command', 'shwo peers'],
  ['unknown-option', 'show peers --fast'],
  ['help', '--help'],
  ['help-reload', 'reload --help'],
  ['help-show-route', 'show route --help'],
  ['show-alone', 'show'],
];

/** Commands as above, for a peer with a disabled family. */
test.each([
  ['show-peers-off', 'show peers'],
  ['show-peer-off', 'show peer W1'],
])('%s: fingerpost %s', async (file, words) => {
  await using bench = await cliBench();
  bench.daemon.listPeers[0].disabled_families = [
    {
      family: 'ipv6_unicast',
      at: '2025-11-22T21:20:47.000Z',
      text: '4-byte next hop for an IPv6 route: `next-hop self` on an IPv4 session?',
    },
  ];
  await check(file, words, await bench.run(words.split(' ')));
});

test('show-status-memory: show status says that the history is not written', async () => {
  await using bench = await cliBench();
  const { daemon } = bench;
  const known = daemon.status();
  daemon.status = () => ({ ...known, history_failure: 'the disk is full' });
  await check('show-status-memory', 'show status', await bench.run(['show', 'status']));
});

test.each([
  [undefined, 'not the file on disk'],
  [true, 'not the file on disk'],
  [false, 'the same as the file on disk'],
])('a confirmed configuration runs, and the file differs: %s: %s', async (differs, says) => {
  await using bench = await cliBench();
  const {
    config: { file_differs: _, ...config },
    ...known
  } = bench.daemon.status();
  const differ = differs === undefined ? {} : { file_differs: differs };
  bench.daemon.status = () => ({
    ...known,
    config: { ...config, running_from: 'stored', ...differ },
  });
  expect((await bench.run(['show', 'status'])).out).toContain(`, ${says}\n`);
});

test('show-peers-silent: a peer without an error, which was never up, shows why it may not come up', async () => {
  await using bench = await cliBench();
  const { last_error: error, down_since: since, ...peer } = bench.daemon.listPeers[5];
  expect([error, since]).not.toContain(undefined);
  bench.daemon.listPeers[5] = {
    ...peer,
    hints: ['the peer has not connected; possible MD5 mismatch'],
  };
  await check('show-peers-silent', 'show peers', await bench.run(['show', 'peers']));
});

test.each(rows)('%s: fingerpost %s', async (file, words, columns) => {
  await using bench = await cliBench();
  const over = columns === undefined ? {} : { columns };
  await check(file, words, await bench.run(words.split(' '), over));
});

test('show-trouble-none: fingerpost show trouble', async () => {
  await using bench = await cliBench();
  bench.daemon.trouble = () => Promise.resolve(noTrouble());
  await check('show-trouble-none', 'show trouble', await bench.run(['show', 'trouble']));
});

test('show-trouble-degraded: names what can wait, and says that older events are missing', async () => {
  await using bench = await cliBench();
  const { addresses, ...well } = noTrouble();
  const text = 'all nodes that are up are in site dc1';
  bench.daemon.trouble = () =>
    Promise.resolve({
      ...well,
      verdict: `no trouble, but 2 of 3 addresses degraded: ${text}`,
      addresses: {
        ...addresses,
        lesser: [
          { state: 'degraded', count: 2, text },
          { state: 'unexpected_node', count: 1, text: 'served by w2, not by w3' },
        ],
      },
      incomplete: 'the history cannot be read: disk I/O error',
    });
  await check('show-trouble-degraded', 'show trouble', await bench.run(['show', 'trouble']));
});

test('prints no error code of the system, and JSON only on request', () => {
  const folder = new URL('golden/', import.meta.url);
  const files = readdirSync(folder).filter((name) => !name.endsWith('-json.txt'));
  const raw = files.filter((name) =>
    /\bE[A-Z]{4,}\b|\{"/.test(readFileSync(new URL(name, folder), 'utf8')),
  );
  expect(raw).toEqual([]);
});

async function check(file: string, words: string, { status, out, err }: Ran): Promise<void> {
  const text = `$ fingerpost ${words}\n${out}--- stderr\n${err}--- exit ${status}\n`;
  const path = new URL(`golden/${file}.txt`, import.meta.url);
  if (process.env.UPDATE_GOLDEN === '1') {
    mkdirSync(new URL('golden', import.meta.url), { recursive: true });
    writeFileSync(path, text);
  }
  expect(text).toBe(readFileSync(path, 'utf8'));
}
