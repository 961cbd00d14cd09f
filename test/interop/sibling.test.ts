import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadConfig } from '#config/load.ts';
import { type SiblingDaemon, siblingDaemons } from '#interop/sibling/sibling-daemons.ts';
import { renderSibling } from '#interop/sibling/sibling.ts';
import type { Roa } from '#support/daemons/stayrtr.ts';
import { describeInterop } from '#support/requirements.ts';
import { bird1Folder } from './daemons.ts';
import { bird1, bird2, fingerpost, frr } from './twins/daemons.ts';
import {
  compareTwins,
  type SpeakersPlan,
  type Told,
  type Twin,
  type TwinPeer,
} from './twins/twins.ts';

const twinOf = {
  bird: bird2,
  'bird1.6': (text, { routeServer }) =>
    bird1(routeServer.ipv4 === undefined ? 'bird6' : 'bird')(text),
  frr: (text) => frr(text),
} satisfies Record<SiblingDaemon, (text: string, plan: SpeakersPlan) => Twin>;

/** The lab's nodes and two of its routers, and what only_loopbacks and the defaults refuse. */
const labPlan: SpeakersPlan = {
  routeServer: { ipv6: '2001:db8:1::9' },
  peers: [
    node('W1', '2001:db8:6::11', 11, [
      ['2001:db8:30::1/128', 102],
      ['2001:db8:30::2/128', 101],
      ['2001:db8:30::3/128', 100],
      ['2001:db8:30::/64', 1],
      ['2001:db8:31::1/128', 1],
    ]),
    node('W2', '2001:db8:7::12', 12, [
      ['2001:db8:30::1/128', 101],
      ['2001:db8:30::2/128', 100],
      ['2001:db8:30::3/128', 1000],
      ['2001:db8:30::4/128', 100],
    ]),
    node('W3', '2001:db8:8::13', 13, [
      ['2001:db8:30::1/128', 100],
      ['2001:db8:30::2/128', 102],
      ['2001:db8:30::3/128', 101],
      ['2001:db8:30::4/128', 100],
    ]),
    router('ER2', '2001:db8:1::2', 2),
    router('DR6', '2001:db8:1::6', 6),
  ],
};

function node(name: string, address: string, id: number, routes: [string, number][]): TwinPeer {
  const own = routes.map(([prefix, med]) => ({ prefix, med, nextHop: address, asPath: [65001] }));
  const foreign = [
    { prefix: `2001:db8:30::f${id}/128`, nextHop: '2001:db8:9::9', asPath: [65001] },
    { prefix: `2001:db8:30::e${id}/128`, nextHop: address, asPath: [65099] },
    { prefix: `2001:db8:30::d${id}/128`, nextHop: address, asPath: [65001, 65002] },
    {
      prefix: `2001:db8:30::c${id}/128`,
      nextHop: address,
      asPath: [65001, 65098],
      communities: ['65001:77'],
      largeCommunities: ['65001:1:2'],
    },
  ];
  return { name, address, as: 65001, routerId: `1.1.1.${id}`, announces: [...own, ...foreign] };
}

function router(name: string, address: string, id: number): TwinPeer {
  return { name, address, as: 65003, routerId: `1.1.1.${id}`, announces: [] };
}

