import type { Config, LimitConfig, RpkiConfig } from '#config/config.ts';
import { formatAddress } from '#text/address.ts';
import { identifier, type Line, lines, when } from '../render/text.ts';
import { FrrPolicies } from './frr-policy.ts';
import {
  chainOf,
  firstAs,
  makesBlackholes,
  type Neighbour,
  neighboursOf,
  usedPolicies,
} from './names.ts';
import { cachesFor } from './validation.ts';

const familyWords = ['ipv4', 'ipv6'] as const;
const view = 'FINGERPOST';

/**
 * Renders the frr.conf (bgpd) of an FRR that is the route server of this configuration, in a view: next hops
 * are not resolved.
 */
export function frrSibling(config: Config): string {
  const peers = neighboursOf(config);
  const policies = new FrrPolicies(config.rpki !== undefined);
  const caches = cachesFor(usedPolicies(config, peers), config);
  const families = ([0, 1] as const).filter((family) =>
    peers.some((peer) => peer.families.includes(family)),
  );
  const blocks = families.map((family) => [
    `address-family ${familyWords[family]} unicast`,
    peers
      .filter((peer) => peer.families.includes(family))
      .flatMap((peer) => familyLines(peer, family, policies)),
    'exit-address-family',
  ]);
  return lines(
    [
      `! FRR as a route server beside the fingerpost ${config.routerIdText}, from ${config.file}: bgpd ${caches === undefined ? '' : '-M rpki '}-f FILE`,
      '! Tested with FRR 8.4; the syntax is valid for FRR 10, too.',
      ...notes(config, peers).map((note) => `! ${note}`),
      '! Lists and route maps come first: a neighbor that names one that does not exist yet rejects every route.',
      ...cacheLines(caches),
      ...policies.lists,
      ...policies.maps,
      'route-map NONE deny 10',
      `router bgp ${config.localAs} view ${view}`,
      [
        '! Choose an id of its own: no two route servers may have the same.',
        `bgp router-id ${config.routerIdText}`,
        'no bgp default ipv4-unicast',
        '! Otherwise routers keep the routes of a dead route server at full preference.',
        'bgp graceful-restart-disable',
        'bgp deterministic-med',
        ...when(config.decision.tieBreak === 'router_id', 'bgp bestpath compare-routerid'),
        ...when(config.decision.med === 'always', 'bgp always-compare-med'),
        ...when(
          peers.every(({ allowAsSets }) => !allowAsSets),
          'bgp reject-as-sets',
        ),
        ...peers.flatMap((peer) => sessionLines(config, peer)),
        ...blocks.flat(),
      ],
      'exit',
    ],
    ' ',
  );
}

/** Needs the module `rpki`, a package of its own in Debian (frr-rpki-rtrlib). */
function cacheLines(rpki: RpkiConfig | undefined): Line[] {
  if (rpki === undefined) return [];
  return [
    'rpki',
    [
      `rpki polling_period ${seconds(rpki.refreshMs)}`,
      `rpki retry_interval ${seconds(rpki.retryMs)}`,
      `rpki expire_interval ${seconds(rpki.expireMs)}`,
      ...rpki.caches.flatMap(({ endpoint: { host, port }, password }, at) => [
        ...(password === undefined ? [] : ['! The cache has a TCP MD5 key here.']),
        // No two caches of FRR have the same preference.
        `rpki cache ${host} ${port} preference ${at + 1}`,
      ]),
    ],
    'exit',
  ];
}

function notes({ services, peerRanges }: Config, peers: readonly Neighbour[]): string[] {
  const isHidden = peers.some(({ export: choice }) => typeof choice !== 'string');
  const blocks = peers.some(({ maxPrefix }) =>
    maxPrefix.some((limit) => limit?.action === 'block'),
  );
  return [
    'A client is sent its own routes, which it rejects because its own AS is in them.',
    ...(isHidden ? ['A client whose policy rejects the best path is sent no route here.'] : []),
    ...(blocks
      ? [
          'max_prefix with the action block ends the session here: FRR cannot reject only the surplus.',
        ]
      : []),
    ...(services.length > 0
      ? [
          'Here only the MED shows that a node is down: fingerpost compares that before the length of AS_PATH.',
        ]
      : []),
    ...peerRanges
      .filter(({ acceptNextHop }) => acceptNextHop === 'peer')
      .map(
        ({ rangeText }) =>
          `A peer of the range ${rangeText} may name any address of the range as its next hop, not only its own.`,
      ),
  ];
}

