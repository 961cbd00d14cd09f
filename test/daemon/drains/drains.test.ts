import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DrainCommand } from '#api/commands.ts';
import { atOnce } from '#daemon/in-slices.ts';
import {
  fourOctetAsCapability,
  ipv4UnicastCapability,
  nodeAttributes,
  update,
} from '#support/raw-message.ts';
import type { RawSpeaker } from '#support/raw-speaker.ts';
import { Bench } from '../bench.ts';

const config = (folder: string) => `
start_gate: 0
state_dir: ${folder}
sole_route_server: true
services: [{ name: web, prefix: ["192.0.2.0/24{32,32}"], min_healthy: 1 }]
peer_groups:
  nodes: { peer_as: 65001, passive: true, import: all, accept_next_hop: any }
peers:
  - { name: W1, address: 127.0.1.1, group: nodes, node: w1, site: dc1, next_hops: [192.0.2.11] }
  - { name: W2, address: 127.0.1.2, group: nodes, node: w2, site: dc1, next_hops: [192.0.2.12] }
  - { name: W3, address: 127.0.1.3, group: nodes, node: w3, site: dc2, next_hops: [192.0.2.13] }
  - { name: ER2, address: 127.0.1.8, peer_as: 65003, passive: true, export: all }
`;

const w1: DrainCommand = { kind: 'node', name: 'w1' };
const by = { uid: 0 };
let folder: string;
let bench: Bench;
let speakers: RawSpeaker[];

beforeEach(async () => {
  folder = join(mkdtempSync(join(tmpdir(), 'fingerpost-drains-')), 'state');
  bench = await Bench.start(config(folder));
  speakers = [];
  for (const last of [1, 2, 3]) speakers.push(await connect(`127.0.1.${last}`, 65001));
});
afterEach(async () => {
  await bench.close();
  rmSync(join(folder, '..'), { recursive: true });
});

function connect(from: string, as: number) {
  return bench.establish(from, {
    as,
    capabilities: [ipv4UnicastCapability, fourOctetAsCapability(as)],
  });
}

/** Node 1, 2 or 3 announces an address of the service, by default 192.0.2.1. */
async function announce(node: number, med: number, last = 1): Promise<void> {
  speakers[node - 1].send(
    update(
      nodeAttributes([192, 0, 2, 10 + node], med),
      Buffer.from([32, 192, 0, 2, last]),
      Buffer.alloc(0),
    ),
  );
  await bench.until('the route', () => {
    const paths = bench.explain(`192.0.2.${last}/32`)?.candidates ?? [];
    return paths.some((path) => path.peer === `W${node}` && path.med === med);
  });
}

async function best(node: string): Promise<void> {
  await bench.until(node, () => bench.explain('192.0.2.1/32')?.best?.node === node);
}

