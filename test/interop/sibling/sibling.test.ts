import { expect, it } from 'vitest';
import type { MatchSourceValue, SetSourceValue } from '#config/schema/schema-policy.ts';
import { peerDaemons } from '#interop/render/peer-daemons.ts';
import { renderPeer } from '#interop/render/render.ts';
import { RenderError } from '#interop/render/target.ts';
import { siblingDaemons } from '#interop/sibling/sibling-daemons.ts';
import { renderSibling } from '#interop/sibling/sibling.ts';
import { configOf, minimal } from '../../config/files.ts';

const withRule = (rule: string, more = '') =>
  configOf(
    minimal(
      `policies: { p: [${rule}] }\npeers:\n  - { name: A, address: 192.0.2.1, peer_as: 65001, import: p, export: all ${more}}\n`,
    ),
  );

it.each([
  ['{ match: { as_path_length: "64-" }, then: reject }', 'compare the length of AS_PATH'],
  ['{ match: { med: "1-9" }, then: reject }', 'compare MED with a range'],
  ['{ set: { med: "+1" }, then: accept }', 'add to a MED'],
  ['{ match: { ext_community: "rt:1:1" }, then: accept }', 'match these extended communities'],
])('gives the place of a rule that FRR cannot express: %s', (rule, words) => {
  const render = () => renderSibling(withRule(rule), 'frr');
  expect(render).toThrow(RenderError);
  expect(render).toThrow(`/etc/fp.yaml:3: FRR cannot ${words}`);
  expect(renderSibling(withRule(rule), 'bird')).toContain('function policy_p()');
});

it.each(
  siblingDaemons.flatMap((daemon) => [
    [daemon, 'rpki: invalid', 'rpki'] as const,
    [daemon, 'aspa: [valid, unknown]', 'aspa'] as const,
  ]),
)('refuses to render for %s a rule whose validation would be lost: %s', (daemon, match, key) => {
  const config = withRule(`{ match: { ${match} }, then: reject }`, ', role: rs');
  const render = () => renderSibling(config, daemon, 'ipv4');
  expect(render).toThrow(RenderError);
  expect(render).toThrow(
    `/etc/fp.yaml:3: the configuration of ${daemon === 'frr' ? 'FRR' : 'BIRD'}`,
  );
  expect(render).toThrow(`this rule (${key}) would be lost`);
});

it.each([
  ['bird', 'protocol rpki cache_c'],
  ['frr', 'rpki cache 192.0.2.9 323 preference 1'],
] as const)('has the caches for %s only if a rule asks for them', (daemon, words) => {
  const text = (rule: string) =>
    renderSibling(
      configOf(
        minimal(
          `rpki: { caches: [{ name: c, address: "192.0.2.9:323" }] }\npolicies: { p: [${rule}] }\npeers:\n  - { name: A, address: 192.0.2.1, peer_as: 65001, import: p }\n`,
        ),
      ),
      daemon,
    );
  expect(text('{ match: { rpki: invalid }, then: reject }')).toContain(words);
  expect(text('{ then: accept }')).not.toContain(words);
});

it.each([
  [
    '{ match: { med: "0-9" }, then: accept }',
    '(! defined(bgp_med) || (defined(bgp_med) && bgp_med <= 9))',
  ],
  [
    '{ match: { as_path_length: ["3", "64-"] }, then: reject }',
    '(bgp_path.len = 3 || (bgp_path.len >= 64))',
  ],
  [
    '{ match: { ext_community: ["rt:1:*", "generic:0x43000000:0x1"] }, then: accept }',
    'bgp_ext_community ~ [ (rt, 1, *), (generic, 0x43000000, 0x1) ]',
  ],
  [
    '{ match: { as_path: [1, "64512-65534"] }, then: reject }',
    '(bgp_path ~ [= * 1 * =] || bgp_path ~ [= * 64512..65534 * =])',
  ],
  ['{ match: { origin_as: [1, "7-9"] }, then: reject }', 'bgp_path.last ~ [ 1, 7..9 ]'],
  ['{ match: { peer: A }, then: accept }', 'if proto = "A" then accept;'],
  ['{ set: { prepend: [1, 2] }, then: accept }', 'bgp_path.prepend(2);\n  bgp_path.prepend(1);'],
])('writes for BIRD: %s', (rule, words) => {
  expect(renderSibling(withRule(rule), 'bird')).toContain(words);
});