/** Every kind of rule that the daemons can express, and a peer whose name is a keyword of BIRD. */
const ruleConfig = `
router_id: 192.0.2.250
local_as: 64500
listen: ["192.0.2.250:179"]
policies:
  hygiene:
    - { name: no default, match: { prefix: 0.0.0.0/0 }, then: reject }
    - { match: { prefix: ["10.0.0.0/8+", "192.168.0.0/16{17,30}"] }, then: reject }
    - { match: { as_path: [65535, 64666, "64700-64799", "4200000000-"] }, then: reject }
    - { name: two ranges, match: { as_path: ["64871-64879", 64502], origin_as: ["64875-64890", "64499-64500"] }, then: reject }
    - { name: two conditions on AS_PATH, match: { as_path: [64888, 64510], origin_as: [64510, 64501] }, set: { add_communities: "64501:88" } }
    - { match: { as_path: 64888, origin_as: 64510 }, then: reject }
    - { match: { community: ["65535:666", "64511:*"] }, then: reject }
    - { match: { next_hop: 192.0.2.66/32 }, then: reject }
    - { match: { med: 4000 }, set: { med: 40 } }
    - { match: { community: "64500:9" }, set: { local_pref: 200, add_communities: ["64500:10"], prepend: [64500] } }
    - { match: { community: "64500:11" }, set: { prepend: [first_as, first_as] } }
  from_a: [{ match: { prefix: ["198.51.100.0/24+", "203.0.113.0/24"], origin_as: ["64501-64501", "64510-64510", "64870-64899"] }, then: accept }]
  to_all:
    - { match: { community: "0:64500" }, then: reject }
    - { match: { large_community: "64500:0:*" }, then: reject }
    - { match: { community: "64500:66" }, set: { blackhole: 192.0.2.67, add_communities: "65535:666" } }
    - { set: { remove_communities: ["64500:*", "64500:1:*"], add_communities: ["64500:1000", "64500:7:7"] }, then: accept }
peer_groups:
  members: { families: [ipv4_unicast], export: to_all }
peers:
  - { name: A, address: 192.0.2.1, peer_as: 64501, group: members, import: [hygiene, from_a] }
  - { name: B, address: 192.0.2.2, peer_as: 64502, group: members, import: [hygiene, from_a], enforce_first_as: false, accept_next_hop: ["192.0.2.0/24"], blackhole: true }
  - { name: C, address: 192.0.2.3, peer_as: 64503, group: members, import: all, export: none }
  - { name: import, address: 192.0.2.4, peer_as: 64504, group: members, import: none }
`;

const rulePlan: SpeakersPlan = {
  routeServer: { ipv4: '192.0.2.250' },
  peers: [
    member('A', 1, [
      { prefix: '198.51.100.0/24' },
      { prefix: '198.51.100.1/32', med: 4000 },
      { prefix: '198.51.100.2/32', communities: ['0:64500'] },
      {
        prefix: '198.51.100.3/32',
        communities: ['64500:5', '64501:5'],
        largeCommunities: ['64500:1:4', '64501:1:4'],
      },
      { prefix: '198.51.100.4/32', largeCommunities: ['64500:0:4'] },
      { prefix: '198.51.100.5/32', communities: ['64511:3'] },
      { prefix: '198.51.100.6/32', asPath: [64501, 64666, 64501] },
      { prefix: '198.51.100.7/32', asPath: [64501, 64777] },
      { prefix: '198.51.100.8/32', communities: ['64500:9'] },
      { prefix: '198.51.100.9/32', communities: ['64500:66', '64999:1'] },
      { prefix: '198.51.100.11/32', communities: ['64500:11'] },
      ...[64699, 64700, 64799, 64800, 6475, 164_720, 4_199_999_999, 4_200_000_000, 64_888].map(
        (asn, at) => ({ prefix: `198.51.100.${100 + at}/32`, asPath: [64501, asn, 64501] }),
      ),
      { prefix: '203.0.113.0/25' },
      { prefix: '10.1.0.0/16' },
      { prefix: '192.168.7.0/24' },
      { prefix: '0.0.0.0/0' },
    ]),
    member('B', 2, [
      { prefix: '203.0.113.0/24', asPath: [64999, 64510], nextHop: '192.0.2.77' },
      { prefix: '198.51.100.20/32', asPath: [64502, 64510], nextHop: '192.0.2.66' },
      { prefix: '198.51.100.21/32', asPath: [64502, 64510], nextHop: '192.0.3.1' },
      { prefix: '198.51.100.22/32', asPath: [64502] },
      { prefix: '198.51.100.23/32', asPath: [64502, 64888, 64510] },
      { prefix: '198.51.100.24/32', asPath: [64502, 64888, 64999, 64510] },
      { prefix: '198.51.100.25/32', asPath: [64502, 64888, 64510, 64501] },
      ...[64871, 64874, 64875, 64879, 64880, 64890, 64891].map((asn, at) => ({
        prefix: `198.51.100.${200 + at}/32`,
        asPath: [64509, asn],
      })),
      ...[64870, 64871, 64879, 64880].map((asn, at) => ({
        prefix: `198.51.100.${220 + at}/32`,
        asPath: [64509, asn, 64890],
      })),
    ]),
    member('C', 3, [{ prefix: '100.64.0.0/10', med: 3 }, { prefix: '0.0.0.0/0' }]),
    member('D', 4, [{ prefix: '198.51.100.40/32' }]),
  ],
};