describe('a drain', () => {
  it('moves traffic and keeps the session, until it is ended by its target', async () => {
    await announce(1, 100);
    await announce(2, 200);
    await best('w1');
    expect(await bench.commands.drain(w1, by)).toMatchObject({ ok: true, id: 'd1', isNew: true });
    await best('w2');
    expect(bench.peer('W1').state).toBe('established');
    const which = { kind: 'target', domain: 'node', name: 'w1' } as const;
    expect(await bench.commands.undrain({ which }, by)).toMatchObject({
      ok: true,
      ended: [{ id: 'd1' }],
    });
    await best('w1');
  });

  it('has been decided when the command is answered, and so has its end', async () => {
    await announce(1, 100);
    await announce(2, 200);
    for (let round = 0; round < 20; round++) {
      await bench.commands.drain(w1, by);
      await bench.commands.decided();
      expect(bench.explain('192.0.2.1/32')?.best?.node).toBe('w2');
      await bench.commands.undrain({ which: { kind: 'all' } }, by);
      await bench.commands.decided();
      expect(bench.explain('192.0.2.1/32')?.best?.node).toBe('w1');
    }
  });

  it('of the same target again changes nothing, and says since when and by whom it is drained', async () => {
    await announce(1, 100);
    await announce(2, 200);
    await bench.commands.drain(w1, by);
    const again = await bench.commands.drain({ ...w1, comment: 'me too' }, { token: 'deploy' });
    expect(again).toMatchObject({ ok: true, id: 'd1', isNew: false });
    const [text] = again.ok ? again.warnings : [];
    expect(text).toMatch(/^node w1 is drained since .* by uid 0$/);
    expect([...bench.daemon.drains]).toHaveLength(1);
  });

  it('is refused with the list where no other node is up, unless it is forced', async () => {
    await announce(1, 100);
    await announce(2, 1000);
    expect(await bench.commands.drain(w1, by)).toEqual({
      ok: false,
      message:
        'drain of node w1 refused: 192.0.2.1/32: no other node of web is up (--force overrides this)',
    });
    expect(await bench.commands.drain({ ...w1, isForced: true }, by)).toMatchObject({ ok: true });
    expect(bench.explain('192.0.2.1/32')?.best?.node).toBe('w1');
  });

  it('of a dead node is not refused', async () => {
    await announce(1, 1000);
    expect(await bench.commands.drain(w1, by)).toMatchObject({ ok: true, warnings: [] });
  });

  it('of a site that has the last healthy node is refused', async () => {
    await announce(1, 100);
    await announce(2, 200);
    const site: DrainCommand = { kind: 'site', name: 'dc1' };
    expect(await bench.commands.drain(site, by)).toMatchObject({ ok: false });
    await announce(3, 300);
    expect(await bench.commands.drain(site, by)).toMatchObject({
      ok: true,
      warnings: ['192.0.2.1/32: leaves no backup: only w3 is left'],
    });
    await best('w3');
  });

  it('lasts while any drain covers the node', async () => {
    await announce(1, 100);
    await announce(3, 300);
    await bench.commands.drain(w1, by);
    await bench.commands.drain({ kind: 'site', name: 'dc1' }, by);
    await best('w3');
    await bench.commands.undrain({ which: { kind: 'id', id: 'd1' } }, by);
    expect(bench.daemon.drains.isCovered(bench.daemon.peers.named('W1')?.config ?? fail())).toBe(
      true,
    );
    await bench.commands.undrain({ which: { kind: 'all' } }, by);
    await best('w1');
  });

  it('that is requested while another begins is judged with the other in force', async () => {
    await announce(1, 100);
    await announce(2, 101);
    const [first, second] = await Promise.all([
      bench.commands.drain(w1, by),
      bench.commands.drain({ kind: 'node', name: 'w2' }, by),
    ]);
    expect(first).toMatchObject({ ok: true });
    expect(second).toMatchObject({ ok: false });
  });

  it('of a name that no peer has is an error with a hint', async () => {
    await expect(bench.commands.drain({ kind: 'node', name: 'w9' }, by)).rejects.toThrow(
      /unknown node w9/,
    );
    expect(await bench.commands.undrain({ which: { kind: 'id', id: 'd9' } }, by)).toBeUndefined();
  });

  it('reports its beginning and end', async () => {
    await announce(1, 100);
    await announce(2, 100);
    await bench.commands.drain({ ...w1, comment: 'new kernel' }, by);
    await bench.commands.undrain({ which: { kind: 'all' } }, { token: 'deploy' });
    bench.daemon.events.flush();
    const texts = bench.events.flatMap((event) =>
      event.event === 'drain' || event.event === 'undrain' ? [event.text] : [],
    );
    expect(texts).toEqual([
      'node w1 is drained by uid 0: new kernel',
      'the drain of node w1 has ended: token deploy',
    ]);
  });
});

/** Lets the time of the drain end. */
function endTime(): void {
  const [drain] = [...bench.daemon.drains];
  Object.assign(drain, { endsAtMs: bench.daemon.clock.monotonic() - 1 });
}

describe('the end of a drain', () => {
  it('comes by itself when its time is over and the node is well', async () => {
    await announce(1, 100);
    await announce(2, 200);
    await bench.commands.drain({ ...w1, ttlS: 3600 }, by);
    await best('w2');
    endTime();
    await bench.until('the end', () => [...bench.daemon.drains].length === 0);
    await best('w1');
  });

  it('waits while the node says that it is not up: overdue, and undrain warns', async () => {
    await announce(1, 600);
    await announce(2, 200);
    await bench.commands.drain({ ...w1, ttlS: 3600 }, by);
    endTime();
    const overdue = () => atOnce(bench.queries.drainOf('d1') ?? fail()).overdue;
    await bench.until('overdue', () => overdue() !== undefined);
    expect(overdue()).toBe('w1 says that it is disabled for 192.0.2.1/32');
    const ended = await bench.commands.undrain({ which: { kind: 'id', id: 'd1' } }, by);
    expect(ended).toMatchObject({
      ok: true,
      warnings: ['node w1: w1 says that it is disabled for 192.0.2.1/32'],
    });
  });
});

describe('whether a drain has taken effect', () => {
  it('is inferred once the router has received the change', async () => {
    await connect('127.0.1.8', 65003);
    await announce(1, 100);
    await announce(2, 200);
    await bench.commands.drain(w1, by);
    const counts = () => atOnce(bench.queries.drainOf('d1') ?? fail()).counts;
    await bench.until('the effect', () => counts().yes === 1);
    expect(atOnce(bench.queries.drainOf('d1') ?? fail()).rows).toEqual([
      {
        prefix: '192.0.2.1/32',
        router: 'ER2',
        effect: 'yes',
        basis: 'inferred',
        why: 'this server sends w2 via 192.0.2.12 with MED 200',
      },
    ]);
    expect(atOnce(bench.queries.nodeEffect('w1'))).toMatchObject({ node: 'w1', moved: true });
    expect(atOnce(bench.queries.nodeEffect('w2'))).toMatchObject({ moved: false });
  });

  it('is no while the router is sent the node', async () => {
    await connect('127.0.1.8', 65003);
    await announce(1, 100);
    const effect = () => atOnce(bench.queries.nodeEffect('w1'));
    await bench.until('the effect', () => effect().counts.no === 1);
    expect(effect().rows).toEqual([
      {
        prefix: '192.0.2.1/32',
        router: 'ER2',
        effect: 'no',
        basis: 'inferred',
        why: 'this server sends w1 via 192.0.2.11 with MED 100',
      },
    ]);
  });
});

