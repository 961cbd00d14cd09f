import { expect, it } from 'vitest';
import type { Work } from '#api/queries.ts';
import { systemClock } from '#clock.ts';
import { diagnoseSite } from '#daemon/doctor/doctor.ts';
import { rivalsOf } from '#daemon/doctor/gather.ts';
import { mostUrgent, tally } from '#daemon/siblings/differences.ts';
import { nodeAttributes, update } from '#support/raw-message.ts';
import { parsePrefix } from '#text/prefix.ts';
import { configOf } from '../../config/files.ts';
import { labPaths, labPeers } from '../../http/fake-daemon.ts';
import { Bench } from '../bench.ts';

const peers = 200;
const config = `
start_gate: 0
peers:
${Array.from({ length: peers }, (_, at) => `  - { name: W${at}, address: 127.0.2.${at + 1}, peer_as: 65001, passive: true }`).join('\n')}
`;

/** Counts how often the daemon can do other work in between. */
function slicesOf(work: Work<unknown>): number {
  let slices = 1;
  while (work.next().done !== true) slices++;
  return slices;
}

it('a list of peers, a scrape and the findings of doctor are made in slices of a few peers', async () => {
  let ticks = 0;
  // Each time that the clock is read, a millisecond passes: a slice of 3 ms has three steps.
  const clock = { ...systemClock, monotonic: () => ++ticks };
  const bench = await Bench.start(config, { clock });
  try {
    const { queries } = bench;
    const lists = {
      peers: queries.peers(),
      metrics: queries.metrics(),
      doctor: queries.doctor(undefined),
    };
    for (const [name, work] of Object.entries(lists)) {
      expect(slicesOf(work), name).toBeGreaterThanOrEqual(peers / 3);
    }
  } finally {
    await bench.close();
  }
});

it('findings between peers and in their configuration are made a few peers at a time', () => {
  const site = {
    config: configOf(`router_id: 1.1.1.9\nlocal_as: 65002\n${config}`),
    routerId: '1.1.1.9',
    peers: [],
    rivals: [],
    rpki: [],
  };
  expect(slicesOf(diagnoseSite(site, ['192.0.2.1/24']))).toBeGreaterThanOrEqual(peers);
  const [path] = labPaths();
  const [view] = labPeers();
  const facts = site.config.peers.map((peer) => ({
    config: peer,
    view,
    hints: [],
    earlyEndOfRib: [],
    accepted: [path],
    rejected: [],
    withheld: [],
  }));
  expect(slicesOf(rivalsOf(facts))).toBeGreaterThanOrEqual(peers);
});

it('a drain, its end and its effect look at all addresses in slices, also at those that it does not touch', async () => {
  const addresses = 300;
  let ticks = 0;
  let turns = 0;
  const soon = (action: () => void) => {
    turns++;
    return systemClock.soon(action);
  };
  const clock = { ...systemClock, soon, monotonic: () => (ticks += 0.1) };
  const services = 'services: [{ name: web, prefix: ["10.0.0.0/8{32,32}"] }]\n';
  const importing = config.replaceAll(
    'passive: true',
    'passive: true, import: all, accept_next_hop: any',
  );
  const bench = await Bench.start(importing + services, { clock });
  try {
    const node = await bench.establish('127.0.2.1');
    await bench.establish('127.0.2.2');
    for (let at = 0; at < addresses; at++) {
      const nlri = Buffer.from([32, 10, 0, at >> 8, at & 255]);
      node.send(update(nodeAttributes([192, 0, 2, 1], 100), nlri, Buffer.alloc(0)));
    }
    await bench.until('the table', () => bench.queries.status().rib.paths === addresses);
    // A slice of 3 ms has 30 looks at the time, a turn of 5 ms has 50.
    expect(slicesOf(bench.queries.nodeEffect('W1'))).toBeGreaterThanOrEqual(addresses / 30);
    const before = turns;
    await bench.commands.drain({ kind: 'peer', name: 'W1' }, { uid: 0 });
    const between = turns;
    expect(between - before).toBeGreaterThanOrEqual(addresses / 50);
    await bench.commands.undrain({ which: { kind: 'all' } }, { uid: 0 });
    expect(turns - between).toBeGreaterThanOrEqual(addresses / 50);
  } finally {
    await bench.close();
  }
});

it('addresses that differ from those of siblings are counted and ranked a few at a time', () => {
  const addresses = 10_000;
  const differing = Array.from({ length: addresses }, (_, at) => {
    const view = { peer: 'RS4', state: at % 2 === 0 ? 'missing_there' : 'unknown' } as const;
    const item = {
      prefix: parsePrefix('192.0.2.1/32'),
      ours: undefined,
      siblings: [{ view, sinceMs: 0 }],
    };
    return [`address ${at}`, item] as const;
  });
  expect(slicesOf(tally(differing, ['RS4'], () => true))).toBeGreaterThan(addresses / 100);
  expect(slicesOf(mostUrgent(differing, 10))).toBeGreaterThan(addresses / 100);
});
