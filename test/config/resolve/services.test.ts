import { expect, test } from 'vitest';
import { minimal, problemsOf, withPeer } from '../files.ts';

const service = (probe: string): string =>
  `services: [{ name: web, prefix: 10.0.0.0/8, probe: ${probe} }]`;

test.each([
  ['neither', '{ interval: 1s }'],
  ['both', '{ tcp: { port: 80 }, http: {} }'],
])('a probe of %s kind is an error', (_name, probe) => {
  expect(problemsOf(minimal(`${service(probe)}\n`))).toEqual([
    expect.stringMatching(/ probe: expected exactly one of tcp and http$/),
  ]);
});

test('two services of one name are an error: only the first would be found by it', () => {
  const text =
    'services:\n  - { name: web, prefix: 10.0.0.0/8 }\n  - { name: web, prefix: 11.0.0.0/8 }\n';
  expect(problemsOf(minimal(text))).toEqual([
    '5:13 name: another service already has the name web',
  ]);
});

test('an address whose home is given twice, spelt differently, is an error', () => {
  const peer = withPeer('name: W1, node: w1, import: all');
  const home = '{ "2001:db8::1/128": w1, "2001:DB8::1/128": w1 }';
  const text = `services: [{ name: web, prefix: "2001:db8::/64+", home: ${home} }]`;
  expect(problemsOf(peer.replace('peers:', `${text}\npeers:`))).toEqual([
    expect.stringMatching(/ home: 2001:db8::1\/128 is given twice$/),
  ]);
});

test('a node that may give any next hop may not aim probes anywhere', () => {
  const text = withPeer('name: W1, import: all, accept_next_hop: any').replace(
    'peers:',
    `${service('{ tcp: { port: 80 } }')}\npeers:`,
  );
  expect(problemsOf(text)).toEqual([
    expect.stringMatching(/ probe: the peer W1 has accept_next_hop: any, .*; give a list$/),
  ]);
});

test.each([
  ['siblings: [RS4]', /siblings: no observer has the name RS4$/],
  ['siblings: [RS4]\nsole_route_server: true', /sole_route_server: contradicts siblings/],
])('%s', (lines, message) => {
  const problems = problemsOf(minimal(`${lines}\n`));
  expect(problems.some((problem) => message.test(problem))).toBe(true);
});

test.each([
  ['observer: true, import: all', /import: the routes of an observer are compared and never used/],
  ['observer: true, export: all', /export: nothing is sent to an observer/],
  ['observe: true, import: all', /observe: needs import: none/],
])('a peer with %s', (keys, message) => {
  expect(problemsOf(withPeer(keys))).toEqual([expect.stringMatching(message)]);
});
