import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  fourOctetAsCapability,
  ipv4UnicastCapability,
  nodeAttributes,
  update,
} from '#support/raw-message.ts';
import { Bench } from '../bench.ts';
import { ShiftedClock } from '../shifted-clock.ts';

const peerWith = (keys: string): string => `
start_gate: 0
peers:
  - { name: W1, address: 127.0.1.1, passive: true, import: all, accept_next_hop: any, ${keys} }
`;
const plain = 'peer_as: 65001';

let bench: Bench;
let clock: ShiftedClock;
beforeEach(async () => {
  clock = new ShiftedClock();
  bench = await Bench.start(peerWith(plain), { clock });
});
afterEach(() => bench.close());

/** What the plan says about the peer, which the reload must then do. */
async function planned(yaml: string) {
  const outcome = await bench.commands.plan({ text: bench.textOf(yaml), mayReadFiles: true });
  return outcome.ok ? outcome.plan.peers[0] : outcome;
}

describe('a key that suits the session that is up resets nothing', () => {
  // The peer in AS 65001 offers 30 s, and has connected from 127.0.1.1 to 127.0.0.9 on a connected network.
  const suiting: readonly [keys: string, why: string][] = [
    [`${plain}, keepalive: 10`, 'keepalive'],
    [`${plain}, keepalive: 20`, 'keepalive'],
    [`${plain}, local_address: 127.0.0.9`, 'local_address'],
    ['peer_as: [65001, 65010]', 'peer_as'],
    ['peer_as: any', 'peer_as'],
    [`${plain}, send_hold_time: 1h`, 'send_hold_time'],
    [`${plain}, send_hold_time: 0`, 'send_hold_time'],
    [`${plain}, min_hold_time: 30`, 'min_hold_time'],
    [`${plain}, min_hold_time: 0`, 'min_hold_time'],
    [`${plain}, hold_time: 30`, 'hold_time'],
    [`${plain}, hold_time: 180`, 'hold_time'],
    [`${plain}, add_path: both`, 'add_path'],
    [`${plain}, multihop: 1`, 'multihop'],
  ];
  it.each(suiting)('%s', async (keys, why) => {
    await bench.establish('127.0.1.1');
    const after = peerWith(keys);
    expect(await planned(after)).toEqual({ peer: 'W1', effect: 'none', why: [why] });
    const { message } = await bench.reload(after);
    expect(message).toContain(`reloaded; W1: none (${why})`);
    // And the same in the other direction, with keys that the session did not negotiate.
    expect(await planned(peerWith(plain))).toMatchObject({ effect: 'none' });
    await bench.reload(peerWith(plain));
    expect(bench.peer('W1')).toMatchObject({ state: 'established', flaps: 0 });
  });

  const felt: readonly [keys: string, why: string][] = [
    [`${plain}, keepalive: 5`, 'keepalive'],
    [`${plain}, local_address: 127.0.0.8`, 'local_address'],
    ['peer_as: [65009, 65010]', 'peer_as'],
    [`${plain}, min_hold_time: 31`, 'min_hold_time'],
    [`${plain}, hold_time: 29`, 'hold_time'],
    [`${plain}, hold_time: 0`, 'hold_time'],
    [`${plain}, families: [ipv4_unicast]`, 'families'],
    [`${plain}, families: [ipv6_unicast]`, 'families'],
    [`${plain}, multihop: 2`, 'multihop'],
    [`${plain}, gtsm: true`, 'gtsm'],
  ];
  it.each(felt)('%s does not suit it', async (keys, why) => {
    await bench.establish('127.0.1.1');
    const after = peerWith(keys);
    expect(await planned(after)).toEqual({ peer: 'W1', effect: 'reset', why: [why] });
    await bench.reload(after, { isForced: true });
    await bench.until('the end', () => bench.peer('W1').flaps === 1);
  });
});

