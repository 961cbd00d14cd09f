import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { describe as describeEvent } from '#api/events/event-text.ts';
import { ipv6Update, MessageType, nodeAttributes, update } from '#support/raw-message.ts';
import type { RawSpeaker } from '#support/raw-speaker.ts';
import { Bench } from '../bench.ts';
import { ShiftedClock } from '../shifted-clock.ts';

const config = `
start_gate: 0
peers:
  - { name: W1, address: 127.0.1.1, peer_as: 65001, passive: true, import: all, accept_next_hop: any }
  - { name: ER2, address: 127.0.1.2, peer_as: 65001, passive: true, export: all }
`;
const without = config.replace('import: all', 'import: none');

let bench: Bench;
let clock: ShiftedClock;
beforeEach(async () => {
  clock = new ShiftedClock();
  bench = await Bench.start(config, { clock });
});
afterEach(() => bench.close());

const imported = (): string => bench.peer('W1').import;

describe('a plan', () => {
  it('says what a reload would do, peer by peer, and does nothing', async () => {
    const changed = without
      .replace('export: all', 'export: all, hold_time: 30')
      .replace('start_gate: 0', 'start_gate: {}');
    const text = bench.textOf(`${changed}  - { name: NEW, address: 127.0.1.3, peer_as: 1 }\n`);
    expect(await bench.commands.plan({ text, mayReadFiles: true })).toMatchObject({
      ok: true,
      plan: {
        peers: [
          { peer: 'W1', effect: 'policy', why: ['import'] },
          { peer: 'ER2', effect: 'reset', why: ['hold_time'] },
          { peer: 'NEW', effect: 'add', why: [] },
        ],
        process: [{ key: 'start_gate', effect: 'restart' }],
      },
    });
    expect(bench.names).toEqual(['W1', 'ER2']);
  });

  it('of the file says exactly what a reload then does', async () => {
    bench.write(without);
    const planned = await bench.commands.plan();
    expect(planned).toMatchObject({
      plan: {
        peers: [
          { peer: 'W1', effect: 'policy' },
          { peer: 'ER2', effect: 'none' },
        ],
      },
    });
    const done = await bench.commands.reload({ isForced: true });
    expect(done.message).toBe('reloaded; W1: policy (import)');
  });

  it('of an invalid text reports its errors', async () => {
    expect(await bench.commands.plan({ text: 'router_id: x\n', mayReadFiles: true })).toMatchObject(
      { ok: false },
    );
  });
});