describe('the effect of a drain of a node without next_hops', () => {
  beforeEach(async () => {
    await bench.reload(config(folder).replaceAll(/, next_hops: \[.*?\]/g, ''));
    await connect('127.0.1.8', 65003);
    await announce(1, 100);
  });

  it('is no while its own route is sent, whatever the next hop', async () => {
    await bench.commands.drain({ ...w1, isForced: true }, by);
    const counts = () => atOnce(bench.queries.drainOf('d1') ?? fail()).counts;
    await bench.until('the effect', () => counts().unknown === 0);
    expect(counts()).toEqual({ yes: 0, no: 1, unknown: 0 });
  });

  it('is yes once the route of another node is sent', async () => {
    await announce(2, 200);
    await bench.commands.drain(w1, by);
    const counts = () => atOnce(bench.queries.drainOf('d1') ?? fail()).counts;
    await bench.until('the effect', () => counts().yes === 1);
  });
});

describe('a drain in the file', () => {
  it('is on disk when the command is answered, and in force after a start before anything is advertised', async () => {
    await announce(1, 100);
    await announce(2, 200);
    await bench.commands.drain({ ...w1, ttlS: 3600 }, by);
    const kept = JSON.parse(readFileSync(join(folder, 'drains.json'), 'utf8'));
    expect(kept.drains).toHaveLength(1);
    const young = await Bench.start(config(folder));
    try {
      const w1Peer = young.daemon.peers.named('W1') ?? fail();
      expect(young.daemon.rib.ranks.isDrained(w1Peer.ribId)).toBe(true);
      expect([...young.daemon.drains].map(({ id }) => id)).toEqual(['d1']);
    } finally {
      await young.close();
    }
  });

  it('that cannot be written makes the command fail, unless it is volatile', async () => {
    await announce(1, 100);
    await announce(2, 200);
    mkdirSync(join(folder, 'drains.json.new'), { recursive: true });
    const refused = await bench.commands.drain(w1, by);
    expect(refused).toMatchObject({ ok: false });
    expect(refused.ok ? '' : refused.message).toMatch(
      /^nothing was changed, because it could not be stored/,
    );
    expect([...bench.daemon.drains]).toEqual([]);
    expect(await bench.commands.drain({ ...w1, isVolatile: true }, by)).toMatchObject({ ok: true });
  });

  it('that cannot be read is lost: the daemon starts, is degraded, and says so', async () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'drains.json'), '{"version":1,');
    const young = await Bench.start(config(folder));
    try {
      young.daemon.events.flush();
      expect(young.daemon.drains.areLost).toBe(true);
      expect(young.queries.ready().degraded ?? ['drains lost']).toContain('drains lost');
      expect(young.events.map(({ event }) => event)).toContain('drain_failed');
      await young.commands.undrain({ which: { kind: 'all' } }, by);
      expect(young.daemon.drains.areLost).toBe(false);
    } finally {
      await young.close();
    }
  });
});

/** Returns the configuration with a range of peers at a site. */
function withRange(site: string): string {
  return `${config(folder)}peer_ranges: [{ range: 127.0.5.0/24, peer_as: 65001, import: all, site: ${site} }]\n`;
}

function fail(): never {
  throw new Error('nothing there');
}

describe('a reload', () => {
  it('that renames a drained node says that its peer is no longer drained', async () => {
    await bench.commands.drain(w1, by);
    const renamed = config(folder).replace('node: w1', 'node: w01');
    const text = 'W1: none (node, no longer drained by d1 of node w1)';
    expect(await bench.reload(renamed)).toMatchObject({
      ok: true,
      message: expect.stringContaining(text),
    });
    expect(bench.daemon.drains.withId('d1')).toBeDefined();
    expect(await bench.reload(config(folder))).toMatchObject({
      message: expect.stringContaining('W1: none (node, now drained by d1 of node w1)'),
    });
  });

  it('that removes the last peer of a drain leaves a drain that is ended by the name that began it', async () => {
    await bench.commands.drain(w1, by);
    await bench.reload(config(folder).replace('node: w1', 'node: w01'));
    expect(bench.queries.nodesOf('node', 'w1')).toEqual([]);
    const which = { kind: 'target', domain: 'node', name: 'w1' } as const;
    expect(await bench.commands.undrain({ which }, by)).toMatchObject({ ended: [{ id: 'd1' }] });
    expect(() => bench.queries.nodesOf('node', 'w1')).toThrow('unknown node w1');
  });

  it('that renames the site of a drained range says so for each of its peers', async () => {
    await bench.reload(withRange('dc5'));
    await connect('127.0.5.1', 65001);
    await bench.commands.drain({ kind: 'site', name: 'dc5' }, by);
    expect(await bench.reload(withRange('dc6'))).toMatchObject({
      message: expect.stringContaining(
        '127.0.5.1: none (site, no longer drained by d1 of site dc5)',
      ),
    });
  });
});
