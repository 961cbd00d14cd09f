import { describe, expect, test } from 'vitest';
import type { Config } from '#config/config.ts';
import { plan, planProcess } from '#config/plan.ts';
import { configOf, minimal, withPeer } from './files.ts';

const rows: readonly [before: string, after: string, want: string][] = [
  ['', '', 'none'],
  ['', 'description: x', 'none description'],
  ['', 'port: 1179', 'none port'],
  ['', 'local_as: 65009', 'reset local_as'],
  ['', 'local_address: 192.0.2.9', 'reset local_address'],
  ['', 'passive: true', 'none passive'],
  ['', 'enabled: false', 'reset enabled'],
  ['', 'hold_time: 6', 'reset hold_time'],
  ['', 'hold_time: 10m', 'reset hold_time send_hold_time'],
  ['', 'keepalive: 9', 'reset keepalive'],
  ['', 'min_hold_time: 9', 'reset min_hold_time'],
  ['', 'connect_retry: 9', 'none connect_retry'],
  ['', 'idle_hold: 2m', 'none idle_hold'],
  ['', 'send_hold_time: 2h', 'none send_hold_time'],
  ['', 'refresh_stale_time: 2h', 'none refresh_stale_time'],
  ['', 'multihop: 10', 'reset multihop'],
  ['', 'gtsm: true', 'reset gtsm'],
  ['role: rs', 'role: rs, role_strict: true', 'reset role_strict'],
  ['', 'password: a', 'reset password'],
  ['password: a', 'password: b', 'reset password'],
  ['password: a', 'password_env: KEY', 'none'],
  ['', 'families: [ipv4_unicast]', 'reset families'],
  ['families: [ipv6_unicast, ipv4_unicast]', '', 'none'],
  ['', 'import: all', 'policy import'],
  ['', 'export: all', 'policy export'],
  ['', 'max_prefix: { limit: 1 }', 'policy max_prefix max_prefix_received'],
  ['max_prefix: { limit: 1 }', 'max_prefix: { limit: 2 }', 'policy max_prefix'],
  ['max_prefix: { limit: 1 }', 'max_prefix: { limit: 1, action: restart }', 'policy max_prefix'],
  ['', 'max_prefix_received: { limit: 1 }', 'policy max_prefix_received'],
  ['', 'med: { missing: 5 }', 'policy med'],
  ['', 'max_attribute_bytes: 1MiB', 'policy max_attribute_bytes'],
  ['', 'accept_next_hop: any', 'policy accept_next_hop'],
  ['accept_next_hop: [10.0.0.0/8]', 'accept_next_hop: [11.0.0.0/8]', 'policy accept_next_hop'],
  ['', 'enforce_first_as: false', 'policy enforce_first_as'],
  ['', 'allow_as_sets: true', 'policy allow_as_sets'],
  ['', 'communities: interpret_well_known', 'policy communities'],
  ['', 'rs_client: false', 'policy rs_client'],
  ['', 'node: w1, site: dc1, rack: a', 'none node site rack'],
  ['name: A', 'name: A, node: A', 'none'],
  ['', 'hold_time: 6, import: all', 'reset hold_time import'],
];

describe('the effect of a reload on a peer', () => {
  test.each(rows)('from "%s" to "%s": %s', (before, after, want) => {
    const env = { KEY: 'a' };
    const [{ effect, why }] = plan(
      configOf(withPeer(before), {}, env),
      configOf(withPeer(after), {}, env),
    );
    expect([effect, ...why].join(' ')).toBe(want);
  });

  test('of another address or AS is a reset', () => {
    const before = named('address: 192.0.2.1, peer_as: 1');
    expect(plan(before, named('address: 192.0.2.2, peer_as: 1'))).toEqual([
      { peer: 'A', effect: 'reset', why: ['address'] },
    ]);
    expect(plan(before, named('address: 192.0.2.1, peer_as: [1, 2]'))).toEqual([
      { peer: 'A', effect: 'reset', why: ['peer_as'] },
    ]);
  });

  test('of a new name is an added peer and a removed one', () => {
    const a = configOf(withPeer('name: A'));
    const b = configOf(withPeer('name: B'));
    expect(plan(a, b)).toEqual([
      { peer: 'B', effect: 'add', why: [] },
      { peer: 'A', effect: 'remove', why: [] },
    ]);
  });

  test('that moves a key from the peer to its group is none', () => {
    const a = configOf(withPeer('hold_time: 6'));
    const text = minimal(
      'peer_groups: { g: { peer_as: 65001, hold_time: 6s } }\npeers: [{ address: 192.0.2.1, group: g }]\n',
    );
    expect(plan(a, configOf(text))).toMatchObject([{ effect: 'none', why: ['group'] }]);
  });
});

