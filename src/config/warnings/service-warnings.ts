import type { ConfigProblem } from '#api/problem.ts';
import type { Config, ServiceConfig } from '../config.ts';

/** Returns warnings about services: what they may not get, or should not have. */
export function serviceWarnings(config: Config): ConfigProblem[] {
  return config.services.flatMap((service) =>
    [...rankingWarnings(service, config), ...lastPathWarnings(service)].map((message) => ({
      file: service.source.file,
      line: service.source.line,
      column: 1,
      message: `${service.name}: ${message}`,
    })),
  );
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
