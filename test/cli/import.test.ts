import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '#config/load.ts';
import { importConfig } from '#interop/import/import.ts';
import { ImportError } from '#interop/import/model.ts';
import { runWith } from './bench.ts';

const folder = mkdtempSync(join(tmpdir(), 'fingerpost-import-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Imported {
  readonly policies?: Readonly<Record<string, unknown>>;
  readonly peers: readonly Readonly<Record<string, unknown>>[];
  readonly peer_ranges?: readonly Readonly<Record<string, unknown>>[];
  readonly rpki?: unknown;
  readonly decision?: Readonly<Record<string, unknown>>;
}

/** Imports a text; the result must be a valid configuration, and the exit status `wanted`. */
async function imported(
  text: string,
  wanted = 0,
): Promise<{ yaml: Imported; notes: string[]; out: string }> {
  const file = join(folder, 'old.conf');
  writeFileSync(file, text);
  const { status, out, err } = await runWith(['import', file], {});
  expect({ status, err: status === wanted ? '' : err }).toEqual({ status: wanted, err: '' });
  const outcome = loadConfig('/new.yaml', { text: out });
  expect(outcome.ok ? [] : outcome.problems).toEqual([]);
  const notes = err.split('\n').filter((line) => line.startsWith(file));
  return {
    yaml: parse(out) as Imported,
    notes: notes.map((line) => line.slice(file.length + 1)),
    out,
  };
}

/**
 * The checks of a member as exchanges write them; with `true` and `false` exchanged, they are the function `is_bad`.
 */
const isGood =
  'function is_good(int as) { if bgp_path.first != as then return false; if bgp_path.len > 64 then return false; if bgp_path ~ [ 174, 701 ] then return false; if bgp_next_hop != from then return false; return true; }';
const isBad = isGood
  .replace('is_good', 'is_bad')
  .replaceAll(/true|false/g, (word) => (word === 'true' ? 'false' : 'true'));

/** A configuration of BIRD 2 with one peer whose import filter has this body, on line 4. */
function bird(body: string): string {
  return `router id 192.0.2.9;
function is_ours(int n) { return net ~ [ 198.51.100.0/24+ ] && net.len <= n; } function is_invalid() { case roa_check(r4) { ROA_INVALID: return true; } return false; }
${isGood} ${isBad} filter f {
${body}
}
protocol bgp a { local as 65002; neighbor 192.0.2.1 as 65001; rs client; ipv4 { import filter f; export none; }; }
`;
}

const prefix = { prefix: '198.51.100.0/24+' };

/** Returns the rules that a filter becomes; `undefined` for a policy that rejects everything. */
const filters: readonly [name: string, body: string, rules: unknown][] = [
  [
    'a set of prefixes',
    'if net ~ [ 198.51.100.0/24+ ] then accept;',
    [{ match: prefix, then: 'accept' }],
  ],
  [
    'routes that the RPKI has no origin for',
    'if roa_check(r4, net, bgp_path.last) = ROA_INVALID then reject; accept;',
    [{ match: { rpki: 'invalid' }, then: 'reject' }, { then: 'accept' }],
  ],
  [
    'states of a set, of the route itself',
    'if roa_check(r4) ~ [ ROA_VALID, ROA_UNKNOWN ] && net ~ [ 198.51.100.0/24+ ] then accept;',
    [{ match: { rpki: ['valid', 'not_found'], ...prefix }, then: 'accept' }],
  ],
  [
    'what is not valid',
    'if roa_check(r4, net, bgp_path.last_nonaggregated) != ROA_VALID then reject; if net ~ [ 198.51.100.0/24+ ] then accept;',
    [{ match: { rpki: 'valid', ...prefix }, then: 'accept' }],
  ],
  [
    'what is not in a set',
    'if ! (net ~ [ 198.51.100.0/24+ ]) then reject; accept;',
    [{ match: prefix, then: 'accept' }],
  ],
  [
    'the same by !~',
    'if net !~ [ 198.51.100.0/24+ ] then reject; accept;',
    [{ match: prefix, then: 'accept' }],
  ],
  [
    'two sets at once',
    'if net ~ [ 198.51.0.0/16{24,26} ] && net ~ [ 198.51.100.0/24+ ] then accept;',
    [{ match: { prefix: '198.51.100.0/24{24,26}' }, then: 'accept' }],
  ],
  [
    'sets that share nothing',
    'if net ~ [ 10.0.0.0/8+ ] && net ~ [ 11.0.0.0/8+ ] then accept; reject;',
    [],
  ],
  [
    'a function',
    'if is_ours(26) then accept;',
    [{ match: { prefix: '198.51.100.0/24{24,26}' }, then: 'accept' }],
  ],
  [
    'else if',
    'if bgp_med < 10 then accept; else if bgp_med < 20 then reject; else { bgp_med = 5; accept; }',
    [
      { match: { med: '0-9' }, then: 'accept' },
      { match: { med: '0-19' }, then: 'reject' },
      { set: { med: 5 }, then: 'accept' },
    ],
  ],
  [
    'what is written before a decision',
    'if (65001, 1) ~ bgp_community then bgp_local_pref = 50; if net ~ [ 198.51.100.0/24+ ] then accept;',
    [
      { match: { community: '65001:1', ...prefix }, set: { local_pref: 50 }, then: 'accept' },
      { match: { community: '65001:1' }, then: 'reject' },
      { match: prefix, then: 'accept' },
    ],
  ],
  [
    'values that are ORed',
    'if bgp_path.last = 1 || bgp_path.last = 2 then accept;',
    [{ match: { origin_as: [1, 2] }, then: 'accept' }],
  ],
  [
    'ranges of AS numbers, as lists of bogons have them',
    'if bgp_path ~ [ 0, 23456, 64496..64511, 65536..65551, 4200000000..4294967295 ] then reject; if bgp_path ~ [= * 64512..65534 * =] then reject; accept;',
    [
      {
        match: { as_path: [23456, '64496-64511', '65536-65551', '4200000000-', '64512-65534'] },
        then: 'reject',
      },
      { then: 'accept' },
    ],
  ],
  [
    'masks with a range or a set at one position',
    'if bgp_path ~ [= * 64512..65534 =] then reject; if bgp_path ~ [= * [1, 7..9] * =] then reject; if bgp_path ~ [= [5..6] =] then reject; accept;',
    [
      { match: { origin_as: '64512-65534' }, then: 'reject' },
      { match: { as_path: [1, '7-9'] }, then: 'reject' },
      { match: { origin_as: '5-6', as_path_length: 1 }, then: 'reject' },
      { match: { origin_as: '5-6' }, then: 'accept' },
      { then: 'accept' },
    ],
  ],
  [
    'a range of origins within another',
    'if bgp_path.last ~ [ 10..20, 30 ] then { if bgp_path.last ~ [ 0..12, 19..99 ] then accept; }',
    [{ match: { origin_as: ['10-12', '19-20', 30] }, then: 'accept' }],
  ],
  ['the first AS', 'if bgp_path.first != 65001 then reject; accept;', [{ then: 'accept' }]],
  [
    'a function of checks of which the first AS is one',
    'if is_bad(65001) then reject; accept;',
    [
      { match: { as_path_length: '65-' }, then: 'reject' },
      { match: { as_path: [174, 701] }, then: 'reject' },
      { then: 'accept' },
    ],
  ],
  [
    'the same as a function of what is good',
    'if ! is_good(65001) then reject; accept;',
    [
      { match: { as_path_length: '65-' }, then: 'reject' },
      { match: { as_path: [174, 701] }, then: 'reject' },
      { then: 'accept' },
    ],
  ],
  [
    'AS 0, which no policy is ever asked about',
    'if bgp_path ~ [ 0, 23456 ] then reject; if bgp_path ~ [= * 0 * =] then reject; accept;',
    [{ match: { as_path: 23456 }, then: 'reject' }, { then: 'accept' }],
  ],
  [
    'the first AS prepended, which is the number that was prepended before',
    'bgp_path.prepend(bgp_path.first); if bgp_med < 10 then { bgp_path.prepend(65002); bgp_path.prepend(bgp_path.first); } accept;',
    [
      { match: { med: '0-9' }, set: { prepend: [65002, 65002, 'first_as'] }, then: 'accept' },
      { set: { prepend: ['first_as'] }, then: 'accept' },
    ],
  ],
  [
    'a local variable',
    'int n = 24; if net.len > n then reject; accept;',
    [{ match: { prefix: '0.0.0.0/0{25,32}' }, then: 'reject' }, { then: 'accept' }],
  ],
];

it.each(filters)('BIRD: %s', async (_name, body, rules) => {
  const { yaml, notes } = await imported(bird(body));
  expect(yaml.policies?.f).toEqual(rules);
  expect(notes).toEqual([]);
});

it.each([
  [
    'if bgp_origin = ORIGIN_EGP then reject; accept;',
    '4: f: not understood; treated as false: bgp_origin = ORIGIN_EGP',
    1,
  ],
  [
    'if bgp_origin = ORIGIN_EGP then bgp_local_pref = 50; accept;',
    '4: f: not understood; treated as false: bgp_origin = ORIGIN_EGP',
    0,
  ],
  [
    'if ! (bgp_origin = ORIGIN_EGP) then reject; accept;',
    '4: f: not understood; treated as false: bgp_origin = ORIGIN_EGP',
    0,
  ],
  [
    'case roa_check(r4) { ROA_INVALID: reject; ROA_VALID: bgp_local_pref = 9; } accept;',
    '4: f: left out: case roa_check ( r4 ) { … }',
    1,
  ],
  [
    'case roa_check(r4) { ROA_VALID: bgp_local_pref = 9; } accept;',
    '4: f: left out: case roa_check ( r4 ) { … }',
    0,
  ],
  [
    'if is_invalid() then reject; accept;',
    '2: f: not understood; treated as false: case roa_check ( r4 ) { … }',
    1,
  ],
  ['bgp_origin = 0; accept;', '4: f: left out: bgp_origin = 0', 0],
  [
    'if (65001,1) ~ bgp_community && (65001,2) ~ bgp_community then reject; accept;',
    '6: f: no rule can have two conditions on community; routes that match both are neither accepted nor rejected here',
    1,
  ],
  [
    'bgp_med = 7; if bgp_med = 7 then accept;',
    '6: f: med is compared after it was written; the value that was received is compared instead',
    0,
  ],
])('BIRD: lists what is left out, with its line: %s', async (body, note, status) => {
  const { notes, out } = await imported(bird(body), status);
  expect(notes).toEqual([note]);
  const [line, ...text] = note.split(': ');
  expect(out).toContain(`#   line ${line}: ${text.join(': ')}`);
});

it('what rejects and was not understood comes first, on stderr and in the comments', async () => {
  const { notes, out } = await imported(
    bird(
      'bgp_origin = 0;\nif bgp_origin = ORIGIN_EGP then reject;\nif bgp_origin = ORIGIN_IGP then bgp_local_pref = 1; accept;',
    ),
    1,
  );
  const rejects = 'f: not understood; treated as false: bgp_origin = ORIGIN_EGP';
  const others = [
    'f: left out: bgp_origin = 0',
    'f: not understood; treated as false: bgp_origin = ORIGIN_IGP',
  ];
  expect(notes).toEqual([`5: ${rejects}`, `4: ${others[0]}`, `6: ${others[1]}`]);
  expect(out).toContain(
    `# Not imported, so that this configuration may accept or send what the original rejects:\n#   line 5: ${rejects}\n#\n# Not imported:\n#   line 4: ${others[0]}\n#   line 6: ${others[1]}\n`,
  );
});

it('conditions that are not understood and under which routes are only marked reject nothing, however many', async () => {
  const marks = Array.from(
    { length: 30 },
    (_, at) => `if bgp_origin = ORIGIN_${at} then bgp_community.add((65001,${at}));`,
  ).join('\n');
  await imported(bird(`${marks} accept;`), 0);
  const known = 'if net ~ [10.0.0.0/8+] then bgp_med = 5;';
  const rejects = 'if bgp_origin = ORIGIN_EGP then reject;';
  const { out } = await imported(bird(`${marks}\n${known}\n${rejects}\naccept;`), 1);
  const [, loose = ''] = out.split('may accept or send what the original rejects:\n');
  expect(loose.split('\n#\n')[0]).toBe(
    '#   line 35: f: not understood; treated as false: bgp_origin = ORIGIN_EGP',
  );
});

it.each([
  ['route-map M deny 5\n match source-protocol bgp\nroute-map M permit 10', 1],
  ['route-map M permit 5\n match source-protocol bgp\nroute-map M deny 10', 0],
  [
    'bgp as-path access-list A deny _1_2_\nbgp as-path access-list A permit .*\nroute-map M permit 10\n match as-path A',
    1,
  ],
])('FRR: exit status when a match is not understood: %j', async (lines, status) => {
  const { notes } = await imported(frr(lines), status);
  expect(notes).toEqual([expect.stringContaining('not understood; treated as false')]);
});

it('FRR: a distribute list, which rejects, is not imported', async () => {
  const text = frr('route-map M permit 10').replace(
    '  neighbor 192.0.2.1 route-map M in',
    '  neighbor 192.0.2.1 route-map M in\n  neighbor 192.0.2.1 distribute-list 7 in',
  );
  const { notes } = await imported(text, 1);
  expect(notes).toEqual([expect.stringContaining('left out: neighbor 192.0.2.1 distribute-list')]);
});

const twoLimits =
  'left out: the limit 10 of one family: max_prefix is the same for every family, and the larger limit, 20, is kept';

it('BIRD: imports the caches of protocol rpki, and its own ROAs only as a note', async () => {
  const { yaml, notes } = await imported(`${bird('accept;')}
roa4 table r4;
roa table old { roa 192.0.2.0/24 max 24 as 65001; }
protocol rpki near { roa4 { table r4; }; remote 127.0.0.1 port 3323; retry keep 90; refresh 900; expire keep 7200; }
protocol rpki far { roa4 { table r4; }; remote 2001:db8::1; transport tcp; }
protocol rpki secret { roa4 { table r4; }; remote 192.0.2.1 port 22; transport ssh { user "a"; }; }
protocol rpki named { roa4 { table r4; }; remote "rpki.example.net" port 323; }
`);
  expect(yaml.rpki).toEqual({
    caches: [
      { name: 'near', address: '127.0.0.1:3323' },
      { name: 'far', address: '[2001:db8::1]:323' },
    ],
    retry: '90s',
    refresh: '900s',
    expire: '7200s',
  });
  expect(notes.map((note) => note.replace(/^\d+: /, ''))).toEqual([
    expect.stringContaining('left out: roa table old'),
    'left out: protocol rpki secret: RTR over SSH is not supported',
    'left out: protocol rpki named: its cache has no address',
  ]);
});

it('FRR: imports the caches of rpki, and their use in route maps', async () => {
  const { yaml, notes } = await imported(`router bgp 65002
 bgp router-id 192.0.2.9
 neighbor 192.0.2.1 remote-as 65001
 address-family ipv4 unicast
  neighbor 192.0.2.1 route-server-client
  neighbor 192.0.2.1 route-map CHECKED in
 exit-address-family
route-map CHECKED deny 10
 match rpki invalid
route-map CHECKED permit 20
rpki
 rpki polling_period 1800
 rpki cache 127.0.0.1 3323 preference 1
 rpki cache tcp 2001:db8::1 323 preference 2
 rpki cache ssh 192.0.2.7 22 user /key /key.pub preference 3
exit
`);
  expect(yaml.rpki).toEqual({
    caches: [
      { address: '127.0.0.1:3323', preference: 1 },
      { address: '[2001:db8::1]:323', preference: 2 },
    ],
    refresh: '1800s',
  });
  expect(Object.values(yaml.policies ?? {})).toEqual([
    [{ match: { rpki: 'invalid' }, then: 'reject' }, { then: 'accept' }],
  ]);
  expect(notes).toEqual([expect.stringContaining('left out: rpki cache ssh')]);
});

it.each([
  ['bfd on', true, []],
  ['bfd graceful', true, []],
  ['bfd off', false, []],
  ['bfd { multiplier 5; }', true, ['6: a: the intervals of BFD are left out: add them to bfd']],
])('BIRD: %s', async (words, bfd, said) => {
  const { yaml, notes } = await imported(
    bird('accept;').replace('rs client;', `rs client; ${words};`),
  );
  expect(yaml.peers).toMatchObject([{ bfd }]);
  expect(notes).toEqual(said);
});

it.each([
  ['bfd', true],
  ['bfd profile fast', true],
  ['bfd 3 100 200', { multiplier: 3, min_rx: '100ms', min_tx: '200ms' }],
  ['bfd 3 10 10', true],
])('FRR: neighbor 192.0.2.1 %s', async (words, bfd) => {
  const text = frr('route-map M permit 10').replace(
    ' address-family',
    ` neighbor 192.0.2.1 ${words}\n address-family`,
  );
  const { yaml, notes } = await imported(text);
  expect(yaml.peers).toMatchObject([{ bfd }]);
  expect(notes).toEqual([]);
});

it('a word in place of a number is left out, with a note', async () => {
  const { yaml, notes } = await imported(
    bird('accept;').replace('neighbor 192.0.2.1 as', 'neighbor 192.0.2.1 port ssh as'),
  );
  expect(yaml.peers[0]).not.toHaveProperty('port');
  expect(notes).toContain('1: a: left out: port: it is not a number');
});

it('BIRD: the larger limit of two channels is kept', async () => {
  const { yaml, notes } = await imported(`router id 192.0.2.9;
protocol bgp a { local as 65002; neighbor 192.0.2.1 as 65001;
 ipv4 { import all; export none; import limit 20 action block; };
 ipv6 { import all; export none; import limit 10 action block; };
}
`);
  expect(yaml.peers).toMatchObject([{ max_prefix: { limit: 20, action: 'block' } }]);
  expect(notes).toEqual([`4: a: ${twoLimits}`]);
});

it('FRR: the larger limit of two families is kept', async () => {
  const { yaml, notes } = await imported(`router bgp 65002
 bgp router-id 192.0.2.9
 neighbor 192.0.2.1 remote-as 65001
 address-family ipv4 unicast
  neighbor 192.0.2.1 maximum-prefix 10
 exit-address-family
 address-family ipv6 unicast
  neighbor 192.0.2.1 activate
  neighbor 192.0.2.1 maximum-prefix 20
 exit-address-family
`);
  expect(yaml.peers).toMatchObject([{ max_prefix: { limit: 20, action: 'shutdown' } }]);
  expect(notes).toContain(`5: ${twoLimits}`);
});

it.each(['is_bad(65001)', '! is_good(65001)'])(
  'BIRD: checks that are keys of a peer within %s',
  async (called) => {
    const { yaml, notes } = await imported(bird(`if ${called} then reject; accept;`));
    expect(yaml.peers).toMatchObject([{ enforce_first_as: true, accept_next_hop: 'peer' }]);
    expect(yaml.policies?.f).toHaveLength(3);
    expect(notes).toEqual([]);
  },
);

it('BIRD: some checks become keys of a peer', async () => {
  const body =
    'if bgp_path.first != 65001 then reject; if bgp_next_hop != from then reject; accept;';
  const { yaml } = await imported(bird(body));
  expect(yaml.peers).toMatchObject([
    { name: 'a', enforce_first_as: true, accept_next_hop: 'peer', import: 'f', export: 'none' },
  ]);
});

/** A configuration of FRR with one member whose `in` map is M; the lines begin on line 1. */
function frr(lines: string): string {
  return `${lines}
router bgp 65002 view V
 bgp router-id 192.0.2.9
 neighbor 192.0.2.1 remote-as 65001
 address-family ipv4 unicast
  neighbor 192.0.2.1 route-server-client
  neighbor 192.0.2.1 route-map M in
 exit-address-family
`;
}

const maps: readonly [name: string, lines: string, rules: unknown][] = [
  [
    'a prefix list with a deny',
    'ip prefix-list L deny 198.51.100.0/25\nip prefix-list L permit 198.51.100.0/24 le 32\nroute-map M permit 10\n match ip address prefix-list L',
    [
      { match: { prefix: '198.51.100.0/25' }, then: 'reject' },
      { match: { prefix: '198.51.100.0/24+' }, then: 'accept' },
    ],
  ],
  [
    'entries that go on',
    'route-map M permit 10\n match metric 5\n set local-preference 7\n on-match next\nroute-map M permit 20\n match metric 5',
    [{ match: { med: 5 }, set: { local_pref: 7 }, then: 'accept' }],
  ],
  [
    'a called map, whose writing stays',
    'route-map N permit 10\n set metric 3\nroute-map M permit 10\n match metric 5\n call N\n set local-preference 7',
    [{ match: { med: 5 }, set: { local_pref: 7, med: 3 }, then: 'accept' }],
  ],
  [
    'communities that are replaced',
    'route-map M permit 10\n set community 65002:1 no-export',
    [
      {
        set: { remove_communities: ['*:*'], add_communities: ['65002:1', '65535:65281'] },
        then: 'accept',
      },
    ],
  ],
  [
    'an AS path list',
    'bgp as-path access-list A permit _(1|2)$\nroute-map M deny 5\n match as-path A\nroute-map M permit 10',
    [{ match: { origin_as: [1, 2] }, then: 'reject' }, { then: 'accept' }],
  ],
  [
    'an AS path list with AS 0 and a number that no AS has, which match no route',
    'bgp as-path access-list A permit _0_\nbgp as-path access-list A permit _(0|7)$\nbgp as-path access-list A permit _4294967296_\nroute-map M deny 5\n match as-path A\nroute-map M permit 10',
    [{ match: { origin_as: 7 }, then: 'reject' }, { then: 'accept' }],
  ],
];

it.each(maps)('FRR: %s', async (_name, lines, rules) => {
  const { yaml, notes } = await imported(frr(lines));
  expect(yaml.policies?.M).toEqual(rules);
  expect(notes).toEqual([]);
});

it('FRR: without a policy no route passes, unless the configuration says that none is needed', async () => {
  const { yaml } = await imported(frr('route-map M permit 10'));
  expect(yaml.peers).toMatchObject([
    { address: '192.0.2.1', import: 'all', export: 'none', hold_time: 180 },
  ]);
  const open = frr('route-map M permit 10').replace(
    ' bgp router-id',
    ' no bgp ebgp-requires-policy\n bgp router-id',
  );
  expect((await imported(open)).yaml.peers).toMatchObject([{ import: 'all', export: 'all' }]);
});

it.each([
  ['protocol bgp x { local as 65002', 1, 'expected }, got the end of the file'],
  [
    'router id 1.1.1.1;\nfilter f { if net ~ [ ::/0 ] accept; }\nprotocol bgp a { neighbor ::1 as 1; import filter f; }',
    2,
    'expected then',
  ],
  ['router id 1.1.1.1;\n"never closed', 2, 'expected the syntax of BIRD, got "\\""'],
])('%s is an error with its line', async (text, line, message) => {
  const file = join(folder, 'broken.conf');
  writeFileSync(file, text);
  const { status, err } = await runWith(['import', file], {});
  expect({ status, err }).toEqual({ status: 1, err: `fingerpost: ${file}:${line}: ${message}\n` });
});

it.each([
  [
    'a name that stands for itself',
    'define X = X;\nfilter F { if bgp_med = X then accept; reject; }',
  ],
  [
    'two names that stand for each other',
    'define A = B; define B = A;\nfilter F { if bgp_med = A then accept; reject; }',
  ],
  ['an equation of two constants', 'filter F { if 1 = 2 then accept; reject; }'],
])('%s does not lead to an endless loop', (_, filter) => {
  const text = `router id 1.1.1.1;
${filter}
protocol bgp W1 { local 192.0.2.9 as 65002; neighbor 192.0.2.1 as 65001; rs client; import filter F; }`;
  expect(importConfig(text, 'bird.conf').yaml).toContain('W1');
});

const originals = globSync('test/interop/import/*.conf').map((path) => readFileSync(path, 'utf8'));

/** Configurations in which words are removed, doubled, replaced or cut off. */
const spoilt = fc.tuple(
  fc.constantFrom(...originals),
  fc.array(fc.tuple(fc.nat(), fc.nat(), fc.constantFrom('drop', 'double', 'replace', 'cut')), {
    minLength: 1,
    maxLength: 4,
  }),
);

it('any file is either imported or refused with an error and its line', () => {
  fc.assert(
    fc.property(spoilt, ([text, changes]) => {
      const words = text.split(/(\s+|[;{}()[\],])/);
      for (const [first, second, how] of changes) {
        const at = first % words.length;
        const other = words[second % words.length];
        if (how === 'drop') words.splice(at, 1);
        else if (how === 'double') words.splice(at, 0, other);
        else if (how === 'replace') words[at] = other;
        else words.splice(at + 1);
      }
      let yaml = '';
      try {
        ({ yaml } = importConfig(words.join(''), 'spoilt.conf'));
      } catch (error) {
        expect(error).toBeInstanceOf(ImportError);
      }
      expect(yaml).not.toContain('.nan');
    }),
    { numRuns: 600, seed: 20_261_128 },
  );
});