/** C and D are in a range, which A is in as well. */
const rangeConfig = `
router_id: 192.0.2.250
local_as: 64500
listen: ["192.0.2.250:179"]
policies:
  from_range: [{ match: { peer_as: 64503, prefix: 100.64.0.0/10 }, then: accept }]
peer_groups:
  members: { families: [ipv4_unicast], export: all }
peers:
  - { name: A, address: 192.0.2.1, peer_as: 64501, group: members, import: all, hold_time: 30 }
  - { name: B, address: 192.0.2.9, peer_as: 64509, group: members }
peer_ranges:
  - { range: 192.0.2.0/29, peer_as: 64503, group: members, import: from_range }
`;

const rangePlan: SpeakersPlan = {
  routeServer: { ipv4: '192.0.2.250' },
  peers: [
    member('A', 1, [{ prefix: '198.51.100.1/32', med: 4 }]),
    member('B', 9, []),
    member('C', 3, [{ prefix: '100.64.0.0/10', med: 3 }, { prefix: '198.51.100.40/32' }]),
    { ...member('D', 4, []), as: 64503 },
  ],
};

/** The next hop of what A announces is not on the network of the route server. */
const farConfig = `
router_id: 192.0.2.250
local_as: 64500
listen: ["192.0.2.250:179"]
policies:
  to_new_hop: [{ match: { med: "7" }, set: { next_hop: 203.0.113.9 }, then: accept }, { then: accept }]
peer_groups:
  members: { families: [ipv4_unicast], multihop: 10, accept_next_hop: ["203.0.113.0/24", "2001:db8::/32"] }
peers:
  - { name: A, address: 192.0.2.1, peer_as: 64501, group: members, import: to_new_hop }
  - { name: B, address: 192.0.2.2, peer_as: 64502, group: members, import: none, export: all }
`;

const farPlan: SpeakersPlan = {
  routeServer: { ipv4: '192.0.2.250' },
  peers: [
    member('A', 1, [
      { prefix: '198.51.100.1/32', nextHop: '203.0.113.1', med: 100 },
      { prefix: '198.51.100.2/32', nextHop: '203.0.113.2' },
      { prefix: '198.51.100.3/32', nextHop: '203.0.113.3', med: 7 },
      { prefix: '198.51.100.4/32', nextHop: '192.0.2.99', med: 1 },
    ]),
    member('B', 2, []),
  ],
};

const rpkiConfig = `
router_id: 192.0.2.250
local_as: 64500
listen: ["192.0.2.250:179"]
rpki: { caches: [{ name: local, address: "127.0.0.1:8282" }], retry: 1s }
policies:
  checked:
    - { name: RPKI invalid, match: { rpki: invalid }, then: reject }
    - { match: { rpki: [valid, invalid] }, set: { add_communities: "64500:1" } }
    - { match: { rpki: not_found, prefix: "203.0.113.0/24+" }, then: reject }
    - { then: accept }
  only_valid: [{ match: { rpki: valid }, then: accept }]
peer_groups:
  members: { families: [ipv4_unicast] }
peers:
  - { name: A, address: 192.0.2.1, peer_as: 64501, group: members, import: checked }
  - { name: B, address: 192.0.2.2, peer_as: 64502, group: members, import: none, export: all }
  - { name: C, address: 192.0.2.3, peer_as: 64503, group: members, import: none, export: only_valid }
`;

const roas: readonly Roa[] = [
  { prefix: '198.51.100.0/24', maxLength: 26, asn: 'AS64501' },
  { prefix: '100.64.0.0/10', maxLength: 24, asn: 'AS0' },
];

const rpkiPlan: SpeakersPlan = {
  routeServer: { ipv4: '192.0.2.250' },
  peers: [
    member('A', 1, [
      { prefix: '198.51.100.0/24' },
      { prefix: '198.51.100.0/26' },
      { prefix: '198.51.100.0/27' },
      { prefix: '198.51.100.64/26', asPath: [64501, 64777] },
      { prefix: '100.64.1.0/24' },
      { prefix: '203.0.113.0/25' },
      { prefix: '192.0.3.0/24' },
    ]),
    member('B', 2, []),
    member('C', 3, []),
  ],
};