it('a family that the peer does not offer can be removed and added without a reset', async () => {
  await bench.establish('127.0.1.1', {
    capabilities: [ipv4UnicastCapability, fourOctetAsCapability(65001)],
  });
  await bench.reload(peerWith(`${plain}, families: [ipv4_unicast]`));
  await bench.reload(peerWith(plain));
  expect(bench.peer('W1')).toMatchObject({ state: 'established', flaps: 0 });
});

it('a peer whose AS is no longer a configured one is shown with the AS that it should have', async () => {
  await bench.establish('127.0.1.1');
  await bench.reload(peerWith('peer_as: 65010'), { isForced: true });
  await bench.until('the end', () => bench.peer('W1').flaps === 1);
  expect(bench.peer('W1').peer_as).toBe(65010);
  await bench.reload(peerWith('peer_as: [65010, 65001]'));
  expect(bench.peer('W1').peer_as).toBe(65001);
});

/** One more prefix than a limit of 1 allows. */
const twoRoutes = update(
  nodeAttributes([192, 0, 2, 1]),
  Buffer.from([24, 10, 0, 0, 24, 10, 0, 1]),
  Buffer.alloc(0),
);

const limits = ['max_prefix', 'max_prefix_received'] as const;

describe.each(limits)('a peer held by %s', (key) => {
  const limited = (limit: string): string => peerWith(`${plain}, ${key}: ${limit}`);
  const long = '{ limit: 1, action: restart, restart_after: 1h }';

  async function hold(limit: string): Promise<void> {
    await bench.reload(limited(limit));
    const speaker = await bench.establish('127.0.1.1');
    speaker.send(twoRoutes);
    await bench.until('the limit', () => bench.peer('W1').held !== undefined);
  }

  it('shows until when, and which limit holds it', async () => {
    await hold(long);
    const { held, since } = bench.peer('W1');
    expect(held?.by).toBe(key);
    const heldMs = Date.parse(held?.until ?? '') - Date.parse(since);
    expect(Math.abs(heldMs - 3_600_000)).toBeLessThan(1000);
  });

  it('is held without end by the action shutdown', async () => {
    await hold('{ limit: 1, action: shutdown }');
    expect(bench.peer('W1').held).toEqual({ by: key });
  });

  const letting: readonly [string, string][] = [
    ['raised', limited('{ limit: 2, action: restart, restart_after: 1h }')],
    ['removed', peerWith(plain)],
    ['softened to block', limited('{ limit: 1, action: block }')],
    ['softened to warning', limited('{ limit: 1, action: warning }')],
  ];
  it.each(letting)('is accepted by a reload with the limit %s', async (_how, after) => {
    await hold(long);
    expect(await planned(after)).toMatchObject({ effect: 'policy', lets_in: true });
    expect(bench.peer('W1')).toHaveProperty('held');
    const { message } = await bench.reload(after);
    expect(message).toMatch(/^reloaded; W1: policy \(.*\), reconnection allowed$/);
    expect(bench.peer('W1')).not.toHaveProperty('held');
    await bench.establish('127.0.1.1');
  });

  it('is accepted once a shorter restart_after is over', async () => {
    await hold(long);
    const shorter = limited('{ limit: 1, action: restart, restart_after: 60s }');
    expect(await planned(shorter)).not.toHaveProperty('lets_in');
    await bench.reload(shorter);
    expect(bench.peer('W1')).toHaveProperty('held');
    clock.pass(61_000);
    await bench.until('the end of it', () => bench.peer('W1').held === undefined);
    await bench.establish('127.0.1.1');
  });

  it('stays held if the new limit is lower, or if another key has changed', async () => {
    await hold('{ limit: 1, action: shutdown }');
    const after = peerWith(`${plain}, description: x, ${key}: { limit: 1, action: shutdown }`);
    expect(await planned(after)).not.toHaveProperty('lets_in');
    await bench.reload(after);
    expect(bench.peer('W1').held).toEqual({ by: key });
  });

  it('is held no longer once an operator resets or disables it', async () => {
    await hold(long);
    bench.commands.disable('W1');
    expect(bench.peer('W1')).not.toHaveProperty('held');
    bench.commands.enable('W1');
    await bench.establish('127.0.1.1');
  });
});
