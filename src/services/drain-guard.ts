/**
 * Whether a drain would leave an address without enough nodes. Pure: the paths of each address that the target
 * announces go in, and what speaks against the drain comes out.
 */

/** An accepted path to an address. */
export interface GuardedPath {
  readonly node: string;
  /** In the band up, not drained and not failing its probe; outside services: not drained. */
  readonly isHealthy: boolean;
  /** The drain would cover it. */
  readonly isTargeted: boolean;
}

export interface GuardedAddress {
  readonly prefix: string;
  /** Absent outside services. */
  readonly service?: { readonly name: string; readonly minHealthy: number };
  readonly paths: readonly GuardedPath[];
}

export interface GuardFinding {
  readonly prefix: string;
  readonly text: string;
}

export interface GuardVerdict {
  /** Addresses for which the drain is refused; if empty, it may go ahead. */
  readonly refused: readonly GuardFinding[];
  /** Addresses for which only one healthy node would be left. */
  readonly warned: readonly GuardFinding[];
}

/**
 * Only a drain that lowers the number of healthy nodes of an address is ever refused: below `min_healthy`, or to none.
 * A node that is already dead can always be drained. Yields before each address; `undefined` stands for one that the
 * drain does not affect.
 */
export function* guardDrain(
  addresses: Iterable<GuardedAddress | undefined>,
): Generator<void, GuardVerdict> {
  const refused: GuardFinding[] = [];
  const warned: GuardFinding[] = [];
  for (const address of addresses) {
    yield;
    if (address === undefined) continue;
    const before = healthyNodes(address.paths);
    const after = healthyNodes(address.paths.filter(({ isTargeted }) => !isTargeted));
    if (after.size >= before.size) continue;
    const text = refusalOf(address, before.size, after.size);
    if (text !== undefined) refused.push({ prefix: address.prefix, text });
    else if (after.size === 1) {
      const [left] = after;
      warned.push({ prefix: address.prefix, text: `leaves no backup: only ${left} is left` });
    }
  }
  return { refused, warned };
}

function refusalOf({ service }: GuardedAddress, before: number, after: number): string | undefined {
  if (after === 0) {
    return service === undefined
      ? 'no other node announces it, or all others are drained'
      : `no other node of ${service.name} is up`;
  }
  if (service === undefined || after >= service.minHealthy) return undefined;
  const { name, minHealthy } = service;
  return `${after} of ${before} healthy nodes of ${name} would be left, but min_healthy is ${minHealthy}`;
}

function healthyNodes(paths: readonly GuardedPath[]): ReadonlySet<string> {
  return new Set(paths.filter(({ isHealthy }) => isHealthy).map(({ node }) => node));
}
