import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Supposition } from '#api/commands.ts';
import type { ChangesView, ScenarioView } from '#api/views/changes.ts';
import type { PathView } from '#api/views/path.ts';
import { atOnce } from '#daemon/in-slices.ts';
import { ipv6Update } from '#support/raw-message.ts';
import type { RawSpeaker } from '#support/raw-speaker.ts';
import { Bench } from '../bench.ts';
import { wholeListing } from '../whole-listing.ts';

const config = `
start_gate: 0
policies:
  loopbacks:
    - { match: { prefix: ["2001:db8:30::/64{128,128}"] }, then: accept }
peer_groups:
  nodes:
    peer_as: 65001
    passive: true
    import: loopbacks
    accept_next_hop: ["2001:db8::/32"]
  routers: { peer_as: 65001, passive: true, export: all }
peers:
  - { name: W1, address: 127.0.1.1, group: nodes, node: w1, site: dc1, rack: a }
  - { name: W2, address: 127.0.1.2, group: nodes, node: w2, site: dc1, rack: b }
  - { name: W3, address: 127.0.1.3, group: nodes, node: w3, site: dc2 }
  - { name: ER2, address: 127.0.1.4, group: routers }
  - { name: DR6, address: 127.0.1.5, group: routers }
peer_ranges:
  - { range: 127.0.7.0/24, group: nodes, node: pool }
services:
  - name: web
    prefix: ["2001:db8:30::/126{128,128}"]
    home: { "2001:db8:30::1/128": w1 }
    min_healthy: 2
`;

const nodes = ['127.0.1.1', '127.0.1.2', '127.0.1.3'];

let bench: Bench;
let speakers: RawSpeaker[];
beforeEach(async () => {
  bench = await Bench.start(config);
  speakers = [];
  for (const from of nodes) speakers.push(await bench.establish(from));
  await bench.establish('127.0.1.4');
  announce(1, '2001:db8:30::1/128', 100);
  announce(2, '2001:db8:30::1/128', 101);
  announce(3, '2001:db8:30::1/128', 102);
  announce(1, '2001:db8:30::2/128', 100);
  announce(2, '2001:db8:30::2/128', 1000);
  announce(1, '2001:db8:30::8/128', 10);
  announce(1, '2001:db8:30::9/128', 10);
  announce(3, '2001:db8:30::9/128', 20);
  await settled(8);
});
afterEach(() => bench.close());

function announce(node: number, prefix: string, med: number, speaker = speakers[node - 1]): void {
  speaker.send(ipv6Update({ prefix, nextHop: `2001:db8:${node}::1`, asPath: [65001], med }));
}

/** Waits until there are this many accepted paths and no work is left. */
async function settled(paths: number): Promise<void> {
  await bench.until(`${paths} paths`, () => {
    const { rib } = bench.queries.status();
    return rib.paths === paths && !bench.daemon.rib.hasWork;
  });
}

async function supposing(supposed: Supposition, limit = 100): Promise<ScenarioView[]> {
  const outcome = await bench.commands.simulate(supposed, limit);
  if (!outcome.ok) throw new Error(outcome.message);
  return atOnce(outcome.work).items;
}

async function gone(domain: 'node' | 'site' | 'rack' | 'peer', name: string, limit?: number) {
  return (await supposing({ kind: 'gone', domain, name }, limit))[0];
}

async function planned(yaml: string): Promise<ChangesView> {
  const outcome = await bench.commands.plan({ text: bench.textOf(yaml), mayReadFiles: true });
  if (!outcome.ok) throw new Error(outcome.message);
  return atOnce(outcome.changes(100));
}

/** Returns `2001:db8:30::1/128 w1 -> w2 moves`, followed by the state of a service. */
function texts({ changes }: ChangesView): string[] {
  return changes.map(({ prefix, before, after, effects, state }) =>
    [
      prefix.replace('2001:db8:30', ''),
      `${before.best?.node ?? '-'} -> ${after.best?.node ?? '-'}`,
      ...effects,
      ...(state === undefined ? [] : [`${state.before} -> ${state.after}`]),
    ].join(' '),
  );
}

