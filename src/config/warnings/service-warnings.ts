import type { ConfigProblem } from '#api/problem.ts';
import type { PrefixPattern } from '#policy/patterns.ts';
import { isInside } from '#policy/prefix-bits.ts';
import { formatPrefixPattern } from '#text/prefix.ts';
import type { Config, ServiceConfig } from '../config.ts';
import { homeWarnings } from './home-warnings.ts';

/** Yields the warnings about each service: what it may not get, or should not have. */
export function* serviceWarnings(config: Config): Generator<readonly ConfigProblem[]> {
  const homes = homeWarnings(config);
  for (const service of config.services) {
    yield [
      ...prefixWarnings(service, config),
      ...homes(service),
      ...healthyWarnings(service, config),
      ...bandWarnings(service),
      ...rankingWarnings(service, config),
      ...lastPathWarnings(service),
    ].map((message) => ({
      file: service.source.file,
      line: service.source.line,
      column: 1,
      message: `${service.name}: ${message}`,
    }));
  }
}

/** An address belongs to the first service that names it. */
function prefixWarnings(service: ServiceConfig, { services }: Config): string[] {
  return service.prefixes.flatMap((pattern) => {
    const owner = services.find(
      (one) => one === service || one.prefixes.some((theirs) => hasAllOf(theirs, pattern)),
    );
    if (owner === undefined || owner === service) return [];
    return [`prefix ${formatPrefixPattern(pattern)} belongs to ${owner.name}, which comes first`];
  });
}

function hasAllOf(wide: PrefixPattern, narrow: PrefixPattern): boolean {
  const isLengthIn = narrow.minBits >= wide.minBits && narrow.maxBits <= wide.maxBits;
  return isLengthIn && isInside(narrow, wide);
}

function healthyWarnings({ minHealthy }: ServiceConfig, config: Config): string[] {
  const nodes = nodesOf(config);
  if (nodes === 0 || minHealthy <= nodes) return [];
  const can = nodes === 1 ? '1 node can' : `${nodes} nodes can`;
  return [
    `min_healthy is ${minHealthy}, but only ${can} announce routes: it is degraded at all times`,
  ];
}

/** In the order of precedence: the first band that contains a MED counts. */
const bands = ['up', 'disabled', 'down'] as const;

function bandWarnings({ medBands }: ServiceConfig): string[] {
  const both = bands.flatMap((band, at) =>
    bands.slice(at + 1).flatMap((later) => {
      const min = Math.max(medBands[band].min, medBands[later].min);
      const max = Math.min(medBands[band].max, medBands[later].max);
      return span(min, max, `is in ${band} and in ${later}, and counts as ${band}`);
    }),
  );
  const sorted = bands.map((band) => medBands[band]).sort((a, b) => a.min - b.min);
  const none = sorted.flatMap(({ min }, at) => {
    const below = at === 0 ? -1 : Math.max(...sorted.slice(0, at).map(({ max }) => max));
    return span(below + 1, min - 1, 'is in no band, and counts as down');
  });
  return [...both, ...none];
}

function span(min: number, max: number, what: string): string[] {
  if (min > max) return [];
  return [`med_bands: ${min === max ? min : `${min}-${max}`} ${what}`];
}

function rankingWarnings({ probe, brakeShare }: ServiceConfig, config: Config): string[] {
  if (probe?.onFail !== 'rank_last') return [];
  const { siblings } = config;
  // Half of all targets applies every brake, whatever share a service has.
  const isAlone = config.services.filter((one) => one.probe !== undefined).length === 1;
  const isHalf = (brakeShare <= 0.5 || isAlone) && nodesOf(config) === 2;
  return [
    // Routers take the lowest MED of all route servers: a node that one ranks last is still offered by another.
    ...(siblings.length === 0
      ? []
      : [
          `on_fail: rank_last has no effect while a sibling (${siblings.join(', ')}) still offers the node`,
        ]),
    ...(isHalf
      ? [
          'on_fail: rank_last has no effect with two nodes, because one of them is already half, so the brake is applied; ' +
            'use on_fail: report',
        ]
      : []),
  ];
}

/** Returns 0 if the number is not known. */
function nodesOf({ peers, peerRanges }: Config): number {
  const announcers = peers.filter(({ import: choice, observer }) => choice !== 'none' && !observer);
  const isOpen = peerRanges.some(({ import: choice }) => choice !== 'none');
  return isOpen ? 0 : new Set(announcers.map(({ node }) => node)).size;
}

/** A route whose nodes have all withdrawn it may draw traffic away from a place where the address works. */
function lastPathWarnings({ keepLastMs }: ServiceConfig): string[] {
  if (keepLastMs === undefined) return [];
  return [
    'on_last_withdrawal: keep offers an address that its last node has withdrawn; ' +
      'do not use it if the address is also served from elsewhere (anycast)',
  ];
}
