import { afterEach, beforeEach, expect, it } from 'vitest';
import type { PathView } from '#api/views/path.ts';
import { atOnce } from '#daemon/in-slices.ts';
import {
  attribute,
  fourOctetAsCapability,
  ipv4UnicastCapability,
  nodeAttributes,
  update,
} from '#support/raw-message.ts';
import type { RawSpeaker } from '#support/raw-speaker.ts';
import { wellKnownCommunities } from '#wire/communities.ts';
import { Bench } from './bench.ts';

const config = `
start_gate: 0
services: [{ name: web, prefix: ["192.0.2.0/24{32,32}"] }]
peer_groups:
  nodes: { peer_as: 65001, passive: true, import: all, accept_next_hop: any }
peers:
  - { name: W1, address: 127.0.1.1, group: nodes, node: w1 }
  - { name: W2, address: 127.0.1.2, group: nodes, node: w2 }
  - { name: W3, address: 127.0.1.3, group: nodes, node: w3 }
`;

const web = '192.0.2.1/32';
let bench: Bench;
let speakers: RawSpeaker[];

beforeEach(async () => {
  bench = await Bench.start(config);
  const open = { as: 65001, capabilities: [ipv4UnicastCapability, fourOctetAsCapability(65001)] };
  speakers = [];
  for (const last of [1, 2, 3]) {
    speakers.push(await bench.establish(`127.0.1.${last}`, { ...open, routerId: `1.1.1.${last}` }));
  }
});
afterEach(() => bench.close());

/** Node 1, 2 or 3 announces the address. */
async function announce(node: number, med: number, communities: readonly number[] = []) {
  const before = bench.daemon.rib.version;
  const octets = communities.flatMap((one) => [
    one >>> 24,
    (one >> 16) & 255,
    (one >> 8) & 255,
    one & 255,
  ]);
  speakers[node - 1].send(
    update(
      [
        ...nodeAttributes([192, 0, 2, 10 + node], med),
        ...(octets.length > 0 ? [attribute(0xc0, 8, octets)] : []),
      ],
      Buffer.from([32, 192, 0, 2, 1]),
      Buffer.alloc(0),
    ),
  );
  await bench.until('the route', () => bench.daemon.rib.version > before && isHeld(node, med));
}

function isHeld(node: number, med: number): boolean {
  return candidates().some((path) => path.peer === `W${node}` && path.med === med);
}

function candidates() {
  return bench.explain(web)?.candidates ?? [];
}

/** Returns the text of `explain` about the loser. */
function lossOf(peer: string) {
  const {
    lost_at: at,
    ours,
    winners,
    would_win_if: remedy,
  } = candidates().find((path) => path.peer === peer) ??
  ({} as Partial<
    PathView & { lost_at: string; ours: string; winners: string; would_win_if: string }
  >);
  return { at, ours, winners, remedy };
}

function drain(peer: string, isDrained = true): void {
  const { rib, peers } = bench.daemon;
  const running = peers.named(peer);
  if (running !== undefined) rib.setDrained(running.ribId, isDrained);
  while (rib.hasWork) rib.work(1000);
}

it('a drained healthy node continues to serve if every other node says that it is down', async () => {
  await announce(1, 100);
  await announce(2, 1001);
  await announce(3, 1002);
  drain('W1');
  expect(bench.explain(web)?.best?.peer).toBe('W1');
  expect(lossOf('W2')).toEqual({
    at: 'class',
    ours: 'down',
    winners: 'up, drained',
    remedy: 'its MED is at most 499',
  });
});

it('explain names the class on both sides, and what would change it', async () => {
  await announce(1, 100);
  await announce(2, 200);
  drain('W1');
  expect(lossOf('W1')).toEqual({
    at: 'class',
    ours: 'up, drained',
    winners: 'up',
    remedy: 'its drain ends',
  });
  drain('W1', false);
  await announce(1, 100, [wellKnownCommunities.graceful_shutdown]);
  expect(lossOf('W1')).toMatchObject({
    ours: 'up, drained',
    remedy: 'it is announced without GRACEFUL_SHUTDOWN',
  });
  await announce(1, 600);
  expect(lossOf('W1')).toMatchObject({ ours: 'disabled', remedy: 'its MED is at most 200' });
});

it('a path shows who drains it', async () => {
  await announce(1, 100);
  await announce(2, 700);
  await announce(3, 300, [wellKnownCommunities.graceful_shutdown]);
  drain('W1');
  const shown = candidates().map(({ peer, drained, drained_by: by }) => [peer, drained, by]);
  expect(shown.sort()).toEqual([
    ['W1', true, 'server'],
    ['W2', undefined, 'node'],
    ['W3', true, 'node'],
  ]);
  const [{ addresses }] = atOnce(bench.queries.services());
  expect(addresses[0].paths.map(({ node, drained_by: by }) => [node, by]).sort()).toEqual([
    ['w1', 'server'],
    ['w2', 'node'],
    ['w3', 'node'],
  ]);
});
