import { expect, it } from 'vitest';
import type { DaemonEvent } from '#api/events/events.ts';
import { Rpki } from '#daemon/rpki/rpki.ts';
import type { RtrConnectionOwner } from '#daemon/rpki/rtr-connection.ts';
import { ManualClock } from '#support/manual-clock.ts';
import { CachePdus, joined } from '#support/rtr-pdus.ts';
import { waitFor } from '#support/wait.ts';
import { configOf, minimal } from '../../config/files.ts';

function configWith(port: number) {
  return configOf(minimal(`rpki: { caches: [{ address: "127.0.0.1:${port}" }] }\n`));
}

const pdus = new CachePdus();
const answer = joined(pdus.response(7), pdus.prefix('192.0.2.0/24 AS1'), pdus.endOfData(7, 1));

it('data of a cache that a reload has removed meanwhile is not put in use, since nothing would let it expire', async () => {
  const clock = new ManualClock({ soon: 'real' });
  const owners: RtrConnectionOwner[] = [];
  const told: DaemonEvent[] = [];
  const rpki = new Rpki(configWith(1), {
    clock,
    events: { emit: (event) => void told.push(event) },
    rib: { revalidate: () => undefined, isSettled: true },
    causes: { because: (_, action) => action() },
    changed: () => undefined,
    internalError: (error) => {
      throw error;
    },
    connect: (_, __, owner) => {
      owners.push(owner);
      return { send: () => undefined, close: () => undefined };
    },
  });
  rpki.start();
  owners[0].connected();
  owners[0].received(answer);
  rpki.applyConfig(configWith(2), new Set(['rpki']));
  expect(owners).toHaveLength(2);
  owners[1].connected();
  owners[1].received(answer);
  await waitFor('data', () => rpki.view().items[0].state === 'established', Boolean, {
    everyMs: 1,
  });
  expect(told).toEqual([
    { event: 'rpki_cache', text: 'RPKI cache 127.0.0.1:2: 1 VRPs in use, 0 before' },
  ]);
  await rpki.stop();
});
