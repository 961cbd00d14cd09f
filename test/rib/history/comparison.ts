import type { PathId } from '#policy/ids.ts';
import { families, type Family } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';
import { longLivedStale, type NaivePath, type RibOracle } from '../../oracle/rib-oracle.ts';
import { canonical } from '../../policy/given.ts';
import type { RibUnderTest } from '../given.ts';
import { prefixText, type RouterTable } from '../router-table.ts';
import type { Actor } from './actor.ts';

/** Compares the RIB with its oracle, and throws where the two differ. */
export class Comparison {
  private readonly under: RibUnderTest;
  private readonly oracle: RibOracle;

  constructor(under: RibUnderTest, oracle: RibOracle) {
    this.under = under;
    this.oracle = oracle;
  }

  /** Compares everything, once the RIB has settled. */
  check(actors: readonly Actor[]): void {
    const isPaused = actors.some((actor) => actor.isLagging);
    for (const { family } of families) this.checkFamily(family, isPaused);
    for (const actor of actors) this.checkPeer(actor);
  }

  private checkFamily(family: Family, isPaused: boolean): void {
    const { tables } = this.under.rib.families[family];
    const prefixes = this.oracle.prefixes(family);
    same(
      'paths',
      tables.paths.size,
      this.oracle.paths.filter((it) => it.prefix.family === family).length,
    );
    if (!isPaused) same('prefixes', tables.prefixes.size, prefixes.length);
    same('dirty', tables.dirty.size, 0);
    same('every MED is comparable', tables.decision.isTotal, this.oracle.comparesAllMeds(family));
    let withBest = 0;
    for (const prefix of prefixes) {
      const id = tables.prefixes.find(prefix);
      const ranked = this.oracle.ranked(prefix).map((it) => `${it.peer.name}#${it.pathId}`);
      if (tables.locRib.bestOf(id) !== 0) withBest++;
      same(
        `ranks of ${prefixText(prefix)}`,
        tables.decision
          .ranked(tables.paths.first(id))
          .map((path) => this.nameOf(family, path))
          .join(),
        ranked.join(),
      );
      this.checkBest(prefix);
      this.checkBand(prefix, ranked[0]);
    }
    same('prefixes with a best path', tables.locRib.prefixes, withBest);
  }

  checkBest(prefix: Prefix): void {
    const { family } = prefix;
    const { prefixes, locRib } = this.under.rib.families[family].tables;
    const id = prefixes.find(prefix);
    const best = id === 0 ? id : locRib.bestOf(id);
    const [wanted] = this.oracle.ranked(prefix);
    same(
      `best of ${prefixText(prefix)}`,
      best === 0 ? undefined : this.nameOf(family, best as PathId),
      wanted && `${wanted.peer.name}#${wanted.pathId}`,
    );
  }

  private nameOf(family: Family, path: PathId): string {
    const { paths } = this.under.rib.families[family].tables;
    return `${this.under.rib.peer(paths.peer(path)).settings.name}#${paths.pathId(path)}`;
  }

  /** Checks that no path is best while there is one of a better band, whatever is drained or does not answer. */
  private checkBand(prefix: Prefix, best: string | undefined): void {
    if (this.oracle.serviceOf(prefix) === 0) return;
    const fresh = this.oracle.ranked(prefix).filter((it) => !isLongLivedStale(it));
    const bands = fresh.map((it) => this.oracle.bandOf(it));
    const ofBest = fresh.findIndex((it) => `${it.peer.name}#${it.pathId}` === best);
    if (bands.length > 0) same(`band of ${prefixText(prefix)}`, bands[ofBest], Math.min(...bands));
  }

  /** Compares the counts of paths, which are right at any time: leaving paths are still there, but not counted. */
  checkPaths({ id, naive }: Actor): void {
    const peer = this.under.rib.peer(id);
    for (const { family } of families) {
      const { received, accepted, blocked, stale } = peer.counts[family];
      same(
        `paths of ${peer.settings.name}`,
        JSON.stringify({ received, accepted, blocked, stale }),
        JSON.stringify(this.oracle.pathCounts(naive, family)),
      );
    }
  }

  private checkPeer(actor: Actor): void {
    const { rib, view } = this.under;
    const peer = rib.peer(actor.id);
    for (const { family } of families) {
      const { received, accepted, blocked, stale } = peer.counts[family];
      const best = rib.families[family].tables.locRib.bestCount(actor.id);
      const advertised = view.advertisedCount(actor.id, family);
      const want = this.oracle.counts(actor.naive, family);
      if (!actor.plan.families[family] || actor.isShadow) want.advertised = 0;
      const what = `counts of ${peer.settings.name}`;
      same(
        what,
        JSON.stringify({ received, accepted, blocked, stale, best, advertised }),
        JSON.stringify(want),
      );
      if (actor.naive.isUp && !actor.isLagging) this.checkRouter(actor, family);
    }
  }

  private checkRouter(actor: Actor, family: Family): void {
    const router = this.under.routerOf(actor.id);
    const isNegotiated = actor.plan.families[family];
    const ends = router.endOfRibs[family];
    const most = isNegotiated ? actor.joins : 0;
    const areRight = ends <= most && (actor.isShadow || most === 0 || ends > 0);
    same(`End-of-RIBs to ${actor.naive.name}: ${ends} of ${most}`, areRight, true);
    const asked = actor.refreshes[family];
    // Refreshes that are requested while one is in progress are answered together.
    const answered = router.begun[family];
    const wasShadow = actor.isShadow || actor.joins > 1;
    const isAnswered = answered <= asked && (wasShadow || answered > 0 === asked > 0);
    same(`BoRRs to ${actor.naive.name}: ${answered} of ${asked}`, isAnswered, true);
    same(`refresh in progress to ${actor.naive.name}`, router.isRefreshing[family], false);
    const isSent = isNegotiated && !actor.isShadow;
    const wanted = isSent ? this.oracle.sentTo(actor.naive, family) : [];
    const wantedTexts = wanted.map(({ prefix, route }) => routeText(prefixText(prefix), route));
    const held = heldRoutes(router, family);
    same(`table of ${actor.naive.name}`, held.join('\n'), wantedTexts.toSorted().join('\n'));
  }
}

function isLongLivedStale({ accepted }: NaivePath): boolean {
  return accepted?.communities.includes(longLivedStale) === true;
}

export function same(what: string, given: unknown, wanted: unknown): void {
  if (given !== wanted) throw new Error(`${what}:\n  given  ${given}\n  wanted ${wanted}`);
}

/** Returns what a client holds, sorted; of one that takes several paths, without regard to their identifiers. */
function heldRoutes({ routes, paths }: RouterTable, family: Family): string[] {
  const held = [
    ...[...routes].map(([prefix, route]) => ({ prefix, route })),
    ...paths.values(),
  ].filter(({ prefix }) => prefix.includes(':') === (family === 1));
  return held.map(({ prefix, route }) => routeText(prefix, route)).toSorted();
}

function routeText(prefix: string, route: PathAttributes): string {
  return `${prefix} ${canonicalText(route)}`;
}

const texts = new WeakMap<object, string>();

export function canonicalText(value: object): string {
  let known = texts.get(value);
  if (known === undefined) texts.set(value, (known = canonical(value)));
  return known;
}
