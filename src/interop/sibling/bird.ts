import type { Config, RpkiConfig } from '#config/config.ts';
import {
  bird1Programs,
  birdChannel,
  type BirdDaemon,
  birdFamilies,
  type BirdFamily,
  birdTitles,
} from '../render/bird-syntax.ts';
import { RenderError } from '../render/target.ts';
import { type Line, lines } from '../render/text.ts';
import { type BirdContext, birdContext, hasFamily } from './bird-context.ts';
import { birdFunction } from './bird-policy.ts';
import { birdFilters, birdProtocol } from './bird-protocol.ts';
import { birdCaches } from './bird-validation.ts';
import { type Neighbour, neighboursOf, usedPolicies } from './names.ts';
import { cachesFor } from './validation.ts';

/** Renders the bird.conf of a BIRD 2 that is the route server of this configuration. */
export function birdSibling(config: Config): string {
  const peers = neighboursOf(config);
  const families = birdFamilies.filter((family) => peers.some((peer) => hasFamily(peer, family)));
  return routeServer(birdContext(config, 'bird', peers), families, []);
}

/**
 * Renders the bird.conf or bird6.conf of a BIRD 1.6 that is the route server of this configuration for one family,
 * since each program has only the family of the addresses of its sessions. Throws a `RenderError` if `family` is absent
 * and the peers have both, if no peer has the family, and for a range of peers.
 */
export function bird1Sibling(config: Config, family?: BirdFamily): string {
  const all = neighboursOf(config);
  const own = family ?? onlyFamilyOf(all);
  const peers = all.filter((peer) => isWithinBird1(peer, own));
  if (peers.length === 0) {
    throw new RenderError(
      `no peer has an ${own} address and the family ${own}_unicast: there is nothing for ${bird1Programs[own]} of BIRD 1.6 to do`,
    );
  }
  const range = peers.find(({ isRange }) => isRange);
  if (range !== undefined) {
    throw new RenderError(
      `${range.name}: BIRD 1.6 has no ranges of peers; name each peer, or take --sibling bird`,
    );
  }
  const context = birdContext(config, 'bird1.6', peers, own);
  return routeServer(context, [own], bird1Notes(all, peers, own));
}

function onlyFamilyOf(peers: readonly Neighbour[]): BirdFamily {
  const found = birdFamilies.filter((family) => peers.some((peer) => isWithinBird1(peer, family)));
  if (found.length === 2) {
    throw new RenderError(
      'BIRD 1.6 is two programs, each with a file of its own: give --family ipv4 for bird, and --family ipv6 for bird6',
    );
  }
  return found.at(0) ?? 'ipv6';
}

function addressFamily({ address }: Neighbour): BirdFamily {
  return address.length === 4 ? 'ipv4' : 'ipv6';
}

function isWithinBird1(peer: Neighbour, family: BirdFamily): boolean {
  return addressFamily(peer) === family && hasFamily(peer, family);
}

function routeServer(
  context: BirdContext,
  families: readonly BirdFamily[],
  more: readonly string[],
): string {
  const { config, daemon, peers, isFar, names } = context;
  const policies = usedPolicies(config, peers);
  const caches = daemon === 'bird' ? cachesFor(policies, config) : undefined;
  const { name, tested } = birdTitles[daemon];
  return lines([
    `# ${name} as a route server beside the fingerpost ${config.routerIdText}, from ${config.file}.`,
    `# ${tested}`,
    ...[...more, ...notes(context), ...cacheNotes(caches)].map((note) => `# ${note}`),
    '',
    '# Choose an id of its own: no two route servers may have the same.',
    `router id ${config.routerIdText};`,
    'log stderr all;',
    'protocol device { }',
    ...families.flatMap((family) => (isFar ? farTable : nearTable)(daemon, family)),
    ...(caches === undefined ? [] : birdCaches(caches, names)),
    '',
    ...policies.flatMap((policy) => birdFunction(policy, context)),
    ...birdFilters(context),
    ...peers.flatMap((peer) => birdProtocol(peer, context)),
  ]);
}

/** Returns notes that say which program it is, and what parts of the configuration it cannot represent. */
function bird1Notes(
  all: readonly Neighbour[],
  peers: readonly Neighbour[],
  family: BirdFamily,
): string[] {
  const absent = all.filter((peer) => !peers.includes(peer)).map(({ name }) => name);
  const narrowed = peers.filter(({ families }) => families.length > 1).map(({ name }) => name);
  return [
    `The program is ${bird1Programs[family]}: BIRD 1.6 has one for each family.`,
    'It keeps no routes that a filter refused: after a change of filters it asks its peers for theirs again.',
    ...(absent.length === 0
      ? []
      : [`Not here, because their sessions are not ${family}: ${absent.join(', ')}.`]),
    ...(narrowed.length === 0
      ? []
      : [`These have ${family} here and no other family: ${narrowed.join(', ')}.`]),
  ];
}

function notes({ config: { services, decision }, peers, isFar }: BirdContext): string[] {
  const isHidden = isFar && peers.some(({ export: choice }) => typeof choice !== 'string');
  return [
    ...(isHidden
      ? [
          'A client whose policy rejects the best path is sent no route here: with next hops behind routers BIRD cannot offer the second best.',
        ]
      : []),
    ...(!isFar && decision.med === 'same_as'
      ? [
          'Second choices need a sorted table, which does not group paths by neighbour AS before it compares MEDs.',
        ]
      : []),
    ...(services.length > 0
      ? [
          'Here only the MED shows that a node is down: fingerpost compares that before the length of AS_PATH.',
        ]
      : []),
  ];
}

function cacheNotes(caches: RpkiConfig | undefined): string[] {
  if (caches === undefined || caches.caches.length === 1) return [];
  return [
    'BIRD uses the data of all caches together; fingerpost uses one after the other, the most preferred first.',
  ];
}

function nearTable(daemon: BirdDaemon, family: BirdFamily): Line[] {
  return [`${tableOf(daemon, family)} routes${family.at(-1)} sorted;`];
}

/** Next hops are resolved by the routers and not here, so that all are equally near. */
function farTable(daemon: BirdDaemon, family: BirdFamily): Line[] {
  const table = `next_hops${family.at(-1)}`;
  return [
    `${tableOf(daemon, family)} ${table};`,
    'protocol static {',
    [
      birdChannel(daemon, family, [`table ${table};`]),
      `route ${family === 'ipv4' ? '0.0.0.0/0' : '::/0'} via "lo";`,
    ],
    '}',
  ];
}

function tableOf(daemon: BirdDaemon, family: BirdFamily): string {
  return daemon === 'bird' ? `${family} table` : 'table';
}
