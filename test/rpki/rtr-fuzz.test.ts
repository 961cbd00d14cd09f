import { expect, test } from 'vitest';
import { decodePdu, RtrError } from '#rpki/pdu.ts';
import { RtrClient } from '#rpki/rtr-client.ts';
import { type Dice, dice } from '#support/dice.ts';
import { CachePdus, joined } from '#support/rtr-pdus.ts';

function randomPdu(roll: Dice): Uint8Array {
  const pdus = new CachePdus(roll.pick([0, 1, 1, 1, 2, 2]));
  const session = roll.pick([7, 7, 7, 8]);
  const pdu = roll.pick([
    () => pdus.response(session),
    () => pdus.prefix(roll.pick(['10.0.0.0/8-24 AS1', '2001:db8::/32 AS2']), roll.chance(0.7)),
    () => pdus.endOfData(session, roll.below(9)),
    () => pdus.notify(session, roll.below(9)),
    () => pdus.aspa(roll.below(9), [1, 2], roll.chance(0.7)),
    () => pdus.cacheReset(),
    () => pdus.error(roll.below(11), 'text'),
    () => pdus.routerKey(),
  ])();
  for (let times = roll.pick([0, 0, 0, 1, 3]); times > 0; times--) {
    pdu[roll.below(pdu.length)] = roll.below(256);
  }
  return roll.chance(0.05) ? pdu.slice(0, roll.below(pdu.length)) : pdu;
}

test('whatever bytes a cache sends are decoded, or refused with a code', () => {
  const roll = dice(20_261_129);
  for (let i = 0; i < 50_000; i++) {
    const pdu = randomPdu(roll);
    if (pdu.length < 8) continue;
    try {
      expect(decodePdu(pdu)).toBeDefined();
    } catch (error) {
      expect(error).toBeInstanceOf(RtrError);
    }
  }
});

/** A cache that says anything at any time: the client neither throws, nor hangs, nor talks without end. */
test('whatever a cache says, in whatever pieces, the client goes on', () => {
  const roll = dice(8210);
  for (let round = 0; round < 300; round++) {
    let nowMs = 0;
    const open = new Set<number>();
    let loads = 0;
    const client = new RtrClient(
      { caches: 2, version: 2, refreshMs: 3_600_000, retryMs: 600_000, expireMs: 7_200_000 },
      {
        connect: (cache) => void open.add(cache),
        disconnect: (cache) => void open.delete(cache),
        send: () => undefined,
        load: () => void loads++,
        expire: () => undefined,
        changed: () => undefined,
      },
    );
    client.tick(nowMs);
    for (let step = 0; step < 60; step++) {
      const cache = roll.below(2);
      if (roll.chance(0.3)) {
        nowMs = Math.max(nowMs, Math.min(client.nextMs, nowMs + roll.below(7_200_000)));
        client.tick(nowMs);
        expect(client.nextMs).toBeGreaterThan(nowMs);
      } else if (open.has(cache)) {
        if (roll.chance(0.2)) {
          open.delete(cache);
          client.disconnected(cache, 'gone', nowMs);
          continue;
        }
        client.connected(cache, nowMs);
        const pdus = Array.from({ length: roll.below(6) }, () => randomPdu(roll));
        client.received(cache, joined(...pdus), nowMs);
        if (loads > 0 && roll.chance(0.8)) {
          loads = 0;
          client.loaded(roll.chance(0.8) ? undefined : new RtrError(6, 'unknown'), nowMs);
        }
      }
    }
    client.stop();
    expect(open.size).toBe(0);
  }
});
