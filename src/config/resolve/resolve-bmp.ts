import { durationToMs } from '#text/units.ts';
import type { Scope } from '#yaml/scope.ts';
import type { BmpConfig } from '../config.ts';
import { bmpDefaults } from '../schema/defaults.ts';
import type { ConfigSource } from '../schema/schema.ts';
import { checkEndpointsDiffer, resolveNamedEndpoint } from './named-endpoints.ts';

type BmpSource = NonNullable<ConfigSource['bmp']>;

/** Resolves the BMP collectors, in the order given. */
export function resolveBmp(scope: Scope, sources: BmpSource): BmpConfig[] {
  const collectors = sources.flatMap((source) => {
    const named = resolveNamedEndpoint(scope, source);
    if (named === undefined) return [];
    const { monitor, statistics } = { ...bmpDefaults, ...source };
    return [{ ...named, monitor: [...new Set(monitor)], statisticsMs: durationToMs(statistics) }];
  });
  checkEndpointsDiffer(scope, 'collector', sources, collectors);
  return collectors;
}
