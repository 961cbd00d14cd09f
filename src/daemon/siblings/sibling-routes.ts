import type { Prefix } from '#wire/nlri.ts';

/** The best route of a sibling to a prefix, in the terms in which routers compare it. */
export interface SiblingRoute {
  readonly nextHop: Uint8Array;
  readonly asPathLength: number;
  readonly origin: number;
  readonly med: number;
  readonly neighbourAs: number;
}

/** What is known about the other route servers that routers hear. */
export interface SiblingRoutes {
  /** Yields observers, and names in `siblings` that no observer has any longer. */
  names(): Iterable<string>;
  /** Returns why nothing is certain about the sibling; `undefined` if its session is up and it has sent its table. */
  unknown(name: string): string | undefined;
  /** Returns its best route; `undefined` if it has none, or it is not known. */
  route(name: string, prefix: Prefix): SiblingRoute | undefined;
  /**
   * Yields every prefix of which it has a route with such a next hop, and `undefined` for each other prefix, so that
   * the walk can be done in slices.
   */
  prefixes(name: string, isWanted: (nextHop: Uint8Array) => boolean): Iterable<Prefix | undefined>;
}
