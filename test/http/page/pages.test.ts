import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { ServiceAddressView } from '#api/views/service.ts';
import { bench } from '../app.ts';

/** The views, each with words that it must contain. */
const views: readonly [url: string, words: readonly string[]][] = [
  ['/', ['<caption>', '2001:db8:30::1/128', 'What the marks mean', 'the home of the address']],
  [
    '/?span=1h',
    [
      'TROUBLE: 1 of 3 addresses dark for 4 min 12 s',
      'In common:',
      'Siblings',
      'in 40 s',
      'Last causes',
      'without it 1 address would be dark',
      'Who served each address',
    ],
  ],
  ['/timeline?span=6h&service=web', ['Who served 2001:db8:30::1/128', 'aria-current="true">6h']],
  ['/events?kind=failover&peer=W1', ['<option value="failover" selected', 'value="W1"']],
  ['/failovers/f1', ['to scale', 'silent', 'W1', 'fingerpost show failovers f1']],
  ['/?service=web&state=ok', ['aria-current="true"']],
  [
    '/peers',
    ['W1', 'hold timer expired (4/0)', '4.7 of 6 s', '3 of 10', 'those that are down first'],
  ],
  [
    '/peers/W1',
    [
      'OPEN messages',
      '6 s, the shorter',
      '1.1.1.11',
      'multiprotocol',
      'Refused routes',
      'fingerpost show peer W1',
    ],
  ],
  ['/peers/DR7', ['What the doctor says', 'otherwise check address and port']],
  ['/peers/2001:db8:6::11', ['<h1>W1</h1>']],
  ['/route?prefix=2001:db8:30::1', ['Candidates', 'lost at', 'What the routers are sent']],
  ['/search?q=w', ['peers/W1', 'whatif?node=w1', '?service=web']],
  ['/search?q=AS65001', ['Routes with AS 65001 in their path']],
  ['/search?q=2001:db8:30::/48', ['Routes in 2001:db8:30::/48']],
  ['/search?q=nothing-like-it', ['Nothing was found']],
  ['/search?q=2001:db8:3O::1', ['3O::1: expected', 'Did you mean', '2001%3Adb8%3A30%3A%3A1%2F128']],
  ['/search?q=2001:db8:30:::1', ['Did you mean', '2001%3Adb8%3A30%3A%3A1%2F128']],
  ['/search?q=2001:db8:30::9', ['Nothing was found', '30::1/128</a>,', ' or ', '30::3/128</a>?']],
  ['/search?q=W11', ['Did you mean peer', '>W1</a>']],
  ['/siblings', ['Observed route servers', 'fingerpost show coherence']],
  ['/whatif', ['What if', 'whatif?node=w1']],
  ['/whatif?node=w1', ['If node w1 failed', 'fingerpost whatif --node w1']],
];

