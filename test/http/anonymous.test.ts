import { expect, test } from 'vitest';
import { anonymous } from '#api/anonymous.ts';
import { eventView } from '#api/events/event-view.ts';
import type { DaemonEvent } from '#api/events/events.ts';
import { bench } from './app.ts';
import { at, type FakeDaemon } from './fake-daemon.ts';
import { got } from './got.ts';

const alice = { uid: 0, user: 'alice' };
/** Words that no reader without a token may see. */
const said = ['alice', 'uid 0', 'new kernel', 'switch replaced'];

const events: readonly DaemonEvent[] = [
  {
    event: 'drain',
    drain: 'd1',
    target: 'node w1',
    text: 'node w1 is drained by uid 0 (says: alice): new kernel',
    by: alice,
    comment: 'new kernel',
  },
  { event: 'note', text: 'new kernel', by: alice },
  {
    event: 'config_rolled_back',
    file: 'fp.yaml',
    hash: '3f2a9c01',
    text: '71bd0e55, loaded by uid 0 (says: alice), was not confirmed in time',
    by: alice,
    cause: { kind: 'config', text: 'not confirmed in time', by: alice },
  },
  { event: 'command', text: 'disable W1', comment: 'switch replaced', ok: true, by: alice },
  {
    event: 'peer_down',
    peer: 'W1',
    address: '2001:db8::1',
    reason: 'notification_received',
    text: 'Cease/Administrative Shutdown: switch replaced (alice)',
    cause: {
      kind: 'notification_received',
      text: 'Cease/Administrative Shutdown: switch replaced (alice)',
      by: alice,
    },
  },
  {
    event: 'notification',
    peer: 'W1',
    direction: 'received',
    code: 6,
    subcode: 4,
    text: 'Cease/Administrative Reset: new kernel',
  },
];

/** Every operator in this data has a name and a comment. */
function talkative(daemon: FakeDaemon): void {
  daemon.recorded = events.map((event, index) => eventView(event, at(0), String(index)));
  const { failovers, explain } = daemon;
  const cause = { kind: 'drain', text: 'node w1 is drained', by: alice } as const;
  daemon.explain = (...asked) => {
    const known = explain(...asked);
    return known === undefined ? known : { ...known, last_served: { until: at(0), cause } };
  };
  daemon.failovers = async (...asked) => {
    const { items, ...more } = await failovers(...asked);
    return { items: items.map((item) => ({ ...item, cause })), ...more };
  };
}

type Shape = Readonly<Record<string, unknown>>;

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Shape>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Shape>> };
}

/** Whether an answer of this shape may name an operator or quote one. */
function mayName(document: Document, shape: unknown, seen = new Set<string>()): boolean {
  if (typeof shape !== 'object' || shape === null) return false;
  return Object.entries(shape).some(([key, part]) => {
    if (key === 'comment' || key === 'disabled') return true;
    if (key !== '$ref') return mayName(document, part, seen);
    const name = String(part).split('/').at(-1) ?? '';
    if (name === 'By') return true;
    if (seen.has(name)) return false;
    seen.add(name);
    return mayName(document, document.components.schemas[name], seen);
  });
}

/** The URLs of all GETs whose answer may name an operator, with values for their parameters. */
function urlsIn(document: Document): string[] {
  return Object.entries(document.paths)
    .filter(([, methods]) => mayName(document, methods.get?.responses))
    .map(([url]) => url.replace('drains/{id}', 'drains/d1').replace('peers/{name}', 'peers/DR8'))
    .map((url) => (url.endsWith('/explain') ? `${url}?prefix=2001:db8:30::1` : url));
}

test('every answer that may name an operator does so over the control socket, but not to a reader without a token', async () => {
  await using control = await bench('control');
  await using open = await bench('never');
  for (const { daemon } of [control, open]) talkative(daemon);
  const document = (await control.app.inject('/openapi.json')).json<Document>();
  const urls = urlsIn(document);
  expect(urls).toContain('/api/v1/drains');
  expect(urls).toContain('/api/v1/peers/DR8');
  expect(urls).toContain('/api/v1/events');
  for (const url of urls) {
    const [named, unnamed] = [await control.app.inject(url), await open.app.inject(url)];
    expect([url, named.statusCode, unnamed.statusCode]).toEqual([url, 200, 200]);
    const found = (text: string) => said.filter((word) => text.includes(word));
    expect([url, found(named.body)]).not.toEqual([url, []]);
    expect([url, found(unnamed.body)]).toEqual([url, []]);
  }
});

test.each(['/', '/peers', '/peers/DR8', '/api/birdwatcher', '/birdwatcher/protocols/bgp'])(
  'the page or list %s names no operator and quotes none',
  async (url) => {
    await using open = await bench('never');
    talkative(open.daemon);
    const { body } = await open.app.inject(url);
    expect(said.filter((word) => body.includes(word))).toEqual([]);
  },
);

test('a stream opened without a token quotes no operator, neither in its snapshot nor in an event', async () => {
  await using open = await bench('never');
  const readable = open.stream.open(undefined, false).setEncoding('utf8');
  for (const event of events) open.daemon.emit(event);
  const text = await got(readable);
  expect(text).toContain('DR8');
  expect(text).toContain('Administrative Shutdown');
  expect(said.filter((word) => text.includes(word))).toEqual([]);
});

test.each([
  ['Cease/Administrative Shutdown: by bob', 'Cease/Administrative Shutdown'],
  [
    '%NOTIFICATION: sent to peer W1 6/2 (Cease/Administrative Shutdown: a\nb)',
    '%NOTIFICATION: sent to peer W1 6/2 (Cease/Administrative Shutdown)',
  ],
  ['Cease/Administrative Shutdown', 'Cease/Administrative Shutdown'],
  ['hold timer expired: 4/0', 'hold timer expired: 4/0'],
])('the text of a shutdown is left out of %j', (line, expected) => {
  expect(anonymous({ text: line })).toEqual({ text: expected });
});

test('the other parts of a failover are kept beside the text of a shutdown', () => {
  const cause = { kind: 'notification_received', text: 'Cease/Administrative Shutdown: by bob' };
  const line = `moved from W1 to W2: ${cause.text} | decided +0.4 ms`;
  expect(anonymous({ text: line, failover: { cause } })).toEqual({
    text: 'moved from W1 to W2: Cease/Administrative Shutdown | decided +0.4 ms',
    failover: { cause: { ...cause, text: 'Cease/Administrative Shutdown' } },
  });
});

test('data without names is not copied', () => {
  const answer = { items: [{ name: 'W1', held: { by: 'max_paths' } }] };
  expect(anonymous(answer)).toBe(answer);
});
