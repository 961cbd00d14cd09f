import { afterEach, describe, expect, it } from 'vitest';
import { atOnce } from '#daemon/in-slices.ts';
import {
  fourOctetAsCapability,
  ipv6UnicastCapability,
  ipv6Update,
  message,
} from '#support/raw-message.ts';
import type { RawSpeaker } from '#support/raw-speaker.ts';
import { RtrCache } from '#support/rtr-cache.ts';
import { Bench } from '../bench.ts';

const node = '127.0.1.1';
const router = '127.0.1.2';
const prefix = '2001:db8:1::/48';
const asRouter = {
  as: 65003,
  capabilities: [ipv6UnicastCapability, fourOctetAsCapability(65003)],
};
const endOfRib = message(2, Buffer.from([0, 0, 0, 6, 0x80, 15, 3, 0, 2, 1]));
const endOfRib4 = message(2, Buffer.from([0, 0, 0, 0]));
const good = '2001:db8:1::/48 AS65001';
const bad = '2001:db8:1::/48 AS65009';

function config(rpki: string, { gate = '0', policy = '{ rpki: invalid }' } = {}): string {
  return `
start_gate: ${gate}
${rpki}
policies:
  checked: [{ match: ${policy}, then: reject }, { then: accept }]
peer_groups:
  all: { passive: true, accept_next_hop: any, role: rs }
peers:
  - { name: W1, address: ${node}, peer_as: 65001, group: all, import: checked }
  - { name: ER, address: ${router}, peer_as: 65003, group: all, export: all }
`;
}

function caches(...some: readonly RtrCache[]): string {
  const rows = some.map(
    ({ address }, index) => `{ name: c${index}, address: "${address}", preference: ${index} }`,
  );
  return `rpki: { caches: [${rows.join(', ')}] }`;
}

let bench: Bench;
const open: RtrCache[] = [];
afterEach(async () => {
  await bench.close();
  for (const cache of open.splice(0)) await cache.close();
});

async function cacheWith(...some: readonly string[]): Promise<RtrCache> {
  const cache = await RtrCache.start();
  cache.vrps = some;
  open.push(cache);
  return cache;
}

async function announced(path = [65001]): Promise<RawSpeaker> {
  const speaker = await bench.establish(node);
  speaker.send(ipv6Update({ prefix, nextHop: '2001:db8::1', asPath: path }));
  await bench.until('the route', () => bench.peer('W1').prefixes.received === 1);
  return speaker;
}

function vrps(): number {
  return bench.queries.rpki().vrps.ipv6_unicast;
}

function told() {
  bench.daemon.events.flush();
  return bench.events.flatMap((event) => (event.event === 'rpki_cache' ? [event] : []));
}

function reason(): string | undefined {
  return bench.explain(prefix)?.candidates[0]?.reason;
}

it('a route is judged again when the data of a cache changes, without any effect on sessions', async () => {
  const cache = await cacheWith(good);
  bench = await Bench.start(config(caches(cache)));
  await bench.until('VRPs', () => vrps() === 1);
  await announced();
  await bench.establish(router, asRouter);
  await bench.until('the route is sent', () => bench.peer('ER').prefixes.advertised === 1);
  expect(bench.explain(prefix)).toMatchObject({
    vrps: [{ prefix, max_length: 48, asn: 65001 }],
    candidates: [{ rpki: 'valid', accepted: true }],
  });

  cache.change([bad]);
  await bench.until('it is withdrawn', () => bench.peer('ER').prefixes.advertised === 0);
  expect(reason()).toBe('rpki_invalid');

  cache.change([bad, good]);
  await bench.until('it is back', () => bench.peer('ER').prefixes.advertised === 1);
  expect(cache.queries).toEqual(['reset 1', 'serial 7 1', 'serial 7 2']);
  expect(bench.peer('W1')).toMatchObject({ flaps: 0 });
  expect(bench.peer('W1').messages?.sent.route_refresh).toBe(0);
});