describe('the effect of a policy edit', () => {
  const before = configOf(withPolicy('[{ then: accept }]'));

  test('reaches the peers that use it, and resets none', () => {
    expect(plan(before, configOf(withPolicy('[{ then: reject }]')))).toEqual([
      { peer: 'A', effect: 'policy', why: ['import'] },
      { peer: 'B', effect: 'policy', why: ['export'] },
      { peer: 'C', effect: 'none', why: [] },
    ]);
  });

  test('that only moves lines is none', () => {
    const moved = configOf(`# a comment\n\n${withPolicy('[{ then: accept }]')}`);
    expect(plan(before, moved).map((peer) => peer.effect)).toEqual(['none', 'none', 'none']);
  });
});

describe('the effect of global keys', () => {
  const before = configOf(withPeer(''));
  test.each([
    ['router_id: 1.1.1.9', 'router_id: 1.1.1.8', 'reset', 'router_id'],
    ['local_as: 65002', 'local_as: 65003', 'reset', 'local_as'],
    ['peers:', 'decision: { med: always }\npeers:', 'policy', 'decision'],
    ['peers:', 'decision: { tie_break: oldest }\npeers:', 'policy', 'decision'],
  ])('%s -> %s: every peer %s', (replace, by, effect, why) => {
    expect(plan(before, changed(replace, by))).toEqual([{ peer: '192.0.2.1', effect, why: [why] }]);
  });

  test.each([
    ['listen: "127.0.0.1:1179"', 'listen', 'listen'],
    ['http: { listen: "127.0.0.1:1" }', 'http', 'listen'],
    ['http: { token_file: /t }', 'http', 'listen'],
    ['control: { socket: /tmp/s }', 'control', 'listen'],
    ['state_dir: /tmp', 'state_dir', 'restart'],
    ['log: { level: debug }', 'log', 'apply'],
    ['services: [{ name: web, prefix: 10.0.0.0/8 }]', 'services', 'apply'],
    ['ready_max_wait: 1', 'ready_max_wait', 'apply'],
    ['history: { max_age: 1d }', 'history', 'apply'],
    ['announce: { fqdn: true, software_version: true }', 'announce', 'apply'],
  ])('%s resets no session', (line, key, effect) => {
    const after = changed('peers:', `${line}\npeers:`);
    expect(planProcess(before, after)).toEqual([{ key, effect }]);
    expect(plan(before, after).map((peer) => peer.effect)).toEqual(['none']);
    expect(planProcess(before, before)).toEqual([]);
  });
});

test('another token in the file of a named token is a change of http', () => {
  const text = withPeer('').replace(
    'peers:',
    'http: { tokens: [{ name: deploy, file: /t, may: [drain] }] }\npeers:',
  );
  const of = (token: string) => configOf(text, { '/t': token });
  const one = 'a-token-of-some-length';
  expect(planProcess(of(one), of(one))).toEqual([]);
  expect(planProcess(of(one), of(`${one}-2`))).toEqual([{ key: 'http', effect: 'listen' }]);
});

function named(keys: string): Config {
  return configOf(minimal(`peers: [{ name: A, ${keys} }]\n`));
}

function withPolicy(rules: string): string {
  return minimal(
    `policies:\n  p: ${rules}\n  q: []\n` +
      'peers:\n' +
      '  - { name: A, address: 192.0.2.1, peer_as: 1, import: p, export: q }\n' +
      '  - { name: B, address: 192.0.2.2, peer_as: 2, import: q, export: p }\n' +
      '  - { name: C, address: 192.0.2.3, peer_as: 3, import: q, export: q }\n',
  );
}

function changed(replace: string, by: string): Config {
  return configOf(withPeer('').replace(replace, by), { '/t': 'token' });
}
