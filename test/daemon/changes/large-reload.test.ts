import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '#clock.ts';
import { MessageType, nodeAttributes, update } from '#support/raw-message.ts';
import type { RawMessage, RawSpeaker } from '#support/raw-speaker.ts';
import { Bench, openFields } from '../bench.ts';
import { ShiftedClock } from '../shifted-clock.ts';

const many = 200;

/** A slow machine: each time that the clock is read, a millisecond passes. */
class SlowMachine extends ShiftedClock {
  isSlow = false;
  private looks = 0;

  override monotonic(): number {
    if (this.isSlow) this.looks++;
    return super.monotonic() + this.looks;
  }
}

const peer = (name: string, address: string, rest = ''): string =>
  `  - { name: ${name}, address: ${address}, peer_as: 65001, passive: true, accept_next_hop: any${rest} }\n`;
const others = Array.from({ length: many }, (_, at) => peer(`P${at}`, `127.0.2.${at + 1}`)).join(
  '',
);
const W1 = (policy: string): string => peer('W1', '127.0.1.1', `, import: ${policy}`);
const W2 = (policy: string): string => peer('W2', '127.0.1.2', `, import: ${policy}`);
const ER = peer('ER', '127.0.1.3', ', export: all');
const head = 'start_gate: 0\npeers:\n';
const small = head + W1('all') + W2('none') + ER;

let bench: Bench;
let clock: SlowMachine;
beforeEach(async () => {
  clock = new SlowMachine();
  bench = await Bench.start(small, { clock });
});
afterEach(async () => {
  clock.isSlow = false;
  await bench.close();
});

/** Reloads the file on a slow machine; `turn` is called in each turn of the event loop meanwhile. */
async function reloadSlowly(yaml: string, turn: (turns: number) => void = () => undefined) {
  let turns = 0;
  clock.isSlow = true;
  const next = (): void => {
    if (!clock.isSlow) return;
    turn(++turns);
    systemClock.soon(next);
  };
  systemClock.soon(next);
  const outcome = await bench.reload(yaml, { isForced: true });
  clock.isSlow = false;
  return { outcome, turns };
}

describe('a large reload', () => {
  it.each([
    { what: 'that adds', before: small, after: small + others },
    {
      what: 'that changes',
      before: small + others,
      after: small + others.replaceAll('any', 'peer'),
    },
    { what: 'that removes', before: small + others, after: small },
  ])('$what peers leaves the event loop its turns', async ({ before, after }) => {
    await bench.reload(before, { isForced: true });
    const { outcome, turns } = await reloadSlowly(after);
    expect(outcome.ok).toBe(true);
    expect(turns).toBeGreaterThan(many / 5);
  });

  it('sends routers nothing of a half-finished reload', async () => {
    const nodes = [await bench.establish('127.0.1.1'), await bench.establish('127.0.1.2')];
    const router = await bench.establish('127.0.1.3');
    for (const node of nodes) announce(node);
    await bench.until('the route', () => bench.peer('ER').prefixes.advertised === 1);
    await bench.until('its updates', () => router.of(MessageType.update).length > 0);
    await reloadSlowly(head + W1('none') + others + W2('all') + ER);
    await bench.until('the other', () => bench.peer('W2').prefixes.accepted === 1);
    await bench.pause(50);
    expect(bench.peer('ER').prefixes.advertised).toBe(1);
    expect(router.of(MessageType.update).filter(withdraws)).toEqual([]);
  });

  it('keeps a connection waiting until its peer exists', async () => {
    let late: RawSpeaker | undefined;
    await reloadSlowly(small + others + peer('LATE', '127.0.1.9'), () => {
      if (bench.daemon.peers.named('P0') !== undefined) late ??= bench.call('127.0.1.9');
    });
    await late?.establish({ ...openFields, routerId: '127.0.1.9' });
    await bench.until('the session', () => bench.peer('LATE').state === 'established');
    expect(bench.told('unknown_source')).toEqual([]);
  });

  it('is abandoned when the daemon ends', async () => {
    let stopping: Promise<void> | undefined;
    await reloadSlowly(small + others, () => {
      if (bench.daemon.peers.named('P0') !== undefined) stopping ??= bench.daemon.stop();
    });
    await stopping;
    expect(bench.daemon.peers.named(`P${many - 1}`)).toBeUndefined();
  });
});

function announce(node: RawSpeaker): void {
  const attributes = nodeAttributes([192, 0, 2, 1]);
  node.send(update(attributes, Buffer.from([24, 10, 0, 0]), Buffer.alloc(0)));
}

/** Whether an UPDATE has WITHDRAWN routes (RFC 4271 §4.3). */
function withdraws({ body }: RawMessage): boolean {
  return body.readUInt16BE(0) > 0;
}