it('has at most one condition on AS_PATH in an entry of a route map, since FRR keeps only the last', () => {
  const rule = '{ match: { as_path: [1, 2], origin_as: 2 }, then: reject }';
  const text = renderSibling(withRule(rule), 'frr');
  expect(text).toContain('permit _1_(.*_)?2$\n');
  expect(text).toContain('permit _2$\n');
  for (const entry of text.split('route-map ')) {
    expect(entry.match(/match as-path/g) ?? []).not.toHaveLength(2);
  }
});

it.each([
  [
    'as_path: "64512-65534"',
    ['_(6451[2-9]|645[2-9][0-9]|64[6-9][0-9][0-9]|65[0-4][0-9][0-9]|655[0-2][0-9]|6553[0-4])_'],
  ],
  ['origin_as: ["10-19", 7]', ['_1[0-9]$', '_7$']],
  ['as_path: "10-29", origin_as: "20-39"', ['_2[0-9]$', '_[1-2][0-9]_(.*_)?[2-3][0-9]$']],
  ['as_path: "10-39", origin_as: "20-29"', ['_2[0-9]$']],
  ['as_path: "10-19", origin_as: "20-29"', ['_1[0-9]_(.*_)?2[0-9]$']],
])('writes ranges of AS numbers for FRR as digits: %s', (keys, rows) => {
  const text = renderSibling(withRule(`{ match: { ${keys} }, then: reject }`), 'frr');
  const lists = [...text.matchAll(/as-path access-list LIST-\d+ permit (.*)/g)].map(
    ([, row]) => row,
  );
  expect(lists.filter((row) => !row.startsWith('^'))).toEqual(rows);
});

/** One value for each key of a rule. */
const keysOfMatch = {
  prefix: 'prefix: 198.51.100.0/24',
  next_hop: 'next_hop: 192.0.2.0/24',
  peer: 'peer: B',
  peer_as: 'peer_as: 65009',
  as_path: 'as_path: 65009',
  origin_as: 'origin_as: 65009',
  as_path_length: 'as_path_length: 3',
  med: 'med: 100',
  community: 'community: "65000:1"',
  large_community: 'large_community: "65000:1:1"',
  ext_community: 'ext_community: "rt:65000:1"',
  rpki: 'rpki: valid',
  aspa: 'aspa: valid',
} satisfies Record<keyof MatchSourceValue, string>;
const keysOfSet = {
  med: 'med: 100',
  local_pref: 'local_pref: 200',
  add_communities: 'add_communities: "65000:1"',
  remove_communities: 'remove_communities: "65000:1"',
  prepend: 'prepend: 65000',
  next_hop: 'next_hop: 192.0.2.9',
  blackhole: 'blackhole: 192.0.2.9',
} satisfies Record<keyof SetSourceValue, string>;

it.each(
  siblingDaemons.flatMap((daemon) => [
    ...Object.values(keysOfMatch).map((key) => [daemon, `match: { ${key} }`] as const),
    ...Object.values(keysOfSet).map((key) => [daemon, `set: { ${key} }`] as const),
  ]),
)('loses no key of a rule for %s: %s is rendered or refused', (daemon, key) => {
  const policies = key.includes('blackhole') ? 'import: all, export: q' : 'import: q';
  const text = (rule: string): string =>
    renderSibling(
      configOf(
        minimal(`policies: { q: [{ ${rule}then: accept }] }
peers:
  - { name: A, address: 192.0.2.1, peer_as: 65001, role: rs, blackhole: true, ${policies} }
  - { name: B, address: 192.0.2.2, peer_as: 65009 }
`),
      ),
      daemon,
      'ipv4',
    );
  const without = text('');
  try {
    expect(text(`${key}, `)).not.toBe(without);
  } catch (error) {
    if (!(error instanceof RenderError)) throw error;
  }
});

it('never renders a password', () => {
  const config = withRule('{ then: accept }', ', password: s3cret ');
  for (const daemon of siblingDaemons) {
    expect(renderSibling(config, daemon)).not.toContain('s3cret');
  }
});

const bothFamilies = `policies:
  p: [{ match: { prefix: ["192.0.2.0/24+", "2001:db8::/32+"], next_hop: 192.0.2.0/24 }, set: { next_hop: 192.0.2.9 }, then: accept }]
peers:
  - { name: A, address: 192.0.2.1, peer_as: 65001, import: p, export: all }
  - { name: B, address: "2001:db8::1", peer_as: 65004, import: p, export: all, families: [ipv6_unicast], accept_next_hop: any }
  - { name: C, address: "2001:db8::3", peer_as: 65003, import: p, families: [ipv4_unicast], accept_next_hop: ["192.0.2.0/24"] }
`;

it('asks for the family where BIRD 1.6 needs two files', () => {
  const config = configOf(minimal(bothFamilies));
  expect(() => renderSibling(config, 'bird1.6')).toThrow(
    'BIRD 1.6 is two programs, each with a file of its own: give --family ipv4 for bird, and --family ipv6 for bird6',
  );
});

