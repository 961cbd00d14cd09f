import type { Config, LimitConfig, SessionConfig } from '#config/config.ts';
import { formatAddress } from '#text/address.ts';
import {
  birdChannel,
  type BirdDaemon,
  birdFamilies,
  type BirdFamily,
} from '../render/bird-syntax.ts';
import { type Line, when } from '../render/text.ts';
import { type BirdContext, hasFamily, protocolName } from './bird-context.ts';
import { birdCall, nextHopTerm } from './bird-policy.ts';
import { chainOf, firstAs, type Names, type Neighbour } from './names.ts';

const limitWords = {
  block: 'block',
  warning: 'warn',
  restart: 'restart',
  shutdown: 'disable',
} as const;

/** Renders what is accepted from each client, then what each is sent. */
export function birdFilters(context: BirdContext): Line[] {
  return [
    ...context.peers.flatMap((peer) => importFilter(peer, context)),
    ...context.peers.flatMap((peer) => exportFilter(peer, context)),
  ];
}

function importFilter(peer: Neighbour, context: BirdContext): Line[] {
  const { names } = context;
  if (peer.import === 'none') return [];
  const as = firstAs(peer);
  return [
    `filter import_${names.of(peer.name)}`,
    '{',
    [
      ...when(peer.enforceFirstAs && as !== undefined, `if bgp_path.first != ${as} then reject;`),
      ...nextHopCheck(peer, context),
      ...missingMed(peer),
      ...when(
        peer.gracefulShutdown === 'honour',
        'if (65535, 0) ~ bgp_community then bgp_local_pref = 0; # GRACEFUL_SHUTDOWN (RFC 8326)',
      ),
      ...verdict(peer, peer.import, names),
    ],
    '}',
  ];
}

function nextHopCheck(
  { acceptNextHop, at, isRange }: Neighbour,
  { onlyFamily }: BirdContext,
): Line[] {
  if (acceptNextHop === 'any') return [];
  if (acceptNextHop === 'peer') return [`if bgp_next_hop != ${isRange ? 'from' : at} then reject;`];
  return [`if ! ${nextHopTerm(acceptNextHop, onlyFamily)} then reject;`];
}

function missingMed({ missingMed: missing }: Neighbour): Line[] {
  if (missing === 'zero') return [];
  const action = missing === 'reject' ? 'reject' : `bgp_med = ${missing}`;
  return [`if ! defined(bgp_med) then ${action};`];
}

function exportFilter(peer: Neighbour, { names }: BirdContext): Line[] {
  if (typeof peer.export === 'string') return [];
  return [`filter export_${names.of(peer.name)}`, '{', verdict(peer, peer.export, names), '}'];
}

function verdict(peer: Neighbour, choice: Neighbour['import'], names: Names): Line[] {
  if (choice === 'all') return ['accept;'];
  return [...chainOf(choice).map((policy) => birdCall(policy, peer, names)), 'reject;'];
}

/** Renders the session with a client. */
export function birdProtocol(peer: Neighbour, context: BirdContext): Line[] {
  const { config, daemon, names, isFar } = context;
  const name = protocolName(peer, names);
  const as = firstAs(peer);
  const port = peer.port === 179 ? '' : ` port ${peer.port}`;
  return [
    `protocol bgp ${name} {`,
    [
      ...(peer.description === undefined
        ? []
        : [`description ${JSON.stringify(peer.description)};`]),
      ...when(!peer.enabled, 'disabled;'),
      `local ${ourAddress(config, peer)}as ${peer.localAs};`,
      `neighbor ${peer.isRange ? `range ${peer.at}` : `${peer.at}${port}`}${as === undefined ? ' external' : ` as ${as}`};`,
      ...when(peer.isRange, `dynamic name "${name}_";`),
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
      ...birdFamilies
        .filter((family) => hasFamily(peer, family) && (context.onlyFamily ?? family) === family)
        .map((family) => birdChannel(daemon, family, routesWords(peer, family, context))),
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

/** The defaults wait for a minute or more, even for a node that only lost its cable. */
const waits = [
  'connect delay time 1; connect retry time 5;',
  'error wait time 2, 5; error forget time 10;',
];

/** Renders what the session does with the routes of a family. */
function routesWords(
  peer: Neighbour,
  family: BirdFamily,
  { daemon, names, isFar }: BirdContext,
): string[] {
  const at = birdFamilies.indexOf(family);
  const number = family.at(-1);
  const name = names.of(peer.name);
  const isImported = peer.import !== 'none';
  const isExported = peer.export !== 'none' && !peer.shadow;
  const exported = peer.export === 'all' ? 'all' : `filter export_${name}`;
  return [
    isFar
      ? `igp table next_hops${number}; gateway recursive;`
      : `table routes${number}; secondary on;`,
    `import ${isImported ? `filter import_${name}` : 'none'};`,
    `export ${isExported ? exported : 'none'};`,
    isImported && daemon === 'bird' ? 'import table on;' : undefined,
    limitWord('import limit', peer.maxPrefix[at]),
    limitWord('receive limit', peer.maxPrefixReceived[at]),
    addPath(peer),
    family === 'ipv4' && peer.address.length === 16 ? 'extended next hop on;' : undefined,
    peer.rsClient ? keptNextHop(daemon) : 'next hop self;',
  ].filter((word) => word !== undefined);
}

/** BIRD 1.6 names itself as the next hop even to a client of a route server. */
function keptNextHop(daemon: BirdDaemon): string | undefined {
  return daemon === 'bird1.6' ? 'next hop keep;' : undefined;
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