describe('a view', () => {
  test.each(views)('%s is complete without JavaScript', async (url, words) => {
    await using running = await bench();
    const { statusCode, body, headers } = await running.app.inject(url);
    expect([statusCode, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    for (const word of words) expect(body).toContain(word);
    expect(body).toMatch(/^<!doctype html><html lang="en">/);
    expect(body).not.toMatch(/undefined|NaN|\[object|%24%7B/);
  });

  test.each(views)(
    '%s asks for nothing from elsewhere, and no script or style stands in it',
    async (url) => {
      await using running = await bench();
      const { body, headers } = await running.app.inject(url);
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'sha256-");
      expect(policy).not.toContain('unsafe');
      const links = [...body.matchAll(/ (?:src|href|action|data-copy-from)="([^"]*)"/g)];
      expect(links.length).toBeGreaterThan(0);
      for (const [, link] of links) expect(link).not.toMatch(/^(?:\w+:|\/)/);
      expect(body).not.toMatch(/<script(?! type="module" src=)| on\w+=| style=/);
    },
  );
});

/** The URL, the status, and words of the page. */
const refused: readonly [url: string, status: number, words: string][] = [
  ['/peers/W77', 404, 'No peer has the name or address W77'],
  ['/failovers/f7', 404, 'No failover f7 is in the history'],
  ['/failovers/%3Cscript%3E', 404, 'No failover &lt;script'],
  ['/timeline?until=yesterday', 400, 'Yesterday: expected a time as'],
  ['/whatif?node=w9', 404, 'Unknown node w9; did you mean w1?'],
  ['/whatif?node=w1&site=dc1', 400, 'Expected one of node, site, rack, peer'],
];

test.each(refused)('%s is refused with %i, as a page', async (url, status, words) => {
  await using running = await bench();
  const { statusCode, body, headers } = await running.app.inject(url);
  expect([statusCode, headers['content-type']]).toEqual([status, 'text/html; charset=utf-8']);
  expect(body).toContain(words);
});

/** The encodings that a client accepts, and the one that it is sent. */
const encodings: readonly [taken: string | undefined, sent: string | undefined][] = [
  ['gzip, deflate, br, zstd', 'gzip'],
  ['br,gzip', 'gzip'],
  ['gzip;q=0.5', 'gzip'],
  ['gzip;q=0', undefined],
  ['x-gzip-like', undefined],
  ['br', undefined],
  [undefined, undefined],
];

test.each(encodings)(
  'a client that accepts %s is sent the same page as %s',
  async (taken, sent) => {
    await using running = await bench();
    const plain = await running.app.inject('/peers');
    const { rawPayload, headers } = await running.app.inject({
      url: '/peers',
      headers: taken === undefined ? {} : { 'accept-encoding': taken },
    });
    expect(headers['content-encoding']).toBe(sent);
    if (sent !== undefined) expect(headers.vary).toBe('accept-encoding');
    const body = sent === undefined ? rawPayload : gunzipSync(rawPayload);
    expect(body.toString()).toBe(plain.body);
  },
);

test('a search for an announced address leads to the page of that address', async () => {
  await using running = await bench();
  const { statusCode, headers } = await running.app.inject('/search?q=2001:db8:30::1');
  expect([statusCode, headers.location]).toEqual([
    302,
    'route?prefix=2001%3Adb8%3A30%3A%3A1%2F128',
  ]);
});

test.each([
  ['2001:db8:99::1', 'Nothing was found'],
  ['2001:db8:30::zz', 'expected an IPv4 or IPv6 address'],
  ['', 'Peers: their sessions'],
])(
  'the page of %j, which has no route, leads to the search, which says why',
  async (prefix, words) => {
    await using running = await bench();
    const { statusCode, headers } = await running.app.inject(`/route?prefix=${prefix}`);
    expect([statusCode, headers.location]).toEqual([302, `search?q=${encodeURIComponent(prefix)}`]);
    const search = await running.app.inject(`/${String(headers.location)}`);
    expect(search.statusCode).toBe(200);
    expect(search.body).toContain(words);
  },
);

test('below a sub-path of a proxy every link stays below it', async () => {
  await using running = await bench();
  for (const [url, start] of [
    ['/peers', ''],
    ['/peers/W1', '../'],
  ] as const) {
    const { body } = await running.app.inject(url);
    expect(body).toContain(
      `href="${start}peers/W1"`.replace('peers/W1', url === '/peers' ? 'peers/W1' : 'peers'),
    );
    expect(body).toMatch(new RegExp(`src="${start.replaceAll('.', '\\.')}page/app-`));
  }
});

const hostile = '</td><script>alert(1)</script>"\' onload=x \u202e\u0007';

test('foreign text is never markup, and cannot reverse a line', async () => {
  await using running = await bench();
  const [peer] = running.daemon.listPeers;
  Object.assign(peer, { description: hostile, last_error: { at: peer.since, text: hostile } });
  for (const url of [
    '/peers',
    '/peers/W1',
    `/search?q=${encodeURIComponent(hostile.slice(0, 60))}`,
  ]) {
    const { body } = await running.app.inject(url);
    expect(body).toContain('&lt;script');
    expect(body).not.toMatch(/<script>|\p{Bidi_Control}/u);
  }
});

/** A daemon of which address number 7777 is dark. */
function address(at: number): ServiceAddressView {
  return {
    prefix: `2001:db8::${at.toString(16)}/128`,
    state: at === 7777 ? 'absent' : 'ok',
    findings: at === 7777 ? ['no peer announces it'] : [],
    backups: ['w2'],
    paths: [{ node: 'w1', peer: 'W1', med: 100, band: 'up', healthy: true, best: true }],
    best: 'w1',
    best_changes: 0,
  };
}

describe('with very many addresses', () => {
  const addresses = Array.from({ length: 10_000 }, (_, at) => address(at));
  const service = {
    name: 'web',
    state: 'absent',
    min_healthy: 2,
    prefixes: [],
    addresses,
  } as const;

  test('the first page has the worst 200, with healthy ones folded, and links to the others', async () => {
    await using running = await bench();
    running.daemon.services = function* () {
      yield;
      return [{ ...service, prefixes: [] }];
    };
    const { body } = await running.app.inject('/');
    expect(body.match(/<tr id="a-/g)).toHaveLength(200);
    expect(body.indexOf('id="a-2001:db8::1e61/128"')).toBeLessThan(
      body.indexOf('id="a-2001:db8::0/128"'),
    );
    expect(body).toContain('<summary>9999 ok</summary>');
    expect(body).toContain('href="./?from=200"');
    const last = (await running.app.inject('/?from=9900')).body;
    expect(last.match(/<tr id="a-/g)).toHaveLength(100);
    expect(last).not.toContain('rel="next"');
  });
});

test('a page is made once for all requests at the same time', async () => {
  await using running = await bench();
  let made = 0;
  const { services } = running.daemon;
  running.daemon.services = () => {
    made++;
    return services();
  };
  const bodies = await Promise.all(Array.from({ length: 20 }, () => running.app.inject('/')));
  expect(new Set(bodies.map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
  expect(made).toBeLessThan(5);
});

/** The URL, the accepted types, the type of the answer, and its words. */
const unknownUrls: readonly [url: string, accept: string, type: RegExp, words: string][] = [
  ['/peer', 'text/html,*/*;q=0.8', /html/, 'There is no page peer.'],
  ['/%3Cscript%3E', 'text/html', /html/, 'There is no page &lt;script'],
  ['/peer', '*/*', /problem\+json/, 'no such URL: /peer'],
  ['/api/v1/peer', 'text/html', /problem\+json/, 'no such URL: /api/v1/peer'],
];

test.each(unknownUrls)(
  'an unknown URL %s is answered with 404 for a client that accepts %s',
  async (url, accept, type, words) => {
    await using running = await bench();
    const answer = await running.app.inject({ url, headers: { accept } });
    expect([answer.statusCode, answer.body]).toEqual([404, expect.stringContaining(words)]);
    expect(answer.headers['content-type']).toMatch(type);
  },
);

test('a second what-if while one is computed is refused for the moment', async () => {
  await using running = await bench();
  const { promise, resolve } = Promise.withResolvers<void>();
  const { simulate } = running.daemon;
  running.daemon.simulate = async (...words) => {
    running.daemon.simulate = simulate;
    await promise;
    return simulate(...words);
  };
  const first = running.app.inject('/api/v1/whatif?node=w1');
  await running.app.inject('/livez');
  await running.app.inject('/livez');
  const second = await running.app.inject('/api/v1/whatif?node=w2');
  const third = await running.app.inject('/whatif?node=w2');
  resolve();
  expect([second.statusCode, third.statusCode, (await first).statusCode]).toEqual([429, 429, 200]);
  expect((await running.app.inject('/whatif?node=w2')).statusCode).toBe(200);
});

test('an address of a small network is listed once, with the reason and the time since when it is affected', async () => {
  await using running = await bench();
  const { body } = await running.app.inject('/');
  const [main = ''] = /<main[^]*<\/main>/.exec(body) ?? [];
  const beforeTimeline = main.slice(0, main.indexOf('class="timelines"'));
  const rows = [...beforeTimeline.matchAll(/<th scope="row"><a[^>]*>([^<]*)</g)];
  const listed = rows.map(([, prefix]) => prefix);
  expect(listed.length).toBe(new Set(listed).size);
  expect(beforeTimeline).toMatch(/a-2001:db8:30::3[^]*4 min 12 s[^]*last served by w1/);
});
