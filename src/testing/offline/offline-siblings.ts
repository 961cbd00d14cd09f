import type { SiblingRoute, SiblingRoutes } from '#daemon/siblings/sibling-routes.ts';
import { formatPrefix } from '#text/prefix.ts';
import type { Prefix } from '#wire/nlri.ts';

/** The offers of siblings, as the steps give them. */
export class OfflineSiblings implements Pick<SiblingRoutes, 'route' | 'unknown'> {
  private readonly offers = new Map<string, Map<string, SiblingRoute>>();

  say(name: string, prefix: Prefix, route: SiblingRoute | undefined): void {
    const offers = this.offers.get(name) ?? new Map<string, SiblingRoute>();
    this.offers.set(name, offers);
    if (route === undefined) offers.delete(formatPrefix(prefix));
    else offers.set(formatPrefix(prefix), route);
  }

  unknown(name: string): string | undefined {
    return this.offers.has(name) ? undefined : 'no step says what it offers';
  }

  route(name: string, prefix: Prefix): SiblingRoute | undefined {
    return this.offers.get(name)?.get(formatPrefix(prefix));
  }
}