function pathText({ prefix, peer, med }: PathView): string {
  return `${prefix} ${peer} ${med}`;
}

/** Returns the best path of each prefix, and what ER2 is sent. */
function live(): string[] {
  const { queries } = bench;
  return [
    ...wholeListing((page) => queries.routes({ best: true }, page)),
    ...wholeListing((page) => queries.peerRoutes('ER2', 'advertised', page)),
  ].map(pathText);
}

describe('the loss', () => {
  it('of a node shows who takes over, what goes dark, and what is left without a backup', async () => {
    const scenario = await gone('node', 'w1');
    expect(texts(scenario)).toEqual([
      '::2/128 w1 -> w2 dark no_backup -> only_down_paths',
      '::8/128 w1 -> - dark',
      '::9/128 w1 -> w3 no_backup moves',
      '::1/128 w1 -> w2 moves ok -> unexpected_node',
    ]);
    expect(scenario).toMatchObject({
      kind: 'node',
      name: 'w1',
      peers: ['W1'],
      counts: { changed: 4, dark: 2, no_backup: 1, moves: 2, gains: 0 },
      routers: [{ peer: 'ER2', gain: 0, lose: 1, move: 3 }],
    });
    expect(scenario.changes[3]).toMatchObject({
      service: 'web',
      findings: ['served by w2, not by w1'],
      before: { best: { peer: 'W1', next_hop: '2001:db8:1::1', med: 100 }, backups: ['w2', 'w3'] },
      after: { best: { peer: 'W2', next_hop: '2001:db8:2::1', med: 101 }, backups: ['w3'] },
      routers: [{ peers: ['ER2'], effect: 'move' }],
    });
  });

  it('predicts what then happens, and changes nothing by itself', async () => {
    const before = live();
    const version = bench.queries.version();
    const { changes } = await gone('node', 'w1');
    expect([live(), bench.queries.version()]).toEqual([before, version]);
    expect(changes.length).toBeGreaterThan(0);
    speakers[0].close();
    await settled(4);
    for (const { prefix, after, routers } of changes) {
      const [best] = bench.queries.routes({ prefix, best: true }, { limit: 1 }).items;
      expect([prefix, best?.peer, best?.med]).toEqual([prefix, after.best?.peer, after.best?.med]);
      const sent = bench.explain(prefix, 'ER2')?.exports[0]?.sent;
      expect([prefix, sent?.next_hop]).toEqual([prefix, routers[0].after?.next_hop]);
    }
    expect((await gone('node', 'w1')).counts.changed).toBe(0);
  });

  it('of a site, a rack or a peer is the loss of everything in it', async () => {
    expect(await gone('site', 'dc1')).toMatchObject({ peers: ['W1', 'W2'], counts: { dark: 2 } });
    expect(texts(await gone('site', 'dc1'))).toContain(
      '::1/128 w1 -> w3 no_backup moves ok -> no_backup',
    );
    expect((await gone('rack', 'a')).peers).toEqual(['W1']);
    expect(await gone('peer', '127.0.1.3')).toMatchObject({ name: 'W3', peers: ['W3'] });
    expect(texts(await gone('peer', 'W3'))).toEqual([
      '::9/128 w1 -> w1 no_backup',
      '::1/128 w1 -> w1 ok -> degraded',
    ]);
    expect((await gone('peer', 'ER2')).counts.changed).toBe(0);
  });

  it('of each of them is a scenario of its own', async () => {
    const each = await supposing({ kind: 'each', domain: 'node' }, 0);
    const rows = each.map(({ name, counts: { dark, moves }, changes }) => [
      name,
      dark,
      moves,
      changes.length,
    ]);
    expect(rows).toEqual([
      ['w1', 2, 2, 0],
      ['w2', 0, 0, 0],
      ['w3', 0, 0, 0],
    ]);
    const sites = await supposing({ kind: 'each', domain: 'site' });
    expect(sites.map(({ name }) => name)).toEqual(['dc1', 'dc2']);
    expect(sites[0]).toEqual(await gone('site', 'dc1'));
  });

  it('lists the worst first, and no more than requested', async () => {
    const { changes, counts } = await gone('node', 'w1', 1);
    expect([changes[0].prefix, changes.length, counts.changed]).toEqual([
      '2001:db8:30::2/128',
      1,
      4,
    ]);
  });

  it.each([
    ['node', 'w9', 'unknown_node', 'unknown node w9; did you mean w1? known: w1, w2, w3'],
    ['site', 'x', 'unknown_site', 'unknown site x; known: dc1, dc2'],
    ['rack', 'A', 'unknown_rack', 'unknown rack A; did you mean a? known: a, b'],
    ['peer', 'W4', 'unknown_peer', 'unknown peer W4; did you mean W1? known: W1, W2, W3'],
  ] as const)(
    'of the unknown %s %s is refused with what there is',
    async (domain, name, kind, text) => {
      await expect(gone(domain, name)).rejects.toThrow(
        expect.objectContaining({ kind, message: text }),
      );
    },
  );

  it('of nodes in a peer range', async () => {
    const pool = await bench.establish('127.0.7.7');
    announce(4, '2001:db8:30::7/128', 1, pool);
    await settled(9);
    expect(texts(await gone('node', 'pool'))).toEqual(['::7/128 pool -> - dark']);
    expect((await gone('peer', '127.0.7.7')).counts.dark).toBe(1);
  });
});

