import type { VNode } from 'preact';
import { expect, test } from 'vitest';
import type { CoherenceView } from '#api/views/coherence.ts';
import type { ExplainView, ExportView } from '#api/views/explain.ts';
import type { ServiceAddressView, ServiceView } from '#api/views/service.ts';
import type { TroubleView } from '#api/views/trouble.ts';
import { type Html, html, textOf } from '#http/page/html.ts';
import { failoverView } from '#http/page/views/failover.ts';
import { routeView } from '#http/page/views/route.ts';
import { pageRows, servicesView } from '#http/page/views/services.ts';
import { siblingsView } from '#http/page/views/siblings.ts';
import { lookOfNodes } from '#http/page/views/timeline.ts';
import { serviceRows } from '#support/service-rows.ts';
import { labPaths, labService, labTrouble } from '../fake-daemon.ts';

const frame = { nowMs: Date.parse(labTrouble().at), root: '' };

function markup(part: Html): string {
  return textOf(html`<main>${part}</main>` as VNode);
}

/** Returns the text of the page, with a space between the texts of two elements. */
function textsOf(part: Html): string {
  return markup(part)
    .replaceAll(/<[^>]*>/g, '|')
    .replaceAll(/[|\s]*\|[|\s]*/g, ' | ');
}

function firstScreen(services: readonly ServiceView[], trouble: TroubleView): Html {
  const nothing = { drained: undefined, timeline: undefined };
  const rows = serviceRows(services, { from: 0, limit: pageRows });
  return servicesView(frame, rows, { from: 0 }, { trouble, ...nothing });
}

/** A service whose addresses are in these states. */
function serviceIn(state: ServiceAddressView['state'], count: number): ServiceView {
  const [, healthy] = labService().addresses;
  const addresses = Array.from({ length: count }, (_, at) => ({
    ...healthy,
    prefix: `2001:db8:30::${at + 1}/128`,
    state,
  }));
  return { ...labService(), state, addresses };
}

function calm(verdict: string, lesser: TroubleView['addresses']['lesser'] = []): TroubleView {
  const { addresses, sessions, ...whole } = labTrouble();
  const counts = { dark: 0, down: 0, not_answering: 0, no_backup: 0 };
  return {
    ...whole,
    is_trouble: false,
    verdict,
    addresses: { ...addresses, items: [], counts, lesser },
    sessions: { ...sessions, count: 0, down: [] },
  };
}

/** The problem, the states of the addresses, and the verdict. */
const verdicts: readonly [
  name: string,
  services: readonly ServiceView[],
  trouble: TroubleView,
  said: string,
][] = [
  [
    'all is well',
    [serviceIn('ok', 3)],
    calm('no trouble'),
    'OK: no trouble | All 3 addresses are served and have a backup. | as of',
  ],
  [
    'all are degraded, which the headline has said',
    [serviceIn('degraded', 3)],
    calm('no trouble, but 3 of 3 addresses degraded: 2 nodes are up', [
      { state: 'degraded', count: 3, text: '2 nodes are up' },
    ]),
    'OK: no trouble, but 3 of 3 addresses degraded: 2 nodes are up | as of',
  ],
  [
    'one is away from home, in words',
    [serviceIn('unexpected_node', 1), serviceIn('ok', 2)],
    calm('no trouble, but 1 of 3 addresses unexpected_node: served by w2', [
      { state: 'unexpected_node', count: 1, text: 'served by w2' },
    ]),
    'OK: no trouble, but 1 of 3 addresses unexpected node: served by w2 | The other 2 are served and have a backup. | as of',
  ],
];

test.each(verdicts)('the verdict does not repeat itself: %s', (_, services, trouble, said) => {
  expect(textsOf(firstScreen(services, trouble))).toContain(said);
});