it.each([
  {
    family: 'ipv4',
    has: ['protocol bgp A {', 'net ~ [ 192.0.2.0/24+ ]', 'then {\n    bgp_next_hop = 192.0.2.9;'],
    hasNot: ['2001:db8', 'protocol bgp B', 'net.type', 'is_v4'],
    notes: ['The program is bird:', 'not ipv4: B, C.', 'no other family: A.'],
  },
  {
    family: 'ipv6',
    has: ['protocol bgp B {', 'net ~ [ 2001:db8::/32+ ]', 'false'],
    hasNot: ['192.0.2.', 'protocol bgp A', 'net.type', 'is_v4'],
    notes: ['The program is bird6:', 'not ipv6: A, C.'],
  },
] as const)(
  'writes for BIRD 1.6 what belongs to $family and nothing of the other family',
  ({ family, has, hasNot, notes }) => {
    const text = renderSibling(configOf(minimal(bothFamilies)), 'bird1.6', family);
    const rows = text.split('\n');
    const comments = rows.filter((row) => row.startsWith('#')).join('\n');
    const rest = rows.filter((row) => !row.startsWith('#')).join('\n');
    for (const words of has) expect(rest).toContain(words);
    for (const words of hasNot) expect(rest).not.toContain(words);
    for (const words of notes) expect(comments).toContain(words);
  },
);

it('reports that BIRD 1.6 has no ranges of peers, and that no peer is of the family', () => {
  const range = configOf(
    minimal('peer_ranges:\n  - { range: 192.0.2.0/29, peer_as: 65001, import: all }\n'),
  );
  expect(() => renderSibling(range, 'bird1.6')).toThrow(
    'range 192.0.2.0/29: BIRD 1.6 has no ranges of peers',
  );
  expect(() => renderSibling(range, 'bird1.6', 'ipv6')).toThrow('no peer has an ipv6 address');
});

it('gives the session of a peer a name that is not a keyword of BIRD', () => {
  const config = configOf(
    minimal(
      'policies: { p: [{ match: { peer: import }, then: accept }] }\npeers:\n  - { name: import, address: 192.0.2.1, peer_as: 65001, import: p }\n',
    ),
  );
  for (const daemon of ['bird', 'bird1.6'] as const) {
    const text = renderSibling(config, daemon);
    expect(text).toContain('protocol bgp Import {');
    expect(text).toContain('proto = "Import"');
  }
});

it('announces over a session only the addresses whose next hop its own address can be', () => {
  const config = configOf(
    minimal(`listen: ["192.0.2.9:179", "[2001:db8::9]:179"]
peers:
  - { name: W1, address: "2001:db8::1", peer_as: 65001, import: all, node: w1 }
  - { name: W2, address: 192.0.2.2, peer_as: 65001, import: all, node: w2 }
services:
  - { name: web, prefix: ["198.51.100.1/32", "2001:db8:30::1/128"] }
`),
  );
  for (const daemon of peerDaemons) {
    expect(renderPeer(config, daemon, 'W1')).not.toContain('198.51.100.1');
    expect(renderPeer(config, daemon, 'W1')).toContain('2001:db8:30::1');
    expect(renderPeer(config, daemon, 'W2')).not.toContain('2001:db8:30::1');
  }
});

it.each([
  ['bird', 'ttl security on;'],
  ['bird1.6', 'ttl security on;'],
  ['frr', 'neighbor 192.0.2.9 ttl-security hops 1'],
  ['openbgpd', 'ttl-security yes'],
  ['gobgp', 'ttl-min = 255'],
  ['exabgp', 'outgoing-ttl 255;'],
] as const)('makes %s protect the session by TTL where we do', (daemon, words) => {
  const config = configOf(
    minimal(
      'listen: ["192.0.2.9:179"]\npeers:\n  - { name: A, address: 192.0.2.1, peer_as: 65001, import: all, gtsm: true }\n',
    ),
  );
  expect(renderPeer(config, daemon, 'A')).toContain(words);
});

it('says which family a peer lacks for BIRD 1.6', () => {
  const config = configOf(
    minimal(
      'listen: ["[2001:db8::9]:179"]\npeers:\n  - { name: A, address: "2001:db8::1", peer_as: 65001, export: all, families: [ipv4_unicast] }\n',
    ),
  );
  expect(() => renderPeer(config, 'bird1.6', 'A')).toThrow(
    'A: BIRD 1.6 carries only ipv6_unicast over this session; add it to the families of the peer',
  );
});