describe('the connection to a cache', () => {
  it('is opened again after a loss, and the data stays in use meanwhile', async () => {
    const cache = await cacheWith(good);
    bench = await Bench.start(config(caches(cache)));
    await bench.until('VRPs', () => vrps() === 1);
    // A cache is not tried again within ten seconds after the last attempt.
    cache.hangUp();
    await bench.until('the loss', () => told().some(({ level }) => level === 'warn'));
    expect(bench.queries.rpki().items).toMatchObject([{ name: 'c0', state: 'idle', in_use: true }]);
    expect(vrps()).toBe(1);
    await bench.until('the return', () => cache.queries.length === 2);
    expect(cache.queries).toEqual(['reset 1', 'reset 1']);
    await bench.until('peace', () => bench.queries.rpki().items[0].state === 'established');
  });

  it('uses the next cache if one has no data', async () => {
    const first = await cacheWith(bad);
    const second = await cacheWith(good);
    first.hasData = false;
    bench = await Bench.start(config(caches(first, second)));
    await bench.until('VRPs', () => vrps() === 1);
    const { items } = bench.queries.rpki();
    expect(items).toMatchObject([
      {
        name: 'c0',
        state: 'idle',
        in_use: false,
        last_error: { text: 'the cache has no data yet' },
      },
      { name: 'c1', state: 'established', in_use: true, session_id: 7, serial: 1 },
    ]);
  });

  it('falls back to the version that an old cache supports', async () => {
    const cache = await RtrCache.start(0);
    open.push(cache);
    cache.vrps = [good];
    bench = await Bench.start(config(caches(cache)));
    await bench.until('VRPs', () => vrps() === 1);
    expect(cache.queries).toEqual(['reset 1', 'reset 0']);
    expect(bench.queries.rpki().items).toMatchObject([{ version: 0 }]);
  });

  it('ends with an error report if the data is inconsistent, and everything is requested again', async () => {
    const cache = await cacheWith(good, good);
    bench = await Bench.start(config(caches(cache)));
    await bench.until('the report', () => cache.queries.includes('error 7'));
    expect(vrps()).toBe(0);
    expect(told().at(-1)?.text).toContain(`${prefix} for AS65001 is announced twice`);
  });
});

describe('a reload', () => {
  it('to another cache keeps the old data in use until the new cache has sent its own', async () => {
    const first = await cacheWith(good);
    const second = await cacheWith(bad, '2001:db8:2::/48 AS1');
    second.hasData = false;
    bench = await Bench.start(config(caches(first)));
    await bench.until('VRPs', () => vrps() === 1);
    await announced();
    await bench.reload(config(caches(second)));
    await bench.until('a query', () => second.queries.length === 1);
    expect(vrps()).toBe(1);
    expect(bench.queries.rpki().expires_at).toBeDefined();
    second.hasData = true;
    await bench.reload(config(caches(second).replace('] }', '], retry: 5m }')));
    await bench.until('new VRPs', () => vrps() === 2);
    await bench.until('the judgement', () => reason() === 'rpki_invalid');
  });

  it('that removes the caches removes the data', async () => {
    const cache = await cacheWith(bad);
    bench = await Bench.start(config(caches(cache)));
    await bench.until('VRPs', () => vrps() === 1);
    await announced();
    expect(reason()).toBe('rpki_invalid');
    await bench.reload(config(''));
    await bench.until('no VRP', () => vrps() === 0);
    await bench.until('the judgement', () => reason() === undefined);
    expect(bench.queries.rpki().items).toEqual([]);
  });

  it('to a policy with rpki judges by the data that is present', async () => {
    const cache = await cacheWith(bad);
    bench = await Bench.start(config(caches(cache), { policy: '{ med: 5 }' }));
    await bench.until('VRPs', () => vrps() === 1);
    await announced();
    expect(reason()).toBeUndefined();
    await bench.reload(config(caches(cache)));
    await bench.until('the judgement', () => reason() === 'rpki_invalid');
    expect(cache.queries).toEqual(['reset 1']);
  });
});

describe('the start gate', () => {
  it('waits for the first data, so that nothing invalid is ever sent', async () => {
    const cache = await cacheWith(bad);
    cache.hasData = false;
    bench = await Bench.start(config(caches(cache), { gate: '{ max_delay: 60s }' }));
    const speaker = await announced();
    speaker.send(endOfRib);
    speaker.send(endOfRib4);
    await bench.establish(router, asRouter);
    await bench.until('all else', () => bench.daemon.gate?.unheard.join() === 'the RPKI caches');
    expect(bench.daemon.gate?.isOpen).toBe(false);
    cache.hasData = true;
    // A cache without data is asked again after `retry`, but at once after a reload.
    await bench.reload(
      config(caches(cache).replace('] }', '], retry: 5m }'), { gate: '{ max_delay: 60s }' }),
    );
    await bench.until('the gate', () => bench.daemon.gate?.isOpen === true);
    await bench.until('the judgement', () => reason() === 'rpki_invalid');
    expect(bench.peer('ER').prefixes.advertised).toBe(0);
  });

  it('does not wait if no policy uses rpki', async () => {
    const cache = await cacheWith();
    cache.hasData = false;
    const options = { gate: '{ max_delay: 60s }', policy: '{ med: 5 }' };
    bench = await Bench.start(config(caches(cache), options));
    expect(bench.daemon.gate?.unheard).toEqual(['W1']);
  });
});