test('each cell of the matrix explains itself on focus, even an empty one', () => {
  const text = markup(firstScreen([labService()], labTrouble()));
  const cells = [...text.matchAll(/<td[^>]* class="cell[^>]*>.*?<\/td>/g)].map(([cell]) => cell);
  const explained = cells.filter((cell) => /tabindex="0".*class="tip">w\d[^<]*: \w/.test(cell));
  expect([cells.length, explained.length]).toEqual([12, 12]);
  expect(text).toContain('w2: the node does not announce the address');
});

test('in the timeline sixteen nodes have distinct patterns, and 128 distinct pairs of pattern and colour', () => {
  const looks = [...lookOfNodes(Array.from({ length: 128 }, (_, at) => `w${at + 100}`)).values()];
  const patterns = looks.slice(0, 16).map((look) => look.split(' ')[1]);
  expect(new Set(patterns).size).toBe(16);
  expect(new Set(looks).size).toBe(128);
});

test('a list of the first screen stays short, however large the network', () => {
  const row = { addresses: 1, examples: ['2001:db8:30::1/128'] };
  const nodes = Array.from({ length: 1000 }, (_, at) => ({ ...row, node: `n${at}.` }));
  const text = textsOf(firstScreen([labService()], { ...labTrouble(), do_not_touch: nodes }));
  expect(text.match(/\| n\d+\. \|/g)).toHaveLength(10);
  expect(text).toContain('| and 990 more |');
});

test('what has happened only once is not listed under "How often"', () => {
  const often = [
    { about: 'W1 lost', day: 1, month: 1 },
    { about: 'W2 lost', day: 1, month: 14 },
  ];
  const text = textsOf(firstScreen([labService()], { ...labTrouble(), often }));
  expect(text).toContain('How often | W2 lost | 1 time in 24 h, 14 in 30 d');
  expect(text).not.toContain('W1 lost');
});

/** What a router is sent, and the text under "Because". */
const [best] = labPaths();
const rule = { policy: 'p', name: 'n', file: '/etc/fp.yaml', line: 7 };
const exports: readonly [export_: ExportView, because: string][] = [
  [{ peer: 'ER2', reason: 'sent', sent: best }, '| it is the best path |'],
  [
    { peer: 'ER2', reason: 'sent', sent: best, rule },
    '| it is the best path | by | p | n, fp.yaml:7 |',
  ],
  [
    { peer: 'ER2', reason: 'sent', sent: best, withheld: [{ ...best, reason: 'own_route' }] },
    '| it is the best of those that it may have | not W3: own_route: the peer announced the path itself |',
  ],
  [
    { peer: 'ER2', reason: 'peer_down', rule },
    '| peer_down: the session is down | by | p | n, fp.yaml:7 |',
  ],
  [{ peer: 'ER2', reason: 'shadow' }, '| shadow |'],
];

test.each(exports)('the page says why a router is sent its path: %o', (one, because) => {
  const view: ExplainView = { prefix: best.prefix, best, candidates: [], exports: [one] };
  expect(textsOf(routeView(frame, view))).toContain(because);
});

test('the stages of a failover follow each other without gaps', () => {
  const view = failoverView(frame, {
    id: 'f1',
    at: labTrouble().at,
    prefix: '2001:db8:30::1/128',
    from: 'W1',
    to: 'W2',
    cause: { kind: 'tcp_fin', text: 'connection closed by the peer' },
    cause_id: 'c1',
    decided_ms: 1,
    first_written_ms: 2.5,
    last_written_ms: 3,
    received_ms: 4,
    routers: { written: 2, received: 2, waiting: [] },
  });
  const bars = [...markup(view).matchAll(/x="([\d.]+)%" width="([\d.]+)%"/g)];
  const places = bars.map(([, x, width]) => [Number(x), Number(width)]);
  expect(places).toEqual([
    [0, 25],
    [25, 37.5],
    [62.5, 12.5],
    [75, 25],
  ]);
});

/** The states of the differences, and the verdict of the page. */
const coherent: readonly [
  states: readonly CoherenceView['items'][number]['state'][],
  said: string,
][] = [
  [[], '5 addresses compared: the same everywhere'],
  [['different', 'missing_there'], '2 of 5 addresses not the same everywhere'],
  [['unknown', 'unknown'], '2 of 5 addresses not comparable yet'],
  [
    ['different', 'unknown'],
    '1 of 5 addresses not the same everywhere, 1 of 5 addresses not comparable yet',
  ],
];

test.each(coherent)('siblings with the states %j', (states, said) => {
  const view: CoherenceView = {
    compared: 5,
    siblings: [{ peer: 'RS4', counts: {} }],
    items: states.map((state) => ({ prefix: '2001:db8:30::1/128', state, siblings: [] })),
  };
  expect(textsOf(siblingsView(frame, view))).toContain(`| ${said} |`);
});
