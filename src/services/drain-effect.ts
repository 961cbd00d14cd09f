/**
 * Whether a drain has taken effect: for each address and router, whether traffic still goes to the node. Pure: what is
 * known about the router and about the other route servers goes in. Only what the router itself has shown is `seen`;
 * what follows from what it was sent is `inferred`; everything else is `unknown`.
 */

export const effectWords = ['yes', 'no', 'unknown'] as const;
export type EffectWord = (typeof effectWords)[number];

export const effectBases = ['seen', 'inferred'] as const;
export type EffectBasis = (typeof effectBases)[number];

/** A route that a router is offered, in the terms in which a router compares it: up to and including MED. */
export interface Offer {
  /** Who offers it: `ours`, or the name of the sibling. */
  readonly from: string;
  readonly leadsToNode: boolean;
  /** As text: `w2 via 2001:db8:7::12, MED 200`. */
  readonly text: string;
  readonly asPathLength: number;
  readonly origin: number;
  readonly med: number;
  readonly neighbourAs: number;
}

/** What is known about a router and an address. */
export interface RouterFacts {
  readonly router: string;
  /** Its session with us is up, and carries the family. */
  readonly isUp: boolean;
  /** What we sent it last; absent: nothing. */
  readonly sent?: Offer;
  /** Whether its kernel has received everything that we have sent. */
  readonly received: EffectWord;
  /** Its own best route, if the router exports it to us. */
  readonly best?: Offer;
}

/** Another route server that the routers use. */
export interface SiblingFacts {
  readonly name: string;
  /** Why its best route is not known; absent: it is. */
  readonly unknown?: string;
  /** Its best route; absent: it has none. */
  readonly best?: Offer;
  /** It is listed in `siblings`, so that nothing is certain without it. */
  readonly isRequired: boolean;
}

export interface EffectFacts {
  readonly routers: readonly RouterFacts[];
  readonly siblings: readonly SiblingFacts[];
  /** There is no other route server, according to the operator. */
  readonly isSole: boolean;
}

export interface RouterEffect {
  readonly router: string;
  readonly effect: EffectWord;
  /** Absent if the effect is unknown. */
  readonly basis?: EffectBasis;
  readonly why: string;
}

/** Returns the effect for one address, router by router. */
export function effectOf(facts: EffectFacts): RouterEffect[] {
  return facts.routers.map((router) => ({
    router: router.router,
    ...(seenEffect(router) ?? inferredEffect(router, facts)),
  }));
}

type Verdict = Omit<RouterEffect, 'router'>;

function seenEffect({ best }: RouterFacts): Verdict | undefined {
  if (best === undefined) return undefined;
  const why = `its best route is ${best.text}`;
  return { effect: best.leadsToNode ? 'no' : 'yes', basis: 'seen', why };
}

function inferredEffect(router: RouterFacts, { siblings, isSole }: EffectFacts): Verdict {
  const { sent, received } = router;
  if (sent?.leadsToNode === true) return no(`this server sends ${sent.text}`);
  const others = [sent, ...siblings.map(({ best }) => best)].filter(
    (it) => it?.leadsToNode === false,
  );
  for (const { name, best } of siblings) {
    const lost = best?.leadsToNode === true ? againstOthers(name, best, others) : undefined;
    if (lost !== undefined) return lost;
  }
  const required = siblings.filter(({ isRequired }) => isRequired);
  for (const { name, unknown: why, best } of required) {
    if (why !== undefined) return unknown(`${name}: ${why}`);
    if (best?.leadsToNode === true) return no(`${name} sends ${best.text}`);
  }
  if (router.isUp && received !== 'yes') {
    return unknown('its kernel is not known to have received the change');
  }
  if (!isSole && required.length === 0) {
    return unknown('other route servers are not observed (siblings, sole_route_server)');
  }
  const names = required.map(({ name }) => name);
  return { effect: 'yes', basis: 'inferred', why: reasonOf(router, names) };
}

function reasonOf({ isUp, sent }: RouterFacts, siblings: readonly string[]): string {
  const ours = isUp
    ? `this server sends ${sent === undefined ? 'nothing' : sent.text}`
    : 'its session with this server is down';
  if (siblings.length === 0) return ours;
  const verb = siblings.length === 1 ? 'does' : 'do';
  return `${ours}; ${siblings.join(', ')} ${verb} not send the node either`;
}

/** Returns why routers may still use a route to the node; `undefined` if another route is better. */
function againstOthers(
  name: string,
  offer: Offer,
  others: readonly (Offer | undefined)[],
): Verdict | undefined {
  const results = new Set(others.map((other) => compareOffers(other, offer)));
  if (results.has('better')) return undefined;
  const text = `${name} sends ${offer.text}`;
  if (results.has('not_comparable')) {
    return unknown(`MED not comparable: ${text}, with another neighbour AS`);
  }
  return no(results.has('tie') ? `tie: ${text}` : text);
}

/** Compares two offers as routers do (RFC 4271 §9.1.2.2 a to c). */
function compareOffers(
  offer: Offer | undefined,
  other: Offer,
): 'better' | 'worse' | 'tie' | 'not_comparable' {
  if (offer === undefined) return 'worse';
  const before = offer.asPathLength - other.asPathLength || offer.origin - other.origin;
  if (before !== 0) return before < 0 ? 'better' : 'worse';
  if (offer.neighbourAs !== other.neighbourAs) return 'not_comparable';
  if (offer.med === other.med) return 'tie';
  return offer.med < other.med ? 'better' : 'worse';
}

function no(why: string): Verdict {
  return { effect: 'no', basis: 'inferred', why };
}

function unknown(why: string): Verdict {
  return { effect: 'unknown', why };
}
