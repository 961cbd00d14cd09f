import { expect, test } from 'vitest';
import { warningsOf } from '#config/warnings.ts';
import { configOf, minimal, withPeer } from './files.ts';

function warnings(text: string, networks?: readonly string[]): string[] {
  const whole = `${text.trimEnd()}\nstate_dir: state\n`;
  return warningsOf(configOf(whole), networks).map(({ line, message }) => `${line} ${message}`);
}

test('check warns if there is no state_dir in which to remember the peers that were up', () => {
  expect(warningsOf(configOf(minimal())).map(({ message }) => message)).toEqual([
    'no state_dir: after a restart the daemon does not know which peers were up before, and reports that it is ' +
      'ready before they are back',
  ]);
});

test('check warns of a history without state_dir, where it would be stored', () => {
  const config = configOf(minimal('history: { max_age: 1d }\n'));
  expect(warningsOf(config).map(({ message }) => message)).toContain(
    'history: accepted, but has no effect without state_dir',
  );
});

const limited = 'max_prefix_received: { limit: 9 }';
const unlimited = 'families: [ipv4_unicast], import: all, name: A';
const quiet = `${unlimited}, ${limited}`;

/** Returns a node with these keys, and two addresses whose home it is. */
function homes(keys: string): string {
  return `peers: [{ name: w1, address: 192.0.2.1, peer_as: 65001, families: [ipv4_unicast], ${limited}, ${keys} }]
services: [{ name: web, prefix: "10.0.0.0/8+", home: { 10.0.0.1/32: w1, 10.1.0.1/32: w1 } }]
`;
}

