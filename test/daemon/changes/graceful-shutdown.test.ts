import { afterEach, describe, expect, it } from 'vitest';
import {
  attribute,
  fourOctetAsCapability,
  ipv4UnicastCapability,
  MessageType,
  nodeAttributes,
  update,
} from '#support/raw-message.ts';
import type { RawSpeaker } from '#support/raw-speaker.ts';
import { wellKnownCommunities } from '#wire/communities.ts';
import { Bench } from '../bench.ts';

const observed = (more: string): string => `
start_gate: 0
${more}
services: [{ name: web, prefix: ["192.0.2.0/24{32,32}"] }]
peers:
  - { name: W1, address: 127.0.1.1, peer_as: 65001, passive: true, import: all, accept_next_hop: any }
  - { name: RS4, address: 127.0.1.4, passive: true, observer: true, peer_as: 65002, local_as: 65003 }
  - { name: ER2, address: 127.0.1.2, peer_as: 65003, passive: true, export: all, send_graceful_shutdown: true }
  - { name: DR6, address: 127.0.1.6, peer_as: 65004, passive: true, export: all }
`;
const alone = (more: string): string => `
${more}
peers: [{ name: ER2, address: 127.0.1.2, peer_as: 65003, passive: true, export: all }]
`;
const none = Buffer.alloc(0);
const community = attribute(0xc0, 8, [0xff, 0xff, 0, 0]);
let bench: Bench;

afterEach(() => bench.close());

function connect(last: number, as: number): Promise<RawSpeaker> {
  const capabilities = [ipv4UnicastCapability, fourOctetAsCapability(as)];
  return bench.establish(`127.0.1.${last}`, { as, capabilities, routerId: `1.1.1.${last}` });
}

/** 192.0.2.`last`/32. */
function announce(speaker: RawSpeaker, last: number): void {
  speaker.send(update(nodeAttributes([192, 0, 2, 11], 100), nlri(last), none));
}

function nlri(last: number): Buffer {
  return Buffer.from([32, 192, 0, 2, last]);
}

/** They may come in one UPDATE or in two. */
function hasBoth(router: RawSpeaker): boolean {
  const bodies = router.of(MessageType.update).map(({ body }) => body);
  return [1, 2].every((last) => bodies.some((body) => body.includes(nlri(last))));
}

function shutDown(isForced = false, waitMs = 0) {
  return bench.commands.shutdown({ isGraceful: true, waitMs, isForced });
}

/** A node announces two addresses; the sibling has the first `known` of them. */
async function given(known: readonly number[]): Promise<{ er2: RawSpeaker; dr6: RawSpeaker }> {
  bench = await Bench.start(observed('siblings: [RS4]'));
  const er2 = await connect(2, 65003);
  const dr6 = await connect(6, 65004);
  const sibling = await connect(4, 65002);
  const w1 = await connect(1, 65001);
  for (const last of known) announce(sibling, last);
  sibling.send(update([], none, none));
  for (const last of [1, 2]) announce(w1, last);
  await bench.until('the table of RS4', () => bench.daemon.siblings.unknown('RS4') === undefined);
  await bench.until('the routes', () => bench.daemon.view.heldPaths === 2);
  await bench.until('the routes at ER2', () => hasBoth(er2));
  return { er2, dr6 };
}

/** Returns, for each UPDATE with routes, whether they have the community. */
function withCommunity(router: RawSpeaker): boolean[] {
  return router
    .of(MessageType.update)
    .filter(({ body }) => body.length > 4)
    .map(({ body }) => body.includes(community));
}

describe('a graceful shutdown', () => {
  it('sends every route once more with the community to the clients that are configured for it, then Cease', async () => {
    expect(wellKnownCommunities.graceful_shutdown).toBe(0xffff0000);
    const { er2, dr6 } = await given([1, 2]);
    const outcome = await shutDown();
    expect(outcome).toMatchObject({
      ok: true,
      message: expect.stringMatching(
        /^routes are sent once more with GRACEFUL_SHUTDOWN to ER2; sessions end at /,
      ),
    });
    expect(await shutDown()).toMatchObject({ ok: true, message: expect.stringMatching(/already/) });
    await bench.until('the community', () => withCommunity(er2).includes(true));
    await bench.until('the end', () => bench.hasEnded);
    expect(withCommunity(dr6)).not.toContain(true);
    await bench.daemon.stop();
    for (const router of [er2, dr6]) {
      const { body } = await router.next(MessageType.notification);
      expect([...body]).toEqual([6, 2]);
    }
  });

  it.each<readonly [string, () => Promise<unknown>, RegExp]>([
    ['a sibling lacks an address', () => given([1]), /^[^;]*: 192\.0\.2\.2\/32: no sibling has /],
    [
      'a sibling is not heard',
      async () => (bench = await Bench.start(observed('siblings: [RS4]'))),
      /: RS4 its observer session is down /,
    ],
    [
      'no sibling is known',
      async () => (bench = await Bench.start(alone(''))),
      /: no other route server is observed, so it is not known whether /,
    ],
    [
      'there is none',
      async () => (bench = await Bench.start(alone('sole_route_server: true'))),
      /: this is the sole route server /,
    ],
  ])('is refused where %s, unless that is forced', async (_, prepare, expected) => {
    await prepare();
    expect(await shutDown()).toEqual({ ok: false, message: expect.stringMatching(expected) });
    expect(bench.hasEnded).toBe(false);
    expect(await shutDown(true)).toMatchObject({ ok: true });
    await bench.until('the end', () => bench.hasEnded);
  });
});

it('of two graceful shutdowns that are checked at the same time, one begins', async () => {
  await given([1, 2]);
  const [first, second] = await Promise.all([shutDown(), shutDown()]);
  expect(first).toMatchObject({ message: expect.stringMatching(/^routes are sent once more/) });
  expect(second).toMatchObject({ ok: true, message: expect.stringMatching(/already in progress/) });
  await bench.until('the end', () => bench.hasEnded);
});

it('a shutdown that is not graceful ends a graceful wait', async () => {
  await given([1, 2]);
  await shutDown(false, 600_000);
  const command = { isGraceful: false, waitMs: 0, isForced: false };
  expect(await bench.commands.shutdown(command)).toMatchObject({ ok: true });
  await bench.until('the end', () => bench.hasEnded);
});

it('a shutdown that is not graceful is never refused', async () => {
  bench = await Bench.start(alone(''));
  const command = { isGraceful: false, waitMs: 30_000, isForced: false };
  expect(await bench.commands.shutdown(command)).toMatchObject({ ok: true });
  await bench.until('the end', () => bench.hasEnded);
});
