import type { Config, LimitConfig, SessionConfig } from '#config/config.ts';
import { formatAddress } from '#text/address.ts';
import { type Line, lines, when } from '../render/text.ts';
import { birdFunction, nextHopTerm } from './bird-policy.ts';
import { chainOf, firstAs, Names, type Neighbour, neighboursOf, usedPolicies } from './names.ts';

const limitWords = {
  block: 'block',
  warning: 'warn',
  restart: 'restart',
  shutdown: 'disable',
} as const;
const familyWords = ['ipv4', 'ipv6'] as const;

/** bird.conf of a BIRD 2 that is the route server of this configuration. */
export function birdSibling(config: Config): string {
  const names = new Names();
  const peers = neighboursOf(config);
  const families = familyWords.filter((_, family) =>
    peers.some((peer) => peer.families.some((it) => it === family)),
  );
  const isFar = !isOnOneLan(peers);
  return lines([
    `# BIRD 2 as a route server beside the fingerpost ${config.routerIdText}, from ${config.file}.`,
    '# Tried with BIRD 2.0.12; BIRD 3 takes the same words.',
    ...notes(config, peers, isFar).map((note) => `# ${note}`),
    '',
    '# One of its own: no two route servers may have the same.',
    `router id ${config.routerIdText};`,
    'log stderr all;',
    'protocol device { }',
    ...(isFar
      ? farTables(families)
      : families.map((family) => `${family} table routes${family.at(-1)} sorted;`)),
    '',
    ...usedPolicies(config, peers).flatMap((policy) => birdFunction(policy, peers, names)),
    ...peers.flatMap((peer) => importFilter(peer, names)),
    ...peers.flatMap((peer) => exportFilter(peer, names)),
    ...peers.flatMap((peer) => protocol(config, peer, names, isFar)),
  ]);
}

function isOnOneLan(peers: readonly Neighbour[]): boolean {
  return peers.every(
    ({ multihop, gtsm, acceptNextHop }) =>
      (multihop === undefined || gtsm) && acceptNextHop === 'peer',
  );
}

function notes(
  { services, decision }: Config,
  peers: readonly Neighbour[],
  isFar: boolean,
): string[] {
  const isHidden = isFar && peers.some(({ export: choice }) => typeof choice !== 'string');
  return [
    ...(isHidden
      ? [
          'A client whose policy refuses the best path is sent nothing here: with next hops behind routers BIRD keeps no second choice.',
        ]
      : []),
    ...(!isFar && decision.med === 'same_as'
      ? [
          'Second choices need a sorted table, which does not group paths by neighbour AS before it compares MEDs.',
        ]
      : []),
    ...(services.length > 0
      ? [
          'MED alone says here that a node is down: fingerpost compares that before the length of AS_PATH.',
        ]
      : []),
  ];
}

/** Next hops are not resolved here, the routers do that: any is as near as any other. */
function farTables(families: readonly string[]): Line[] {
  return families.flatMap((family) => [
    `${family} table next_hops${family.at(-1)};`,
    'protocol static {',
    [
      `${family} { table next_hops${family.at(-1)}; };`,
      `route ${family === 'ipv4' ? '0.0.0.0/0' : '::/0'} via "lo";`,
    ],
    '}',
  ]);
}

function importFilter(peer: Neighbour, names: Names): Line[] {
  if (peer.import === 'none') return [];
  const as = firstAs(peer);
  return [
    `filter import_${names.of(peer.name)}`,
    '{',
    [
      ...when(peer.enforceFirstAs && as !== undefined, `if bgp_path.first != ${as} then reject;`),
      ...nextHopCheck(peer),
      ...missingMed(peer),
      ...when(
        peer.gracefulShutdown === 'honour',
        'if (65535, 0) ~ bgp_community then bgp_local_pref = 0; # GRACEFUL_SHUTDOWN (RFC 8326)',
      ),
      ...verdict(peer.import, names),
    ],
    '}',
  ];
}

function nextHopCheck({ acceptNextHop, at, isRange }: Neighbour): Line[] {
  if (acceptNextHop === 'any') return [];
  if (acceptNextHop === 'peer') return [`if bgp_next_hop != ${isRange ? 'from' : at} then reject;`];
  return [`if ! ${nextHopTerm(acceptNextHop)} then reject;`];
}

function missingMed({ missingMed: missing }: Neighbour): Line[] {
  if (missing === 'zero') return [];
  const action = missing === 'reject' ? 'reject' : `bgp_med = ${missing}`;
  return [`if ! defined(bgp_med) then ${action};`];
}