const rows: readonly { name: string; given: string; want: readonly string[] }[] = [
  { name: 'nothing to say', given: withPeer(quiet), want: [] },
  {
    name: 'no policy either way',
    given: withPeer('name: A'),
    want: ['4 A: import and export are none: no routes are accepted or advertised (RFC 8212)'],
  },
  {
    name: 'an address at home that no policy accepts',
    given: `${minimal('policies: { ours: [{ match: { prefix: "10.0.0.0/24{32,32}" }, then: accept }] }\n')}${homes('import: ours')}`,
    want: ['5 web: home lists 10.1.0.1/32, which no import policy accepts'],
  },
  {
    name: 'an address at home where everything is accepted',
    given: minimal(homes('import: all')),
    want: [],
  },
  {
    name: 'an address at home that is not of the service',
    given: minimal(homes('import: all').replace('10.1.0.1/32', '11.1.0.1/32')),
    want: ['4 web: home lists 11.1.0.1/32, which is no address of the service: see its prefix'],
  },
  {
    name: 'a service whose addresses all belong to the one before it',
    given: minimal(`services:
  - { name: web, prefix: "10.1.0.0/24{32,32}" }
  - { name: mail, prefix: ["10.2.0.1/32", "10.1.0.0/25{32,32}"] }
  - { name: whole, prefix: "10.1.0.0/16{32,32}" }
`),
    want: ['5 mail: prefix 10.1.0.0/25{32,32} belongs to web, which comes first'],
  },
  {
    name: 'more healthy nodes than there are',
    given: minimal(homes('import: all').replace('home:', 'min_healthy: 2, home:')),
    want: [
      '4 web: min_healthy is 2, but only 1 node can announce routes: it is degraded at all times',
    ],
  },
  {
    name: 'bands of MED that overlap',
    given: minimal(homes('import: all').replace('home:', 'med_bands: { up: 0-500 }, home:')),
    want: ['4 web: med_bands: 500 is in up and in disabled, and counts as up'],
  },
  {
    name: 'a gap between bands of MED',
    given: minimal(
      homes('import: all').replace('home:', 'med_bands: { up: 1-99, down: 1001- }, home:'),
    ),
    want: [
      '4 web: med_bands: 0 is in no band, and counts as down',
      '4 web: med_bands: 100-499 is in no band, and counts as down',
      '4 web: med_bands: 1000 is in no band, and counts as down',
    ],
  },
  {
    name: 'BFD intervals in the wrong unit',
    given: withPeer(`${quiet}, hold_time: 9, bfd: { min_tx: 300, min_rx: 300 }`),
    want: [
      '4 A: bfd takes 900 s to detect a loss, longer than the hold time (9 s); min_tx and min_rx without a unit are seconds: write 300ms',
    ],
  },
  {
    name: 'no hold timer',
    given: withPeer(`${quiet}, hold_time: 0`),
    want: [
      '4 A: hold_time 0: the routes of a peer that dies without closing its session are never removed',
    ],
  },
  {
    name: 'a limit behind another',
    given: withPeer(`${quiet}, max_prefix: { limit: 10 }`),
    want: ['4 A: max_prefix can never be reached, because max_prefix_received is lower'],
  },
  {
    name: 'any number of routes',
    given: withPeer(unlimited),
    want: [
      '4 A: neither max_prefix nor max_prefix_received: the number of routes that the peer may send is not limited',
    ],
  },
  {
    name: 'a limit of accepted routes, which gives one of received routes',
    given: withPeer(`${unlimited}, max_prefix: { limit: 10 }`),
    want: [],
  },
  {
    name: 'a passive peer that can never connect',
    given: withPeer(`${quiet}, passive: true`).replace('peers:', 'listen: "[::]:179"\npeers:'),
    want: [
      '5 A: passive, but no listen address has the address family of 192.0.2.1: the peer can never connect',
    ],
  },
  {
    name: 'a dead node that keeps its routes',
    given: withPeer(`${quiet}, graceful_restart: { long_lived: 1h }`),
    want: [
      '4 A: graceful_restart helper: if the peer dies, its routes are kept for up to 120 s (restart_time) ' +
        'and then 3600 s as the last resort (long_lived), whatever hold_time is',
    ],
  },
  {
    name: 'a router that keeps the routes of a dead route server',
    given: withPeer(
      'families: [ipv4_unicast], export: all, name: A, ' +
        'graceful_restart: { restarter: true, restart_time: 20s }',
    ).replace('peers:', 'start_gate: 0\npeers:'),
    want: [
      '5 A: graceful_restart restarter: when this route server stops or dies, the peer keeps its ' +
        'routes for up to 20 s (restart_time), including those of nodes that die in that time',
      '5 A: graceful_restart restarter without start_gate: End-of-RIB is sent before our other ' +
        'peers are back, and the peer then removes the routes that it has kept',
    ],
  },
  {
    name: 'graceful restart of neither kind',
    given: withPeer(`${quiet}, graceful_restart: { helper: false }`),
    want: ['4 A: graceful_restart with neither helper nor restarter has the effect of notify_only'],
  },
  {
    name: 'a next hop that the peer cannot be',
    given: withPeer(`import: all, name: A, ${limited}`),
    want: [
      '4 A: accept_next_hop: peer refuses every ipv6_unicast route, because 192.0.2.1 cannot be ' +
        'their next hop; give a list of prefixes, or remove the family from families',
    ],
  },
  {
    name: 'an IPv6 peer can be the next hop of IPv4 routes, but of its own only',
    given: withPeer(`import: all, name: A, ${limited}`).replace('192.0.2.1', '"2001:db8::1"'),
    want: [
      '4 A: accept_next_hop: peer accepts ipv4_unicast routes only with the next hop 2001:db8::1 ' +
        '(RFC 8950); to accept others, give a list of prefixes, or remove the family from families',
    ],
  },
  {
    name: 'a link-local peer can be no next hop at all',
    given: withPeer(quiet).replace('192.0.2.1', '"fe80::1%eth0"'),
    want: [
      '4 A: accept_next_hop: peer refuses every ipv4_unicast route, because fe80::1%eth0 cannot be ' +
        'their next hop; give a list of prefixes, or remove the family from families',
    ],
  },
  {
    name: 'a peer without a password within a range that has one',
    given: withPeer(quiet).replace(
      'peers:',
      'peer_ranges: [{ range: 192.0.2.0/24, peer_as: 1, export: all, password: x }]\npeers:',
    ),
    want: [
      '5 A has no password, but is within 192.0.2.0/24, so its connections need the password of that range',
    ],
  },
  {
    name: 'a range without any policy',
    given: minimal('peer_ranges: [{ range: 192.0.2.0/24, peer_as: 1 }]\n'),
    want: [
      '3 192.0.2.0/24: import and export are none: no routes are accepted or advertised (RFC 8212)',
    ],
  },
  {
    name: 'a range whose peers may send any number of routes',
    given: minimal('peer_ranges: [{ range: 192.0.2.0/24, peer_as: 1, import: all }]\n'),
    want: [
      '3 192.0.2.0/24: neither max_prefix nor max_prefix_received: the number of routes that the peer may send is not limited',
    ],
  },
  {
    name: 'a list of next hops is what was asked for',
    given: withPeer(`import: all, accept_next_hop: ["2001:db8::/32"], ${limited}`),
    want: [],
  },
  {
    name: 'a policy of the other family',
    given: withPeer(`name: A, families: [ipv4_unicast], import: p, ${limited}`).replace(
      'peers:',
      'policies:\n  p: [{ match: { prefix: "2001:db8::/32" }, then: accept }]\npeers:',
    ),
    want: ["6 A: the policy p can never match a route of the peer's families"],
  },
  {
    name: 'rules that are never reached or do nothing',
    given: minimal(
      'policies:\n  p:\n    - match: { peer_as: 1 }\n    - then: reject\n    - then: accept\n',
    ),
    want: [
      '7 p: never reached, because the rule on line 6 already decides about every route',
      '5 p: this rule has no effect, because it sets nothing and decides nothing',
    ],
  },
  {
    name: 'a history that is kept',
    given: minimal('history: { max_age: 1d }\n'),
    want: [],
  },
];

test.each(rows)('$name', ({ given, want }) => {
  expect(warnings(given)).toEqual(want);
});

