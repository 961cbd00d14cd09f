import type { ServiceConfig } from '#config/config.ts';
import { PrefixSet } from '#policy/prefix-set.ts';
import type { ServiceBands } from '#rib/path-class.ts';
import type { Prefix } from '#wire/nlri.ts';

/** Returns which service a prefix belongs to: the first one whose patterns it matches. */
export class ServicePatterns {
  private readonly services: readonly ServiceConfig[];
  private readonly patterns: PrefixSet;

  constructor(services: readonly ServiceConfig[]) {
    this.services = services;
    this.patterns = PrefixSet.of(services.map(({ prefixes }) => prefixes));
  }

  serviceOf(prefix: Prefix): ServiceConfig | undefined {
    const [index] = this.patterns.keysOf(this.patterns.classOf(prefix));
    return index === undefined ? undefined : this.services[index];
  }
}

/** Returns the services in the form for the decision; `undefined` if there are none. */
export function bandsOf(services: readonly ServiceConfig[]): ServiceBands | undefined {
  if (services.length === 0) return undefined;
  const patterns = PrefixSet.of(services.map(({ prefixes }) => prefixes));
  return {
    serviceOf: (prefix) => {
      const [index = -1] = patterns.keysOf(patterns.classOf(prefix));
      return index + 1;
    },
    bands: services.map(({ medBands, keepLastMs }) => ({ ...medBands, keepMs: keepLastMs })),
  };
}