function exportFilter(peer: Neighbour, names: Names): Line[] {
  if (typeof peer.export === 'string') return [];
  return [`filter export_${names.of(peer.name)}`, '{', verdict(peer.export, names), '}'];
}

function verdict(choice: Neighbour['import'], names: Names): Line[] {
  if (choice === 'all') return ['accept;'];
  return [...chainOf(choice).map(({ name }) => `policy_${names.of(name)}();`), 'reject;'];
}

function protocol(config: Config, peer: Neighbour, names: Names, isFar: boolean): Line[] {
  const as = firstAs(peer);
  const port = peer.port === 179 ? '' : ` port ${peer.port}`;
  return [
    `protocol bgp ${names.of(peer.name)} {`,
    [
      ...(peer.description === undefined
        ? []
        : [`description ${JSON.stringify(peer.description)};`]),
      ...when(!peer.enabled, 'disabled;'),
      `local ${ourAddress(config, peer)}as ${peer.localAs};`,
      `neighbor ${peer.isRange ? `range ${peer.at}` : `${peer.at}${port}`}${as === undefined ? ' external' : ` as ${as}`};`,
      ...when(peer.isRange, `dynamic name "${names.of(peer.name)}_";`),
      ...(peer.interface === undefined ? [] : [`interface "${peer.interface}";`]),
      ...hops(peer),
      ...(peer.rsClient ? ['rs client;'] : []),
      `hold time ${peer.holdTimeSec};`,
      ...when(peer.passive, 'passive;'),
      ...when(peer.password !== undefined, '# password "the key of the session";'),
      ...waits,
      'igp metric off;',
      ...when(config.decision.med === 'always', 'med metric on;'),
      ...when(isFar, 'deterministic med on;'),
      ...when(config.decision.tieBreak === 'oldest', 'prefer older on;'),
      ...when(peer.communities === 'pass', 'interpret communities off;'),
      ...peer.families.map((family) => channel(peer, familyWords[family], names, isFar)),
    ].flat(),
    '}',
  ];
}

function ourAddress({ listen }: Config, { localAddress, address }: Neighbour): string {
  const own = listen.filter(
    (it) => it.address.length === address.length && it.address.some((byte) => byte !== 0),
  );
  const given = localAddress ?? (own.length === 1 ? own[0].address : undefined);
  return given === undefined ? '' : `${formatAddress(given)} `;
}

function hops({ gtsm, multihop }: SessionConfig): Line[] {
  if (gtsm)
    return [
      ...when(multihop !== undefined && multihop > 1, `multihop ${multihop};`),
      'ttl security on;',
    ];
  return multihop === undefined ? ['direct;'] : [`multihop ${multihop};`];
}

/** The defaults wait for a minute and more, also for a node that only lost its cable. */
const waits = [
  'connect delay time 1; connect retry time 5;',
  'error wait time 2, 5; error forget time 10;',
];

function channel(peer: Neighbour, family: 'ipv4' | 'ipv6', names: Names, isFar: boolean): Line {
  const at = familyWords.indexOf(family);
  const number = family.at(-1);
  const name = names.of(peer.name);
  const isImported = peer.import !== 'none';
  const isExported = peer.export !== 'none' && !peer.shadow;
  const exported = peer.export === 'all' ? 'all' : `filter export_${name}`;
  const words = [
    ...when(!isFar, `table routes${number}; secondary on;`),
    ...when(isFar, `igp table next_hops${number}; gateway recursive;`),
    `import ${isImported ? `filter import_${name}` : 'none'};`,
    `export ${isExported ? exported : 'none'};`,
    ...when(isImported, 'import table on;'),
    limitWord('import limit', peer.maxPrefix[at]),
    limitWord('receive limit', peer.maxPrefixReceived[at]),
    addPath(peer),
    ...when(family === 'ipv4' && peer.address.length === 16, 'extended next hop on;'),
    ...when(!peer.rsClient, 'next hop self;'),
  ].filter((word) => word !== undefined);
  return `${family} { ${words.join(' ')} };`;
}

function limitWord(words: string, given: LimitConfig | undefined): string | undefined {
  return given === undefined
    ? undefined
    : `${words} ${given.limit} action ${limitWords[given.action]};`;
}

function addPath({ addPath: { send, receive } }: SessionConfig): string | undefined {
  if (send && receive) return 'add paths on;';
  if (send) return 'add paths tx;';
  return receive ? 'add paths rx;' : undefined;
}