test.each([
  ['192.0.2.7', ['192.0.2.9/24'], 1],
  ['192.0.2.9', ['2001:db8:1:0::9/64', '192.0.2.9/24'], 0],
  ['192.0.2.7', undefined, 0],
])('local_address %s on a machine with %j: %i warnings', (address, networks, count) => {
  const given = withPeer(`${quiet}, multihop: 2, local_address: ${address}`);
  const message = `4 A: local_address ${address} is not an address of this machine`;
  expect(warnings(given, networks)).toEqual(count === 0 ? [] : [message]);
});

test('check warns of a peer with an address of this machine, unless it is a loopback address', () => {
  const message = '4 A: 192.0.2.1 is an address of this machine itself, not of a peer';
  expect(warnings(withPeer(quiet), ['192.0.2.1/24'])).toEqual([message]);
  const local = withPeer(quiet).replace('192.0.2.1', '127.0.0.1');
  expect(local).toContain('127.0.0.1');
  expect(warnings(local, ['127.0.0.1/8'])).toEqual([]);
});

test('check warns of a peer that is not on a connected network and has no multihop', () => {
  const message =
    '4 A: 192.0.2.1 is not in a connected network and multihop is not set, so packets are sent with TTL 64';
  expect(warnings(withPeer(quiet), ['198.51.100.1/24', '2001:db8::1/64'])).toEqual([message]);
  expect(warnings(withPeer(quiet), ['192.0.2.9/24'])).toEqual([]);
  expect(warnings(withPeer(`${quiet}, multihop: 5`), [])).toEqual([]);
});

const files = { '/t': 'a-token-that-is-long-enough-to-be-one\n' };
const inTheClear = 'http: tokens pass the network unencrypted, because';

/** Keys of `http`, and the warnings about its tokens. */
const tokenRows: readonly [http: string, words: readonly string[]][] = [
  ['token_file: /t', []],
  ['token_file: /t, listen: ["127.0.0.5:1", "[::1]:1"]', []],
  ['listen: "0.0.0.0:9179"', []],
  ['token_file: /t, external_url: "https://noc.example.net/rs9/"', []],
  [
    'token_file: /t, listen: ["127.0.0.1:1", "192.0.2.1:1", "[::]:2"]',
    [
      `${inTheClear} 192.0.2.1:1 and [::]:2 can be reached from other machines; listen on 127.0.0.1 behind a proxy that speaks TLS`,
    ],
  ],
  [
    'token_file: /t, external_url: "http://noc.example.net/rs9/"',
    [`${inTheClear} external_url begins with http:; use https:`],
  ],
];

test.each(tokenRows)(
  'check warns of tokens in the clear, if there are any: http: { %s }',
  (http, words) => {
    const config = configOf(minimal(`http: { ${http} }\nstate_dir: state\n`), files);
    expect(warningsOf(config).map(({ message }) => message)).toEqual(words);
  },
);

test('the host of the external address is one by which the daemon may be asked', () => {
  const http = 'hosts: [rs9], external_url: "https://noc.example.net:8443/rs9"';
  expect(configOf(minimal(`http: { ${http} }\n`)).http).toMatchObject({
    hosts: ['rs9', 'noc.example.net'],
    externalUrl: 'https://noc.example.net:8443/rs9/',
  });
});

test('a probe that ranks has no effect while a sibling still offers the node', () => {
  const text = withPeer('name: RS4, observer: true').replace(
    'peers:',
    'siblings: [RS4]\nservices: [{ name: web, prefix: 10.0.0.0/8, probe: { tcp: { port: 80 }, on_fail: rank_last } }]\npeers:',
  );
  const messages = warningsOf(configOf(text)).map(({ message }) => message);
  expect(messages).toContain(
    'web: on_fail: rank_last has no effect while a sibling (RS4) still offers the node',
  );
});

const twoNodes = (service: string): string =>
  minimal(`services: [{ name: web, prefix: 10.0.0.0/8, ${service} }]
peers:
  - { name: W1, address: 192.0.2.1, peer_as: 65001, import: all }
  - { name: W2, address: 192.0.2.2, peer_as: 65001, import: all }
  - { name: ER2, address: 192.0.2.8, peer_as: 65003, export: all }
`);

test.each([
  ['probe: { tcp: { port: 80 }, on_fail: rank_last }', /^web: on_fail: rank_last .* two nodes/],
  [
    'probe: { tcp: { port: 80 }, on_fail: rank_last }, brake: { max_share: 60% }',
    /^web: on_fail: rank_last .* two nodes/,
  ],
  ['on_last_withdrawal: { keep: 10m }', /^web: on_last_withdrawal: keep .* elsewhere \(anycast\)$/],
])('check warns of a service with %s', (service, expected) => {
  const messages = warningsOf(configOf(twoNodes(service))).map(({ message }) => message);
  expect(messages).toContainEqual(expect.stringMatching(expected));
});

test.each(['probe: { tcp: { port: 80 } }', 'on_last_withdrawal: remove'])(
  'check does not warn of a service with %s',
  (service) => {
    const messages = warningsOf(configOf(twoNodes(service))).map(({ message }) => message);
    expect(messages.filter((message) => message.startsWith('web:'))).toEqual([]);
  },
);
