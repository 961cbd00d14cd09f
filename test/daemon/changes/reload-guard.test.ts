import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ipv6Update } from '#support/raw-message.ts';
import { Bench } from '../bench.ts';

const config = `
start_gate: 0
peer_groups:
  nodes: { peer_as: 65001, passive: true, import: all, accept_next_hop: any }
  routers: { peer_as: 65001, passive: true, export: all }
peers:
  - { name: W1, address: 127.0.1.1, group: nodes }
  - { name: W2, address: 127.0.1.2, group: nodes }
  - { name: W3, address: 127.0.1.3, group: nodes }
  - { name: ER1, address: 127.0.1.4, group: routers }
  - { name: ER2, address: 127.0.1.5, group: routers }
  - { name: ER3, address: 127.0.1.6, group: routers }
  - { name: ER4, address: 127.0.1.7, group: routers }
services: [{ name: web, prefix: "2001:db8:30::/64{128,128}" }]
`;

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.start(config);
});
afterEach(() => bench.close());

/** The configuration without the peers of these names. */
function less(...names: string[]): string {
  const isKept = (line: string): boolean => !names.some((name) => line.includes(`name: ${name},`));
  return config.split('\n').filter(isKept).join('\n');
}

/** Returns why a plan says that a reload of this text would be refused. */
async function refusedInPlan(yaml: string): Promise<string | undefined> {
  const outcome = await bench.commands.plan({ text: bench.textOf(yaml), mayReadFiles: true });
  return outcome.ok ? outcome.plan.refused : outcome.message;
}

const howToForce =
  '; check with `fingerpost plan`; if this is intended, use `fingerpost reload --force`';

describe('a reload that takes peers away', () => {
  it.each([
    [
      'every source',
      less('W1', 'W2', 'W3'),
      'all 3 sources would no longer be used (removed: W1, W2, W3)',
    ],
    ['most sources', less('W1', 'W3'), '2 of 3 sources would no longer be used (removed: W1, W3)'],
    [
      'the import of most sources',
      config
        .replace('import: all,', 'import: none,')
        .replace('name: W2,', 'name: W2, import: all,'),
      '2 of 3 sources would no longer be used (import none: W1, W3)',
    ],
    [
      'every source, because each is an observer',
      config.replace('import: all,', 'observer: true,'),
      'all 3 sources would no longer be used (observer: W1, W2, W3)',
    ],
    [
      'most clients',
      config.replaceAll(/(name: ER[123],)/g, '$1 enabled: false,'),
      '3 of 4 clients would no longer be sent routes (disabled: ER1, ER2, ER3)',
    ],
    [
      'every client',
      config.replace('export: all', 'export: none'),
      'all 4 clients would no longer be sent routes (export none: ER1, ER2, ER3, ER4)',
    ],
    [
      'every client, each in another way',
      less('ER1')
        .replace('name: ER2,', 'name: ER2, shadow: true,')
        .replace('127.0.1.6', '127.0.1.106')
        .replace('name: ER4,', 'name: ER4, enabled: false,'),
      'all 4 clients would no longer be sent routes (removed: ER1; shadow: ER2; other address: ER3; disabled: ER4)',
    ],
  ])('is refused where it is %s, unless forced, as its plan says', async (_what, yaml, text) => {
    const before = bench.names;
    expect(await refusedInPlan(yaml)).toBe(text);
    expect(await bench.reload(yaml)).toEqual({
      ok: false,
      message: `reload refused: ${text}${howToForce}`,
    });
    expect(bench.names).toEqual(before);
    expect(bench.told('config_refused').at(-1)?.text).toContain(text);
    expect(await bench.reload(yaml, { isForced: true })).toMatchObject({ ok: true });
  });

  it.each([
    ['one of three sources', less('W2')],
    ['half of four clients', less('ER1', 'ER2')],
    ['none, under other names', config.replaceAll('name: W', 'name: N')],
  ])('is accepted where it is %s', async (_what, yaml) => {
    expect(await refusedInPlan(yaml)).toBeUndefined();
    expect(await bench.reload(yaml)).toMatchObject({ ok: true });
  });

  it('names the addresses that go dark when it is forced', async () => {
    const node = await bench.establish('127.0.1.2');
    node.send(
      ipv6Update({ prefix: '2001:db8:30::1/128', nextHop: '2001:db8::2', asPath: [65001] }),
    );
    await bench.until('the route', () => bench.peer('W2').prefixes.accepted === 1);
    expect(await bench.reload(less('W2'), { isForced: true })).toEqual({
      ok: true,
      message: 'reloaded; W2: remove; 1 service address goes dark (2001:db8:30::1/128 of web)',
    });
  });

  it('that goes back because nobody confirmed is never refused', async () => {
    await bench.reload(less('W1', 'W3'), { isForced: true });
    await bench.reload(config, { confirmS: 0.1 });
    await bench.until('the former', () => bench.names.length === 5);
  });
});

describe('a reload that makes an address of a service dark', () => {
  beforeEach(async () => {
    const node = await bench.establish('127.0.1.1');
    await bench.establish('127.0.1.4');
    for (const prefix of ['2001:db8:30::1/128', '2001:db8:40::1/128']) {
      node.send(ipv6Update({ prefix, nextHop: '2001:db8:1::1', asPath: [65001], med: 10 }));
    }
    await bench.until('two paths', () => bench.queries.status().rib.paths === 2);
  });

  it('is refused, unless forced', async () => {
    expect(await bench.reload(less('W1'))).toEqual({
      ok: false,
      message: `reload refused: 1 service address would go dark (2001:db8:30::1/128 of web)${howToForce}`,
    });
    expect(bench.peer('W1').state).toBe('established');
    expect(await bench.reload(less('W1'), { isForced: true })).toMatchObject({ ok: true });
  });

  it('is accepted if only addresses outside services go dark', async () => {
    const other = config.replace('db8:30::/64{', 'db8:50::/64{');
    expect(await bench.reload(other)).toMatchObject({ ok: true });
    expect(await bench.reload(other.replace(/.*name: W1,.*\n/, ''))).toMatchObject({ ok: true });
  });
});
