import { afterEach, describe, expect, it } from 'vitest';
import type { DaemonEvent } from '#api/events/events.ts';
import type { ServiceAddressView } from '#api/views/service.ts';
import { EventBus } from '#daemon/event-bus.ts';
import { atOnce } from '#daemon/in-slices.ts';
import { LastPaths } from '#daemon/last-paths.ts';
import { ManualClock } from '#support/manual-clock.ts';
import {
  fourOctetAsCapability,
  ipv4UnicastCapability,
  nodeAttributes,
  update,
} from '#support/raw-message.ts';
import { parsePrefix } from '#text/prefix.ts';
import { Lab, withdrawal } from '../rib/given.ts';
import { Bench } from './bench.ts';

const config = `
start_gate: 0
services: [{ name: web, prefix: ["192.0.2.0/24{32,32}"], on_last_withdrawal: { keep: 1s } }]
peers:
  - { name: W1, address: 127.0.1.1, peer_as: 65001, passive: true, import: all, accept_next_hop: any, node: w1 }
`;
const web = '192.0.2.1/32';
const nlri = Buffer.from([32, 192, 0, 2, 1]);
const none = Buffer.alloc(0);
const highest = 4_294_967_295;

describe('the last path of an address that its node withdraws', () => {
  let bench: Bench;

  afterEach(() => bench.close());

  function address(): ServiceAddressView | undefined {
    return atOnce(bench.queries.services())[0].addresses.find(({ prefix }) => prefix === web);
  }

  it('is kept, is marked wherever it is shown, and is removed in time', async () => {
    bench = await Bench.start(config);
    const capabilities = [ipv4UnicastCapability, fourOctetAsCapability(65001)];
    const w1 = await bench.establish('127.0.1.1', { capabilities });
    w1.send(update(nodeAttributes([192, 0, 2, 11], 100), nlri, none));
    await bench.until('the route', () => address()?.best_med === 100);
    w1.send(update([], none, nlri));
    await bench.until('kept', () => address()?.paths[0]?.kept_until !== undefined);
    const path = { med: highest, kept_until: expect.stringMatching(/Z$/) };
    expect(address()).toMatchObject({
      state: 'only_down_paths',
      findings: ['w1 has withdrawn it; its path is kept because no node announces it'],
      best_med: highest,
      paths: [{ node: 'w1', healthy: false, band: 'down', ...path }],
    });
    const { items } = bench.queries.routes({ prefix: web }, { limit: 1 });
    expect(items).toEqual([expect.objectContaining({ peer: 'W1', best: true, ...path })]);
    expect(bench.explain(web)?.candidates).toEqual([expect.objectContaining(path)]);
    expect(bench.told('last_path_kept')).toEqual([
      expect.objectContaining({ prefix: web, service: 'web', peer: 'W1', node: 'w1' }),
    ]);
    await bench.until('the end', () => address()?.paths.length === 0);
    expect(bench.told('best_changed').map(({ cause }) => cause?.text)).toEqual([
      'announced by the peer',
      'withdrawn by the peer, kept as the last path',
      'withdrawn by the peer; the time for which the last path is kept is over',
    ]);
  });
});

/** A RIB with kept paths, and a node that answers its probe or not. */
function given(isSilent: boolean) {
  const clock = new ManualClock();
  const events = new EventBus(clock);
  const told: DaemonEvent[] = [];
  events.subscribe((event) => told.push(event));
  const lab: Lab = new Lab({ events: { pathKept: (...kept) => lastPaths.kept(...kept) } });
  lab.rib.setServices({
    serviceOf: () => 1,
    bands: [{ up: { min: 0, max: 499 }, disabled: { min: 500, max: 999 }, keepMs: 1000 }],
  });
  const lastPaths = new LastPaths({
    clock,
    rib: lab.rib,
    view: lab.view,
    peers: { withId: () => ({ name: 'W1', config: { node: 'w1' } }) },
    events,
    causes: { because: (_, action) => action() },
    addresses: { serviceOf: () => ({ name: 'web' }) as never },
    probes: { isSilent: () => isSilent },
    changed: () => undefined,
  });
  const address = '2001:db8:30::1/128';
  lab.announce(1, address, 100);
  lab.settle();
  const gone = withdrawal([{ prefix: parsePrefix(address) }]);
  lab.receive(lab.nodes[0], gone, clock.monotonic());
  events.flush();
  return { lab, clock, told };
}

it('a path stays until its time is over', () => {
  const { lab, clock, told } = given(false);
  expect(told.map(({ event }) => event)).toEqual(['last_path_kept']);
  clock.advance(999);
  expect(lab.view.heldPaths).toBe(1);
  clock.advance(1);
  expect(lab.view.heldPaths).toBe(0);
});

it('a path of a node that does not answer is removed at once, whatever on_fail says', () => {
  const { lab, told } = given(true);
  expect([lab.view.heldPaths, told]).toEqual([0, []]);
});