describe('a reload to be confirmed', () => {
  it('goes back by itself, sessions and all', async () => {
    await bench.establish('127.0.1.1');
    bench.write(without);
    const by = { uid: 0, user: 'alice' };
    const outcome = await bench.commands.reload({ confirmS: 1, isForced: true, by });
    const { hash } = bench.daemon.config;
    expect(outcome.message).toMatch(
      /^reloaded; W1: policy \(import\); will be reverted at .*Z unless confirmed; without state_dir, .*$/,
    );
    expect(imported()).toBe('none');
    expect(bench.queries.status().config.confirm_by).toMatch(/Z$/);
    await bench.until('the former', () => bench.told('config_rolled_back').length > 0);
    expect(imported()).toBe('all');
    expect(bench.queries.status().config).not.toHaveProperty('confirm_by');
    expect(bench.queries.status().config.last_reload_ok).toBe(true);
    const why = `${hash}, loaded by uid 0 (says: alice), was not confirmed in time: the previous configuration has been restored`;
    const [rollback] = bench.told('config_rolled_back');
    expect(rollback).toMatchObject({ by, cause: { kind: 'config', by } });
    expect(describeEvent(rollback).text).toBe(
      `configuration ${bench.file}: ${why}; reloaded; W1: policy (import)`,
    );
    expect(bench.queries.configHistory().items[0]).toMatchObject({ how: 'not_confirmed', by });
    expect(bench.peer('W1').state).toBe('established');
    expect(bench.commands.confirm()).toMatchObject({ ok: false });
  });

  it('is kept once it is confirmed', async () => {
    bench.write(without);
    await bench.commands.reload({ confirmS: 1, isForced: true });
    expect(bench.commands.confirm({ token: 'deploy' }).ok).toBe(true);
    await bench.pause(1200);
    expect(imported()).toBe('none');
    expect(bench.told('config_confirmed')).toMatchObject([{ by: { token: 'deploy' } }]);
  });

  it('makes every reload without a new time fail, even if forced or by a signal, and this is not reported as an error in the file', async () => {
    bench.write(without);
    await bench.commands.reload({ confirmS: 30, isForced: true });
    bench.write(config);
    for (const how of [{}, { isForced: true }, { by: { signal: 'SIGHUP' } }]) {
      const outcome = await bench.commands.reload(how);
      expect(outcome.ok).toBe(false);
      expect(outcome.message).toMatch(/^a reload waits for confirmation until .*confirm/);
    }
    expect(imported()).toBe('none');
    expect(bench.told('config_refused').at(-1)).toMatchObject({ by: { signal: 'SIGHUP' } });
    expect(bench.queries.status().config).toMatchObject({ last_reload_ok: true });
    expect(bench.commands.confirm().ok).toBe(true);
    expect((await bench.commands.reload()).ok).toBe(true);
  });

  it('goes back at once by a rollback, which says so, or says that there is nothing to roll back', async () => {
    const none = 'nothing to roll back: no reload is waiting for confirmation';
    expect(await bench.commands.reload({ isRollback: true })).toEqual({ ok: false, message: none });
    bench.write(without);
    await bench.commands.reload({ confirmS: 30, isForced: true });
    const by = { uid: 0, user: 'alice' };
    expect((await bench.commands.reload({ isRollback: true, by })).message).toMatch(
      /^rolled back: the confirmed configuration has been restored; reloaded; W1: policy/,
    );
    expect(imported()).toBe('all');
    const [rollback] = bench.told('config_rolled_back');
    expect(rollback).toMatchObject({ by, cause: { kind: 'command', by } });
    expect(describeEvent(rollback).text).toMatch(/ by uid 0 \(says: alice\)$/);
    expect(bench.queries.configHistory().items[0]).toMatchObject({ how: 'rollback', by });
    const { config: told } = bench.queries.status();
    expect(told).toMatchObject({
      running_from: 'stored',
      file_differs: true,
      last_reload_ok: true,
    });
    expect(told).not.toHaveProperty('confirm_by');
    expect(bench.commands.confirm().message).toMatch(
      /the confirmed configuration \w+ is running, not the file/,
    );
  });

  it('says that without state_dir a crash starts with the file', async () => {
    const outcome = await bench.commands.reload({ confirmS: 30 });
    expect(outcome.message).toMatch(
      /unless confirmed; without state_dir, a daemon that ends before/,
    );
    expect(bench.queries.configHistory().note).toMatch(/^without state_dir/);
  });

  it('twice goes back to what ran before the first', async () => {
    bench.write(without);
    await bench.commands.reload({ confirmS: 30, isForced: true });
    bench.write(without.replace('export: all', 'export: none'));
    await bench.commands.reload({ confirmS: 0.2, isForced: true });
    await bench.until('the first', () => imported() === 'all');
    expect(bench.peer('ER2').export).toBe('all');
  });

  it('of an unchanged file that goes back does not claim that the file differs', async () => {
    await bench.commands.reload({ confirmS: 30 });
    await bench.commands.reload({ isRollback: true });
    await bench.until('look', () => bench.queries.status().config.file_differs === false);
    expect(bench.commands.confirm().message).toMatch(/is running, the same as the file on disk$/);
  });

  it('that is refused does not wait for confirmation, and does not affect the one that waits', async () => {
    bench.write('router_id: x\n');
    expect((await bench.commands.reload({ confirmS: 30 })).ok).toBe(false);
    expect(bench.queries.status().config).not.toHaveProperty('confirm_by');
    bench.write(without);
    await bench.commands.reload({ confirmS: 0.3, isForced: true });
    bench.write('router_id: x\n');
    expect((await bench.commands.reload({ confirmS: 30 })).ok).toBe(false);
    await bench.until('the former', () => imported() === 'all');
  });
});

