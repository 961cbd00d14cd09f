import { expect, it } from 'vitest';
import { BmpCollector, type BmpCollectorParts } from '#daemon/bmp/bmp-collector.ts';
import { locRibPeer } from '#daemon/bmp/loc-rib-peer.ts';
import type { MonitoredSession } from '#daemon/bmp/monitored-session.ts';
import type { PeerId } from '#policy/ids.ts';
import { Rib } from '#rib/rib.ts';
import { RibView } from '#rib/view.ts';
import { ManualClock } from '#support/manual-clock.ts';

const mib = 2 ** 20;
const local = locRibPeer({ routerId: 1, localAs: 65002 });
const session: MonitoredSession = {
  ...local,
  ribId: 1 as PeerId,
  upWallMs: 0,
  asnBytes: 4,
  families: [true, false],
  addPathReceive: [false, false],
  addPathSend: [false, false],
};

/** A collector whose kernel accepts nothing of what is written. */
function stuck() {
  const clock = new ManualClock();
  const told: string[] = [];
  let aborts = 0;
  let queuedBytes = mib;
  const connect: BmpCollectorParts['connect'] = (_remote, _clock, owner) => {
    clock.soon(() => owner.connected());
    return {
      write: (bytes) => void (queuedBytes += bytes.length),
      get queuedBytes() {
        return queuedBytes;
      },
      close: () => Promise.resolve(),
      abort: () => void aborts++,
    };
  };
  const rib = new Rib({
    seed: 1,
    decision: { med: 'same_as', tieBreak: 'router_id' },
    output: { send: () => undefined, sendRouteRefresh: () => undefined },
  });
  const endpoint = {
    address: Uint8Array.of(127, 0, 0, 1),
    host: '127.0.0.1',
    port: 11_019,
    text: '127.0.0.1:11019',
  };
  const collector = new BmpCollector(
    { name: 'noc', endpoint, monitor: ['adj_rib_out_post'], statisticsMs: 0 },
    {
      clock,
      events: { emit: (event) => void (event.event === 'bmp' && told.push(event.text)) },
      view: new RibView(rib),
      sessions: new Map(),
      locRib: local,
      system: { sysDescr: 'fingerpost', sysName: 'rs' },
      statistics: () => undefined,
      feedChanged: () => undefined,
      connect,
    },
  );
  collector.start();
  clock.advance(1);
  return { clock, collector, told, aborts: () => aborts };
}

it('drops a collector for which more than 64 MiB of UPDATEs to clients wait, and connects to it again', () => {
  const { clock, collector, told, aborts } = stuck();
  const updates = new Uint8Array(mib);
  for (let count = 0; count < 62; count++) collector.feed?.updatesSent(session, updates);
  clock.advance(1_000);
  expect(collector.view()).toMatchObject({ state: 'synchronizing', drops: 0 });
  collector.feed?.updatesSent(session, updates);
  clock.advance(1_000);
  expect(collector.view()).toMatchObject({ state: 'idle', drops: 1, waiting_bytes: 0 });
  expect(aborts()).toBe(1);
  expect(told.at(-1)).toBe(
    'BMP collector noc (127.0.0.1:11019) lost: it reads too slowly: 64 MiB wait for it; the daemon will connect again and send everything from the beginning',
  );
  clock.advance(5_000);
  expect(collector.view()).toMatchObject({ state: 'synchronizing', drops: 1 });
});
