import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runWith } from './bench.ts';

const example = ['-c', 'deploy/examples/service-ha.yaml'];
const run = (...words: string[]) => runWith(['render', ...words, ...example], {});

it.each([
  ['bird', 'protocol bgp W1 {'],
  ['bird1.6', 'next hop keep;'],
  ['frr', 'neighbor 2001:db8:6::11 remote-as 65001'],
])('prints a sibling for %s', async (daemon, line) => {
  const { status, out, err } = await run('--sibling', daemon);
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(out).toContain(line);
});

it.each([
  ['nothing', []],
  ['a daemon without a peer', ['--for', 'bird']],
  ['both', ['--for', 'bird', '--peer', 'W1', '--sibling', 'bird']],
])('%s is a usage error', async (_name, words) => {
  const { status, err } = await run(...words);
  expect({ status, err }).toEqual({
    status: 2,
    err: 'fingerpost: expected --for and --peer, or --sibling\n',
  });
});

it('--family with another daemon than BIRD 1.6 is a usage error', async () => {
  const { status, err } = await run('--sibling', 'bird', '--family', 'ipv6');
  expect({ status, err }).toEqual({
    status: 2,
    err: 'fingerpost: --family can only be used with --sibling bird1.6\n',
  });
});

it('a family that no peer has is refused', async () => {
  const { status, err } = await run('--sibling', 'bird1.6', '--family', 'ipv4');
  expect(status).toBe(1);
  expect(err).toContain('no peer has an ipv4 address');
});

/** Runs it for this peer of a configuration that has no other. */
async function renderFor(daemon: string, name: string, peer: string) {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'fingerpost-render-'));
  const file = join(folder.path, 'rs9.yaml');
  const lines = ['router_id: 1.1.1.9', 'local_as: 65002', 'listen: "[2001:db8:1::9]:179"'];
  await writeFile(file, [...lines, `peers: [{ name: ${name}, ${peer} }]`, ''].join('\n'));
  return await runWith(['-c', file, 'render', '--for', daemon, '--peer', name], {});
}

it('an observer is refused, because the other side of its session exports everything', async () => {
  const peer = 'address: "2001:db8:1::4", peer_as: 65002, observer: true';
  const { status, err } = await renderFor('bird', 'RS4', peer);
  expect(status).toBe(1);
  expect(err).toBe(
    'fingerpost: RS4: a route server that is observed needs one more session as a client, which docs/peers.md shows\n',
  );
});

it('an OpenBGPD that is observed cannot have GTSM, with which it would name itself as the next hop', async () => {
  const peer = 'address: "2001:db8:1::2", peer_as: 65003, export: all, observe: true';
  const { status, out } = await renderFor('openbgpd', 'ER2', peer);
  expect(status).toBe(0);
  expect(out).toContain('multihop 2');
  const refused = await renderFor('openbgpd', 'ER2', `${peer}, gtsm: true`);
  expect(refused.status).toBe(1);
  expect(refused.err).toContain('names itself as the next hop on a session with GTSM');
});

it('the hold time is explained to a node as what ends its own routes', async () => {
  const { out } = await run('--for', 'bird', '--peer', 'W1');
  expect(out).toContain('# A node that died');
});