describe('a configuration', () => {
  const narrow = config.replace('{128,128}"]', '{128,128}"], med: "0-100"');

  it('predicts what a reload then does to the routes', async () => {
    const changes = await planned(narrow);
    expect(texts(changes)).toEqual(['::1/128 w1 -> w1 no_backup ok -> no_backup']);
    const before = live();
    expect(live()).toEqual(before);
    await bench.reload(narrow);
    await settled(5);
    expect(live()).toEqual(before);
    expect((await planned(narrow)).counts.changed).toBe(0);
  });

  it('shows what each router gains, loses and sees move', async () => {
    const policy = 'export: [for_routers] }';
    const prepends = config.replace('export: all }', policy).replace(
      'peer_groups:',
      `  for_routers:
    - { match: { prefix: ["2001:db8:30::8/128"] }, then: reject }
    - { match: { prefix: ["2001:db8:30::9/128"] }, set: { med: 5 }, then: accept }
    - { then: accept }
peer_groups:`,
    );
    const { routers, changes } = await planned(prepends);
    expect(routers).toEqual([{ peer: 'ER2', gain: 0, lose: 1, move: 1 }]);
    expect(changes.map(({ prefix, routers: moves }) => [prefix.slice(11), moves])).toEqual([
      [
        '::8/128',
        [
          {
            peers: ['ER2'],
            effect: 'lose',
            before: expect.objectContaining({ peer: 'W1', med: 10 }),
          },
        ],
      ],
      [
        '::9/128',
        [
          {
            peers: ['ER2'],
            effect: 'move',
            before: expect.objectContaining({ peer: 'W1', med: 10 }),
            after: expect.objectContaining({ peer: 'W1', med: 5 }),
          },
        ],
      ],
    ]);
    await bench.reload(prepends);
    await bench.until('ER2 has it', () => bench.peer('ER2').prefixes.advertised === 3);
    expect(live()).toContain('2001:db8:30::9/128 W1 5');
  });

  it.each<[what: string, from: string, to: string, want: object]>([
    [
      'a new router',
      'peer_ranges:',
      '  - { name: NEW, address: 127.0.1.6, group: routers }\npeer_ranges:',
      { peer: 'NEW', gain: 4, lose: 0, move: 0 },
    ],
    [
      'a router that goes',
      '  - { name: ER2, address: 127.0.1.4, group: routers }\n',
      '',
      { peer: 'ER2', gain: 0, lose: 4, move: 0 },
    ],
    [
      'a router that is disabled',
      '127.0.1.4, group: routers',
      '127.0.1.4, group: routers, enabled: false',
      { peer: 'ER2', gain: 0, lose: 4, move: 0 },
    ],
    [
      'a router that becomes a shadow',
      '127.0.1.4, group: routers',
      '127.0.1.4, group: routers, shadow: true',
      { peer: 'ER2', gain: 0, lose: 4, move: 0 },
    ],
    ['a node by another name', 'name: W1', 'name: W9', { peer: 'ER2', gain: 0, lose: 1, move: 3 }],
    [
      'a node that is disabled',
      'node: w1,',
      'node: w1, enabled: false,',
      { peer: 'ER2', gain: 0, lose: 1, move: 3 },
    ],
    [
      'a node that is let nothing in',
      'node: w1,',
      'node: w1, import: none,',
      { peer: 'ER2', gain: 0, lose: 1, move: 3 },
    ],
    ['a limit that is lowered', 'node: w1,', 'node: w1, max_prefix: { limit: 1 },', {}],
  ])('with %s', async (_, from, to, want) => {
    const { routers } = await planned(config.replace(from, to));
    expect(routers).toEqual('peer' in want ? [want] : []);
  });

  it('that ends shadow sends the router everything', async () => {
    await bench.reload(
      config.replace('127.0.1.4, group: routers', '127.0.1.4, group: routers, shadow: true'),
    );
    const { routers } = await planned(config);
    expect(routers).toEqual([{ peer: 'ER2', gain: 4, lose: 0, move: 0 }]);
  });

  it('is judged by the services of the new configuration', async () => {
    const asked = narrow.replace('::1/128": w1', '::1/128": w2');
    const [scenario] = await supposing({
      kind: 'config',
      text: bench.textOf(asked),
      mayReadFiles: true,
    });
    expect(scenario).toMatchObject({ kind: 'config', peers: ['W1', 'W2', 'W3'] });
    expect(scenario.changes[0]).toMatchObject({
      state: { before: 'ok', after: 'no_backup' },
      findings: ['only w1 is up: no other node could take over', 'served by w1, not by w2'],
    });
  });

  it('of services alone shows their states, and that no route changes', async () => {
    const strict = config.replace('min_healthy: 2', 'min_healthy: 4');
    const changes = await planned(strict);
    expect(texts(changes)).toEqual(['::1/128 w1 -> w1 ok -> degraded']);
    expect(changes.routers).toEqual([]);
    expect((await planned(config.replace('- name: web', '- name: www'))).counts.changed).toBe(0);
  });

  it('with faults is refused with all of them', async () => {
    const outcome = await bench.commands.simulate(
      { kind: 'config', text: 'router_id: x', mayReadFiles: true },
      1,
    );
    expect(outcome).toMatchObject({ ok: false, problems: [{ line: 1 }, { line: 1 }] });
  });

  it('lets blocked routes in as far as the limit allows', async () => {
    const limited = config.replace(
      'node: w1,',
      'node: w1, max_prefix: { limit: 2, action: block },',
    );
    await bench.reload(limited);
    for (const last of [4, 5, 6]) announce(1, `2001:db8:30::${last}/128`, 1);
    await bench.until('blocked', () => bench.peer('W1').prefixes.blocked === 3);
    const raised = limited.replace('limit: 2', 'limit: 6');
    const changes = await planned(raised);
    expect(texts(changes)).toEqual(['::4/128 - -> w1 gains', '::5/128 - -> w1 gains']);
    await bench.reload(raised);
    await bench.until('two more', () => bench.peer('W1').prefixes.accepted === 6);
    expect(bench.queries.routes({ prefix: '2001:db8:30::5/128' }, { limit: 1 }).items).toHaveLength(
      1,
    );
  });

  it('shows what another decision would choose, and the reload chooses the same', async () => {
    announce(3, '2001:db8:30::7/128', 50);
    await settled(9);
    await bench.pause(2);
    announce(1, '2001:db8:30::7/128', 50);
    await settled(10);
    const other = config.replace('start_gate: 0', '$&\ndecision: { tie_break: oldest }');
    expect(texts(await planned(other))).toEqual(['::7/128 w1 -> w3 moves']);
    await bench.reload(other);
    await settled(10);
    expect(live()).toContain('2001:db8:30::7/128 W3 50');
  });
});