it('the loss of more than half of the VRPs is a warning', async () => {
  const cache = await cacheWith(good, bad, '2001:db8:2::/48 AS1');
  bench = await Bench.start(config(caches(cache)));
  await bench.until('VRPs', () => vrps() === 3);
  cache.change([good]);
  await bench.until('one VRP', () => vrps() === 1);
  expect(told().at(-1)).toEqual({
    event: 'rpki_cache',
    level: 'warn',
    text: 'RPKI cache c0: 1 VRPs in use, 3 before: more than half of them are gone',
  });
});

it('a path that ASPAs do not allow is refused, by version 2 of the protocol', async () => {
  const cache = await RtrCache.start(2);
  open.push(cache);
  cache.aspas = [[65010, [65011]]];
  const rpki = caches(cache).replace('] }', '], aspa: true }');
  bench = await Bench.start(config(rpki, { policy: '{ aspa: invalid }' }));
  await bench.until('ASPAs', () => bench.queries.rpki().aspas === 1);
  await announced([65001, 65010]);
  expect(reason()).toBe('aspa_invalid');
  expect(bench.explain(prefix)?.candidates).toMatchObject([{ rpki: 'not_found', aspa: 'invalid' }]);
  expect(cache.queries).toEqual(['reset 2']);
});

function found(): string[] {
  const items = atOnce(bench.queries.doctor(undefined));
  return items.map(({ code }) => code).filter((code) => code.startsWith('rpki_'));
}

async function others(): Promise<string> {
  return (await bench.queries.trouble('1h')).others.join();
}

describe('show trouble and doctor', () => {
  it('report VRPs that vanished and a cache that does not answer until they are back', async () => {
    const many = [1, 2, 3, 4, 5].map((asn) => `2001:db8:1::/48 AS6500${asn}`);
    const cache = await cacheWith(...many);
    bench = await Bench.start(config(caches(cache)));
    await bench.until('VRPs', () => vrps() === 5);
    expect(found()).toEqual([]);
    expect(await others()).not.toContain('VRPs');

    cache.change([good]);
    await bench.until('the loss', () => vrps() === 1);
    expect(found()).toEqual(['rpki_vrps_dropped']);
    expect(await others()).toContain('5 VRPs before');

    cache.change(many);
    await bench.until('the return', () => vrps() === 5);
    expect(found()).toEqual([]);

    await cache.close();
    await bench.until('the loss', () => found().length > 0);
    expect(found()).toEqual(['rpki_cache_down']);
    expect(await others()).toContain(
      'the RPKI cache c0 does not answer; the data in use is dropped',
    );
  });
});

/** Returns how many prefixes change under another configuration, and what cannot be known. */
async function planned(yaml: string): Promise<{ changed: number; notes?: readonly string[] }> {
  const outcome = await bench.commands.plan({ text: bench.textOf(yaml), mayReadFiles: true });
  if (!outcome.ok) throw new Error(outcome.message);
  const { counts, notes } = atOnce(outcome.changes(100));
  return { changed: counts.changed, ...(notes !== undefined && { notes }) };
}

describe('whatif and plan', () => {
  it('judge by the data that another configuration would have', async () => {
    const cache = await cacheWith(bad);
    bench = await Bench.start(config(caches(cache)));
    await bench.until('VRPs', () => vrps() === 1);
    await announced();
    await bench.establish(router, asRouter);
    await bench.until('the refusal', () => reason() === 'rpki_invalid');
    expect(await planned(config(caches(cache)))).toEqual({ changed: 0 });
    const without = await planned(config(''));
    expect(without).toEqual({ changed: 1 });
    const other = await planned(
      config('rpki: { caches: [{ name: o, address: "192.0.2.1:323" }] }'),
    );
    expect(other).toEqual({
      changed: 0,
      notes: ['rpki: the data of the cache o is unknown; routes are judged by the 1 VRPs in use'],
    });
    await bench.reload(config(''));
    await bench.until('the route', () => bench.peer('ER').prefixes.advertised === 1);
  });
});
