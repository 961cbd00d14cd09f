import { describe, expect, test } from 'vitest';
import { ColumnTable } from '#cli/table.ts';
import { systemClock } from '#clock.ts';
import { frame, type FrameOptions, type PastEvent } from '#demo/frame.ts';
import type { Look } from '#demo/look.ts';
import { Network } from '#demo/network.ts';
import { medOf, services } from '#demo/plan.ts';

const plain = (text: string): string => text;
const look: Look = {
  style: { good: plain, busy: plain, bad: plain, strong: plain, faint: plain },
  table: (columns, rows, width) => new ColumnTable(columns, width).render(rows, plain),
};

/** The index of the best node for each service. */
const bests = [2, 1, 0];

function networkAtWork(): Network {
  const network = new Network({
    program: '',
    clock: systemClock,
    onEvent: () => undefined,
    onChange: () => undefined,
  });
  network.routeServer.httpPort = 9179;
  for (const node of network.nodes) node.isUp = true;
  for (const router of network.routers) {
    router.isUp = true;
    router.routes = new Map(
      services.map((prefix, index) => {
        const { plan } = network.nodes[bests[index]];
        network.failovers.held(prefix, router.plan.name, plan.name, 0);
        const med = medOf(plan, index, true);
        return [prefix, { prefix, nextHop: plan.nextHop, med, asPath: [65001] }];
      }),
    );
  }
  return network;
}

const events: PastEvent[] = Array.from({ length: 40 }, (_, at) => ({
  tone: 'move',
  text: `event ${at} ${'of many words '.repeat(12)}`,
  atMs: -at * 1000,
}));

function options(columns: number, rows: number): FrameOptions {
  const controlSocket = '/tmp/fingerpost-demo-1000/1234567/control.sock';
  return { columns, rows, nowMs: 0, events, controlSocket, hasKeys: true };
}

const sizes = [
  { columns: 80, rows: 24 },
  { columns: 80, rows: 50 },
  { columns: 100, rows: 30 },
  { columns: 140, rows: 24 },
  { columns: 140, rows: 40 },
  { columns: 250, rows: 70 },
  { columns: 60, rows: 10 },
  { columns: 20, rows: 3 },
  { columns: 1, rows: 1 },
];

describe('the screen of the demo', () => {
  test.each(sizes)('fills $columns × $rows and no more', ({ columns, rows }) => {
    const lines = frame(networkAtWork(), look, options(columns, rows));
    expect(lines.length).toBe(rows);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
  });

  test.each([74, 67, 66, 65, 60, 55])(
    'on %i columns a command is broken as a shell takes it',
    (columns) => {
      const lines = frame(networkAtWork(), look, options(columns, 24));
      const command = lines.slice(1, lines.indexOf(''));
      expect(command.length).toBeGreaterThan(1);
      const [, whole] = frame(networkAtWork(), look, options(80, 24));
      expect(command.join('\n').replaceAll(/\\\n +/g, '')).toBe(whole);
    },
  );

  test.each(sizes.filter(({ columns, rows }) => columns >= 80 && rows >= 24))(
    'shows both tables, an event and the keys on $columns × $rows',
    ({ columns, rows }) => {
      const text = frame(networkAtWork(), look, options(columns, rows)).join('\n');
      for (const word of ['102', '101 backup', '100 best', 'http://127.0.0.1:9179/', 'event 0']) {
        expect(text).toContain(word);
      }
      expect(text.match(/\*> 2001:db8:30::\d\/128/g)?.length).toBe(6);
      expect(text).toContain('2001:db8:8::13');
      expect(text).toContain('q quits');
    },
  );

  test.each([
    [80, 'q quits'],
    [60, 'k1 k2 k3 dies, starts   q quits'],
    [40, '1-3 fails   k1-k3 dies   q quits'],
    [10, 'q quits'],
  ])('on %i columns the keys still say how to quit', (columns, ending) => {
    const keys = frame(networkAtWork(), look, options(columns, 24)).at(-1) ?? '';
    expect(keys.slice(-ending.length)).toBe(ending);
  });

  test('a failed node shows its raised MED, and a killed one none', () => {
    const network = networkAtWork();
    network.nodes[2].isHealthy = false;
    network.nodes[0].isUp = false;
    network.nodes[0].isKilled = true;
    const text = frame(network, look, options(80, 24)).join('\n');
    expect(text).toMatch(/::1\/128\s+-\s+101 backup\s+1000 best/);
    expect(text).toMatch(/health check\s+-\s+ok\s+fails/);
    expect(text).toMatch(/announcer\s+killed/);
  });

  test('columns keep their places while their contents change', () => {
    const network = networkAtWork();
    const before = frame(network, look, options(80, 24));
    network.nodes[2].isHealthy = false;
    for (const router of network.routers) router.routes = new Map();
    const after = frame(network, look, options(80, 24));
    for (const head of ['W2', 'Last move', 'Metric', 'Node']) {
      expect(columnOf(after, head)).toBe(columnOf(before, head));
    }
  });
});

function columnOf(lines: readonly string[], word: string): number {
  return lines.find((line) => line.includes(word))?.indexOf(word) ?? -1;
}

test.each([
  [60, false],
  [80, true],
])('at %i columns the last move has a column: %s', (columns, has) => {
  const text = frame(networkAtWork(), look, options(columns, 30));
  const head = [text]
    .flat()
    .join('\n')
    .split('\n')
    .find((line) => line.startsWith('Service'));
  expect(head).toMatch(has ? /W3 +Last move$/ : /W3 *$/);
});