describe('reloads under stress', () => {
  const attributes = nodeAttributes([192, 0, 2, 1]);

  it('a storm of reloads while routes move resets no session and loses nothing', async () => {
    const node = await bench.establish('127.0.1.1');
    const router = await bench.establish('127.0.1.2');
    const outcomes: Promise<unknown>[] = [];
    for (let round = 0; round < 60; round++) {
      node.send(update(attributes, routes(round, 200), Buffer.alloc(0)));
      bench.write(
        round % 2 === 0 ? config.replace('import: all', 'import: all, description: x') : config,
      );
      for (let at = 0; at < 5; at++) outcomes.push(bench.commands.reload());
      if (round % 10 === 0) await bench.pause(5);
    }
    await Promise.all(outcomes);
    const took = bench.told('config_loaded').length;
    expect(took).toBeLessThan(300);
    await bench.until('all routes', () => bench.peer('W1').prefixes.accepted === 60 * 200);
    await bench.until('all sent', () => bench.peer('ER2').prefixes.advertised === 60 * 200);
    expect([node.isClosed, router.isClosed]).toEqual([false, false]);
    expect(bench.peer('W1').flaps + bench.peer('ER2').flaps).toBe(0);
    expect(router.of(MessageType.notification)).toEqual([]);
  });

  it('into the shadow and out of it resets no session: the routes are withdrawn, and sent again', async () => {
    const node = await bench.establish('127.0.1.1');
    const router = await bench.establish('127.0.1.2');
    node.send(update(attributes, routes(1, 10), Buffer.alloc(0)));
    await bench.until('all routes', () => announcedBytes(router) === 10 * 4);
    const dark = config.replace('export: all', 'export: all, shadow: true');
    bench.write(dark);
    expect(await bench.commands.plan()).toMatchObject({
      plan: { peers: [{}, { peer: 'ER2', effect: 'policy', why: ['shadow'] }] },
    });
    expect((await bench.commands.reload({ isForced: true })).message).toBe(
      'reloaded; ER2: policy (shadow)',
    );
    await bench.until('every withdrawal', () => withdrawnBytes(router) === 10 * 4);
    expect(bench.peer('ER2')).toMatchObject({ state: 'established', prefixes: { advertised: 0 } });
    const updates = router.of(MessageType.update).length;
    bench.write(config);
    expect((await bench.commands.reload()).ok).toBe(true);
    await bench.until('all again', () => router.of(MessageType.update).length > updates + 1);
    expect(bench.peer('ER2').prefixes.advertised).toBe(10);
    expect([router.isClosed, bench.peer('ER2').flaps]).toEqual([false, 0]);
  });

  it('requests that wait share one reload', async () => {
    await Promise.all(Array.from({ length: 50 }, () => bench.commands.reload()));
    expect(bench.told('config_loaded').length).toBeLessThanOrEqual(2);
  });

  it.each([
    ['half a file', () => appendFileSync(bench.file, '  - { name: W9, addr')],
    ['an empty file', () => writeFileSync(bench.file, '')],
    ['no file', () => rmSync(bench.file)],
    ['a policy that is gone', () => bench.write(config.replace('import: all', 'import: gone'))],
    ['a port that is taken', () => bench.write(config, ['127.0.0.9', '192.0.2.1'])],
  ])('%s changes nothing, and says so', async (_, spoil) => {
    const node = await bench.establish('127.0.1.1');
    node.send(update(attributes, routes(1, 10), Buffer.alloc(0)));
    await bench.until('routes', () => bench.peer('W1').prefixes.accepted === 10);
    const before = JSON.stringify(bench.queries.config());
    spoil();
    const outcome = await bench.commands.reload();
    expect(outcome.ok).toBe(false);
    expect(bench.told('config_refused').at(-1)?.text).toMatch(
      /; the running configuration is kept$/,
    );
    expect(bench.queries.status().config.last_reload_ok).toBe(false);
    expect(JSON.stringify(bench.queries.config())).toBe(before);
    expect(bench.peer('W1').prefixes.accepted).toBe(10);
    await bench.establish('127.0.1.2');
    bench.write(config);
    expect((await bench.commands.reload()).ok).toBe(true);
    expect(bench.queries.status().config.last_reload_ok).toBe(true);
    expect(node.isClosed).toBe(false);
  });

  it('a change of listen opens the new before it closes the old', async () => {
    await bench.establish('127.0.1.1');
    bench.write(config, ['127.0.0.10']);
    expect((await bench.commands.reload()).ok).toBe(true);
    expect(bench.queries.status().listening).toEqual([`127.0.0.10:${bench.port}`]);
    expect(bench.peer('W1').state).toBe('established');
    bench.write(config, ['0.0.0.0']);
    expect((await bench.commands.reload()).ok).toBe(true);
    await bench.establish('127.0.1.2');
  });
});

