import { mkdirSync, rmdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { pause, waitFor } from '#support/wait.ts';
import { announce } from './routes.ts';
import { Server } from './server.ts';
import { Talker, type TalkerOptions } from './talker.ts';

const node: TalkerOptions = { from: '127.1.0.1', as: 65001 };
const other: TalkerOptions = { from: '127.1.0.2', as: 65001 };
const router: TalkerOptions = { from: '127.2.0.1', as: 65003, isRouter: true };
const prefixes = 5_000;
const prefixesInOne = 500;

/** `policy`: of the nodes. */
function peers(policy = 'all'): string {
  return `start_gate: 0
policies:
  dearer: [{ match: { med: "0-" }, set: { med: +10 }, then: accept }]
peer_groups:
  nodes: { peer_as: 65001, import: ${policy}, accept_next_hop: any, passive: true }
  routers: { peer_as: 65003, export: all, passive: true }
peers:
  - { name: N1, address: 127.1.0.1, group: nodes }
  - { name: N2, address: 127.1.0.2, group: nodes }
  - { name: R1, address: 127.2.0.1, group: routers }
`;
}

const opened: { close(): void | Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).toReversed()) await each.close();
});

async function start(): Promise<Server> {
  const server = await Server.start(peers());
  opened.push(server);
  return server;
}

async function comes(server: Server, options: TalkerOptions): Promise<Talker> {
  const talker = await Talker.establish(server, options);
  opened.push(talker);
  return talker;
}

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  await waitFor(what, condition, Boolean, { everyMs: 10 });
}

async function announceAll(from: Talker, med: number): Promise<void> {
  for (let at = 0; at < prefixes; at += prefixesInOne) {
    await from.send(announce(at, prefixesInOne, { med }));
  }
}

/** Returns whether the router holds every prefix, all with this MED. */
function holdsAll({ held, table }: Talker, med: number): boolean {
  return held === prefixes && table?.subarray(0, prefixes).every((it) => it === med + 1) === true;
}

describe('killed -9', () => {
  test('in the middle of everything and started again, it has all routes back', async () => {
    const server = await start();
    for (let round = 0; round < 2; round++) {
      const [n1, n2, r1] = [
        await comes(server, node),
        await comes(server, other),
        await comes(server, router),
      ];
      await until('who is up to be remembered', () => {
        const state = server.remembered();
        return ['N1', 'N2', 'R1'].every((name) => state.includes(name));
      });
      const pouring = [announceAll(n1, round), announceAll(n2, round + 1)];
      server.configure(peers(round % 2 === 0 ? 'dearer' : 'all'));
      server.signal('SIGHUP');
      await pause(5 * round);
      await server.killAndRestart();
      await Promise.all(pouring);
      for (const talker of [n1, n2, r1]) talker.close();
      expect(await server.readiness()).toMatchObject({ ready: false });
      const back = [
        await comes(server, node),
        await comes(server, other),
        await comes(server, router),
      ];
      await announceAll(back[1], 5);
      await announceAll(back[0], 3);
      const med = round % 2 === 0 ? 13 : 3;
      await until('all routes at the router', () => holdsAll(back[2], med));
      expect(server.told('internal_error')).toEqual([]);
      for (const talker of back) talker.close();
      await server.killAndRestart();
    }
  });
});

describe('a state directory that fails', () => {
  const word = 'state.json';

  test('a file that cannot be written costs only what it would remember, is reported once, and is written again later', async () => {
    const server = await start();
    const blocked = join(server.stateDir, `${word}.new`);
    await until('the first state', async () => (await server.readiness()).ready);
    await pause(1_200);
    // Every write there fails until the folder is removed.
    mkdirSync(blocked);
    const n1 = await comes(server, node);
    const r1 = await comes(server, router);
    await announceAll(n1, 1);
    await until('all routes at the router', () => holdsAll(r1, 1));
    const warningsOfIt = (): string[] =>
      server.told('warning').filter((line) => line.includes(word));
    await until('a warning', () => warningsOfIt().length > 0);
    await pause(2_500);
    const warnings = warningsOfIt();
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('EISDIR');
    rmdirSync(blocked);
    await until('the state', () => server.remembered().includes('R1'));
    await server.killAndRestart();
    expect((await server.readiness()).reasons.join()).toContain('R1');
  });
});

describe('reloads', () => {
  test('a storm of SIGHUP while routes move resets no session, and the last file counts', async () => {
    const server = await start();
    const [n1, r1] = [await comes(server, node), await comes(server, router)];
    for (let round = 0; round < 60; round++) {
      server.configure(peers(round % 2 === 0 ? 'dearer' : 'all'));
      server.signal('SIGHUP');
      const at = (round % 10) * prefixesInOne;
      await n1.send(announce(at, prefixesInOne, { med: round }));
      await pause(10);
    }
    server.configure(peers('dearer'));
    server.signal('SIGHUP');
    await announceAll(n1, 70);
    await until('the last policy at the router', () => holdsAll(r1, 80));
    expect([n1.isClosed, r1.isClosed]).toEqual([false, false]);
    expect(server.told('peer_down')).toEqual([]);
    expect(server.told('config_refused')).toEqual([]);
  });

  test.each<readonly [string, (file: string) => void, RegExp]>([
    ['is gone', (file) => rmSync(file), /cannot be read|no such file/i],
    ['is empty', (file) => truncateSync(file, 0), /empty/],
    ['is cut short', (file) => truncateSync(file, 300), /:\d+/],
    ['is no text', (file) => writeFileSync(file, Buffer.from([0, 159, 255, 7, 123])), /:\d+/],
  ])('a file that %s loses nothing and is told in words', async (_, spoil, words) => {
    const server = await start();
    const [n1, r1] = [await comes(server, node), await comes(server, router)];
    await announceAll(n1, 1);
    await until('all routes at the router', () => holdsAll(r1, 1));
    spoil(server.configFile);
    server.signal('SIGHUP');
    await until('the refusal', () => server.told('config_refused').length === 1);
    expect(server.told('config_refused')[0]).toMatch(words);
    expect(holdsAll(r1, 1)).toBe(true);
    server.configure(peers('dearer'));
    server.signal('SIGHUP');
    await until('the right file at work', () => holdsAll(r1, 11));
    expect([n1.isClosed, r1.isClosed]).toEqual([false, false]);
  });
});
