import type { Prefix } from '#wire/nlri.ts';

/** The best route of a sibling to a prefix, as far as routers compare it. */
export interface SiblingRoute {
  readonly nextHop: Uint8Array;
  readonly asPathLength: number;
  readonly origin: number;
  readonly med: number;
  readonly neighbourAs: number;
}

/** What is known of the other route servers that routers hear. */
export interface SiblingRoutes {
  /** Observers, and names in `siblings` that no observer bears any longer. */
  names(): Iterable<string>;
  /** Why nothing is certain of the sibling; `undefined`: its session is up, and it has sent its table. */
  unknown(name: string): string | undefined;
  /** Its best route; `undefined`: it has none, or it is not known. */
  route(name: string, prefix: Prefix): SiblingRoute | undefined;
  /**
   * Every prefix of which it has a route with such a next hop; `undefined` for each of the others, so that they can
   * be gone through in slices.
   */
  prefixes(name: string, isWanted: (nextHop: Uint8Array) => boolean): Iterable<Prefix | undefined>;
}