function sessionLines(config: Config, peer: Neighbour): Line[] {
  const them = `neighbor ${placeOf(peer)}`;
  const source = ourAddress(config, peer);
  const { holdTimeSec, multihop, gtsm } = peer;
  return [
    ...when(peer.isRange, `${them} peer-group`),
    `${them} remote-as ${firstAs(peer) ?? 'external'}`,
    ...(peer.description === undefined ? [] : [`${them} description ${peer.description}`]),
    ...when(!peer.enabled, `${them} shutdown`),
    ...when(peer.port !== 179 && !peer.isRange, `${them} port ${peer.port}`),
    ...(source === undefined ? [] : [`${them} update-source ${source}`]),
    ...(peer.interface === undefined ? [] : [`${them} interface ${peer.interface}`]),
    `${them} timers ${peer.keepaliveSec ?? Math.floor(holdTimeSec / 3)} ${holdTimeSec}`,
    `${them} timers connect 5`,
    ...when(peer.passive && !peer.isRange, `${them} passive`),
    ...when(gtsm, `${them} ttl-security hops ${multihop ?? 1}`),
    ...when(!gtsm && multihop !== undefined, `${them} ebgp-multihop ${multihop}`),
    ...when(!gtsm && multihop === undefined, `${them} disable-connected-check`),
    ...when(peer.password !== undefined, `! ${them} password THE-KEY-OF-THE-SESSION`),
    ...when(peer.isRange, `bgp listen range ${peer.at} peer-group ${placeOf(peer)}`),
  ];
}

/** Returns where the peer is configured: the peers of a range are a group. */
function placeOf({ at, name, isRange }: Neighbour): string {
  return isRange ? identifier(name) : at;
}

function ourAddress({ listen }: Config, { localAddress, address }: Neighbour): string | undefined {
  const own = listen.filter(
    (it) => it.address.length === address.length && it.address.some((byte) => byte !== 0),
  );
  const given = localAddress ?? (own.length === 1 ? own[0].address : undefined);
  return given === undefined ? undefined : formatAddress(given);
}

function familyLines(peer: Neighbour, family: 0 | 1, policies: FrrPolicies): Line[] {
  const them = `neighbor ${placeOf(peer)}`;
  const isExported = peer.export !== 'none' && !peer.shadow;
  return [
    `${them} activate`,
    ...when(
      peer.rsClient,
      `${them} route-server-client`,
      `${them} attribute-unchanged as-path next-hop med`,
    ),
    ...when(peer.addPath.send, `${them} addpath-tx-all-paths`),
    ...limitLines(them, peer.maxPrefix[family]),
    `${them} soft-reconfiguration inbound`,
    `${them} route-map ${importMap(peer, family, policies)} in`,
    `${them} route-map ${isExported ? exportMap(peer, family, policies) : 'NONE'} out`,
  ];
}

function importMap(peer: Neighbour, family: 0 | 1, policies: FrrPolicies): string {
  if (peer.import === 'none') return 'NONE';
  const chain = peer.import === 'all' ? 'all' : chainOf(peer.import);
  return policies.map(`IMPORT-${peer.name}`, chain, family, { from: peer });
}

function exportMap(peer: Neighbour, family: 0 | 1, policies: FrrPolicies): string {
  if (peer.export === 'all') return policies.map('EVERYTHING', 'all', family);
  const chain = chainOf(peer.export);
  const takesBlackholes = peer.blackhole && makesBlackholes(chain);
  const name = `EXPORT-${chain.map((policy) => policy.name).join('-')}`;
  return policies.map(takesBlackholes ? `${name}-WITH-BLACKHOLES` : name, chain, family, {
    takesBlackholes,
  });
}

function limitLines(them: string, limit: LimitConfig | undefined): Line[] {
  if (limit === undefined) return [];
  const minutes = Math.max(1, Math.ceil(limit.restartAfterMs / 60_000));
  const then =
    limit.action === 'warning'
      ? ' warning-only'
      : limit.action === 'restart'
        ? ` restart ${minutes}`
        : '';
  return [`${them} maximum-prefix ${limit.limit}${then}`];
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1000);
}
