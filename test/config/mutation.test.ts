import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { load, mainFile } from './files.ts';

/** A configuration with every kind of key at least once; it need not be valid. */
const everything = `
router_id: 1.1.1.9
local_as: 65002
listen: ["[::1]:179", 127.0.0.1:179]
http: { listen: 127.0.0.1:9179 }
log: { level: info }
include: [more.yaml]
start_gate: { max_delay: 10s }
history: { max_size: 1MiB, max_age: 1d }
announce: { fqdn: true }
bmp: [{ address: 127.0.0.1:1, monitor: [loc_rib] }]
mrt: { updates: { directory: /tmp, rotate: 5m, keep: 1d }, tables: { directory: mrt, compress: none }, max_size: 1GiB }
rpki: { caches: [{ address: '127.0.0.1:1' }] }
decision: { med: always }
policies:
  p:
    - { name: x, match: { prefix: "10.0.0.0/8+", med: "0-9", community: "1:*" }, then: next }
    - { match: { peer: A, rpki: valid, ext_community: "rt:1:1" }, set: { med: +1, prepend: 1 } }
    - { set: { next_hop: "::1", add_communities: ["1:1", "1:2:3"] }, then: accept }
peer_groups:
  g: &g
    peer_as: [1, 2]
    password: x
    max_prefix: { ipv4_unicast: { limit: 1 } }
    graceful_restart: { long_lived: 5 }
  h: *g
peers:
  - { name: A, address: 10.0.0.1, group: g, import: [p], export: all, bfd: { interval: 1 } }
  - { address: "fe80::1%eth0", peer_as: any, accept_next_hop: ["10.0.0.0/8"], role: rs }
peer_ranges: [{ range: 10.0.0.0/8, group: h, max_peers: 5 }]
services: [{ name: web, prefix: 10.0.0.0/8, home: { 10.0.0.1/32: A }, med_bands: { up: 0-9 } }]
`;

const words =
  '&a *a *g !!int null 0 -1 1e9 .inf .nan 0x10 :: ::/0 10.0.0.0/33 none all true x ' +
  '__proto__ constructor peers name group then';
const bits = words
  .split(' ')
  .concat(Array.from(' \n\t:-{}[],"\'#|>~%?\0\u00e9\ud800'))
  .concat(['', '  ', ': ', '- ', '<<: *g', '---\n', '...\n', '? ']);

/** Cuts a piece out of the text and puts another in its place. */
const edit = fc.record({
  at: fc.nat(),
  length: fc.nat({ max: 12 }),
  by: fc.oneof(fc.constantFrom(...bits), fc.string({ maxLength: 4 })),
});

function edited(
  text: string,
  edits: readonly { at: number; length: number; by: string }[],
): string {
  let result = text;
  for (const { at, length, by } of edits) {
    const start = at % (result.length + 1);
    result = result.slice(0, start) + by + result.slice(start + length);
  }
  return result;
}

function expectOrderlyOutcome(text: string): void {
  const outcome = load(text, { '/etc/more.yaml': 'peers: []\n' });
  if (outcome.ok) {
    expect(outcome.config.hash).toMatch(/^[0-9a-f]{16}$/);
    return;
  }
  expect(outcome.problems.length).toBeGreaterThan(0);
  for (const { file, line, column, message } of outcome.problems) {
    expect([mainFile, '/etc/more.yaml']).toContain(file);
    expect(line).toBeGreaterThan(0);
    expect(line).toBeLessThanOrEqual(text.split('\n').length);
    expect(column).toBeGreaterThan(0);
    expect(message).not.toMatch(/undefined|NaN|\[object/);
  }
}

test('a mutated configuration gives a Config or problems, and nothing is thrown', () => {
  const edits = fc.array(edit, { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(edits, (list) => expectOrderlyOutcome(edited(everything, list))),
    { numRuns: 300 },
  );
});

test('a mutated example gives a Config or problems', () => {
  const text = readFileSync('deploy/examples/service-ha.yaml', 'utf8');
  const edits = fc.array(edit, { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(edits, (list) => expectOrderlyOutcome(edited(text, list))),
    { numRuns: 100 },
  );
});

test('any text gives a Config or problems', () => {
  fc.assert(fc.property(fc.string({ maxLength: 200 }), expectOrderlyOutcome));
});

test('aliases that would expand without end are refused', () => {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level < 9; level++) {
    const alias = `*a${level - 1}`;
    lines.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => alias).join(', ')}]`);
  }
  const outcome = load(lines.join('\n'));
  expect(outcome).toMatchObject({
    ok: false,
    problems: [{ line: 1, message: 'the aliases in this file expand to too many values' }],
  });
});