it('a step of the system clock changes the times that are shown, and affects no session', async () => {
  await bench.establish('127.0.1.1');
  const { uptime_s: before } = bench.queries.status();
  clock.stepWall(-86_400_000);
  await bench.pause(100);
  expect(bench.queries.status().uptime_s - before).toBeLessThan(3600);
  clock.stepWall(2 * 86_400_000);
  await bench.pause(100);
  expect(bench.queries.status().uptime_s - before).toBeLessThan(3600);
  expect(bench.peer('W1')).toMatchObject({ state: 'established', flaps: 0 });
  expect(bench.peer('W1').uptime_s).toBeLessThan(3600);
});

/**
 * Counts the octets of NLRI in all UPDATEs so far; their length follows from those of withdrawn routes and attributes
 * (RFC 4271 §4.3).
 */
function announcedBytes(router: RawSpeaker): number {
  return router.of(MessageType.update).reduce((sum, { body }) => {
    const withdrawn = body.readUInt16BE(0);
    return sum + body.length - 4 - withdrawn - body.readUInt16BE(2 + withdrawn);
  }, 0);
}

/** Counts the octets of the withdrawn routes in all UPDATEs so far. */
function withdrawnBytes(router: RawSpeaker): number {
  return router.of(MessageType.update).reduce((sum, { body }) => sum + (body[0] << 8) + body[1], 0);
}

/** Returns the NLRI of this many IPv4 prefixes. */
function routes(from: number, count: number): Buffer {
  const rows = Array.from({ length: count }, (_, at) => [24, 10, from, (from + at) & 255]);
  return Buffer.from(rows.flat());
}

describe('a reload of a file with the same meaning', () => {
  const ruled = `
policies:
  nodes: [{ match: { prefix: "2001:db8:30::/64+" }, then: accept }]
peers:
  - { name: W1, address: 127.0.1.1, peer_as: 65001, passive: true, import: nodes, accept_next_hop: any, max_prefix: { limit: 9 } }
  - { name: W2, address: 127.0.1.3, peer_as: 65001, passive: true, import: [nodes], accept_next_hop: [192.0.2.0/24] }
  - { name: ER2, address: 127.0.1.2, peer_as: 65001, passive: true, export: nodes, max_prefix_received: { limit: 9 } }
peer_ranges:
  - { range: 127.0.5.0/24, peer_as: 65001, import: nodes, export: nodes }
`;

  it.each([
    ['an unchanged file', ruled],
    [
      'a comment above a policy',
      ruled.replace('  nodes:', '  # What nodes may announce.\n\n  nodes:'),
    ],
    [
      'the keys of a peer in another order',
      ruled.replace('peer_as: 65001, passive: true', 'passive: true, peer_as: 65001'),
    ],
  ])('judges no route again: %s', async (_what, yaml) => {
    await bench.reload(ruled, { isForced: true });
    const node = await bench.establish('127.0.1.1');
    await bench.establish('127.0.1.2');
    await bench.establish('127.0.5.1');
    const path = { nextHop: '2001:db8:1::1', asPath: [65001] };
    node.send(ipv6Update({ prefix: '2001:db8:30::1/128', ...path }));
    await bench.until('the path', () => bench.queries.status().rib.paths === 1);
    const replaced = vi.spyOn(bench.daemon.rib, 'replaceSettings');
    expect(await bench.reload(yaml)).toEqual({ ok: true, message: 'reloaded; nothing changed' });
    expect(replaced).not.toHaveBeenCalled();
    const lines = bench.textOf(yaml).split('\n');
    const line = lines.findIndex((text) => text.includes('{ match:')) + 1;
    const explained = JSON.stringify(bench.explain('2001:db8:30::1/128'));
    expect(explained).toContain(`"line":${line}`);
  });
});

describe('a reload says what it has applied', () => {
  it.each([
    ['http', 'http: { listen: 127.0.0.1:1 }'],
    ['log', 'log: { level: debug }'],
    ['max_paths', 'max_paths: 1000'],
    ['services', 'services: [{ name: web, prefix: 192.0.2.0/24+ }]'],
    ['control', 'control: { socket: other.sock }'],
    ['peer_ranges', 'peer_ranges: [{ range: 127.0.5.0/24, peer_as: 65001, max_peers: 7 }]'],
  ])('%s, without any effect on sessions', async (key, yaml) => {
    const outcome = await bench.reload(`${config}\n${yaml}\n`);
    expect(outcome.message).toBe(`reloaded; applied: ${key}`);
  });

  it('listen too', async () => {
    bench.write(config, ['127.0.0.9', '127.0.0.8']);
    expect((await bench.commands.reload()).message).toBe('reloaded; applied: listen');
  });
});