/** The route server with stayrtr beside it, which starts first. */
function withCache({ label, start }: Twin): Twin {
  return {
    label,
    start: (host) => {
      const file = join(host.folder, 'vrps.json');
      writeFileSync(file, JSON.stringify({ roas }));
      const own = ['-bind', '127.0.0.1:8282', '-metrics.addr', '', '-checktime=false'];
      host.start('stayrtr', ['stayrtr', '-cache', file, ...own]);
      start(host);
    },
  };
}

interface MemberRoute {
  readonly prefix: string;
  readonly med?: number;
  readonly asPath?: readonly number[];
  readonly nextHop?: string;
  readonly communities?: readonly string[];
  readonly largeCommunities?: readonly string[];
}

function member(name: string, id: number, routes: readonly MemberRoute[]): TwinPeer {
  const address = `192.0.2.${id}`;
  const announces = routes.map((route) => ({ nextHop: address, asPath: [64500 + id], ...route }));
  return { name, address, as: 64500 + id, routerId: address, announces };
}

const labFile = 'deploy/examples/service-ha.yaml';

/** The peers of the first that the plan plays; the others never connect. */
const rows = siblingDaemons.flatMap((daemon) => [
  {
    daemon,
    name: 'the example of the lab',
    file: labFile,
    text: readFileSync(labFile, 'utf8'),
    plan: labPlan,
    routes: 14,
  },
  {
    daemon,
    name: 'every kind of rule',
    file: 'rules.yaml',
    text: ruleConfig,
    plan: rulePlan,
    routes: 47,
  },
  {
    daemon,
    name: 'a range of peers',
    file: 'range.yaml',
    text: rangeConfig,
    plan: rangePlan,
    routes: 6,
  },
  {
    daemon,
    name: 'next hops behind routers, in IPv4',
    file: 'far.yaml',
    text: farConfig,
    plan: farPlan,
    routes: 3,
  },
]);

/** BIRD 1.6 has no ranges of peers. */
const rowsTried = rows.filter((row) => row.daemon !== 'bird1.6' || row.plan !== rangePlan);

describeInterop(
  'what `render --sibling` prints, started as it is,',
  ['bird', `${bird1Folder}/bird`, '/usr/lib/frr/bgpd'],
  () => {
    it.each(rowsTried)(
      'makes $daemon tell routers the same: $name',
      async ({ daemon, file, text, plan, routes }) => {
        const sibling = twinOf[daemon](rendered(file, text, daemon), plan);
        const [ours, theirs] = await compareTwins([fingerpost(text), sibling], plan);
        expect(daemon === 'frr' ? withoutOwn(theirs, plan) : theirs).toEqual(ours);
        expect(ours.length).toBe(routes);
      },
    );
  },
);

const rpkiDaemons = [
  { daemon: 'bird', needs: 'bird' },
  { daemon: 'frr', needs: '/usr/lib/x86_64-linux-gnu/frr/modules/bgpd_rpki.so' },
] as const;
for (const { daemon, needs } of rpkiDaemons) {
  describeInterop('validation that `render --sibling` prints', ['stayrtr', needs], () => {
    it(`makes ${daemon} judge by the same VRPs`, async () => {
      const text = rendered('rpki.yaml', rpkiConfig, daemon);
      const sibling = daemon === 'frr' ? frr(text, ['rpki']) : bird2(text);
      const [ours, theirs] = await compareTwins(
        [withCache(fingerpost(rpkiConfig)), withCache(sibling)],
        rpkiPlan,
      );
      expect(theirs).toEqual(ours);
      expect(ours.length).toBe(5);
    });
  });
}

/** FRR sends a client its own routes back. */
function withoutOwn(told: Told, { peers }: SpeakersPlan): Told {
  const own = peers.flatMap(({ name, announces }) =>
    announces.map(({ prefix, nextHop }) => `${name} ${prefix} via ${nextHop} `),
  );
  return told.filter((row) => !own.some((start) => row.startsWith(start)));
}

function rendered(file: string, text: string, daemon: SiblingDaemon): string {
  const outcome = loadConfig(file, { text });
  if (!outcome.ok) throw new Error(outcome.problems.map(({ message }) => message).join('\n'));
  return renderSibling(outcome.config, daemon);
}
