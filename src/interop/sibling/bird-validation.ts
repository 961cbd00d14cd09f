import type { RpkiConfig } from '#config/config.ts';
import type { OriginState } from '#policy/validation.ts';
import { birdFamilies, type BirdFamily } from '../render/bird-syntax.ts';
import type { Line } from '../render/text.ts';
import type { Names } from './names.ts';

const answers = {
  valid: 'ROA_VALID',
  invalid: 'ROA_INVALID',
  not_found: 'ROA_UNKNOWN',
} as const satisfies Record<OriginState, string>;

/** Renders the tables of ROAs and a protocol for each cache. */
export function birdCaches(
  { caches, refreshMs, retryMs, expireMs }: RpkiConfig,
  names: Names,
): Line[] {
  return [
    ...birdFamilies.map((family) => `${roaOf(family)} table ${tableOf(family)};`),
    ...caches.flatMap(({ name, endpoint: { host, port }, password }) => [
      `protocol rpki ${names.of(`cache ${name}`)} {`,
      [
        ...birdFamilies.map((family) => `${roaOf(family)} { table ${tableOf(family)}; };`),
        `remote ${host} port ${port};`,
        ...(password === undefined ? [] : ['# The cache has a TCP MD5 key here.']),
        `refresh ${seconds(refreshMs)}; retry ${seconds(retryMs)}; expire ${seconds(expireMs)};`,
      ],
      '}',
    ]),
  ];
}

/**
 * Returns the condition for a route in one of the states. A path that ends in a set has the origin 0, which no VRP
 * allows.
 */
export function originTerm(states: readonly OriginState[]): string {
  const terms = birdFamilies.flatMap((family) =>
    states.map(
      (state) =>
        `(net.type = NET_IP${family.at(-1)} && roa_check(${tableOf(family)}, net, bgp_path.last) = ${answers[state]})`,
    ),
  );
  return terms.length === 0 ? 'false' : `(${terms.join(' || ')})`;
}

function roaOf(family: BirdFamily): string {
  return `roa${family.at(-1)}`;
}

function tableOf(family: BirdFamily): string {
  return `roas${family.at(-1)}`;
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1000);
}
