import type { Family } from '#wire/constants.ts';
import { AdjRibIn } from './in/adj-rib-in.ts';
import { Advertiser } from './out/advertiser.ts';
import type { AttrTable } from './tables/attr-table.ts';
import type { AttrsMemo } from './tables/attrs-memo.ts';
import type { DecisionOptions } from './decision.ts';
import { PathAdvertiser } from './out/path-advertiser.ts';
import type { PeerRanks } from './tables/peer-ranks.ts';
import type { PeerSets } from './tables/peer-sets.ts';
import type { RibPeer } from './rib-peer.ts';
import { Exports } from './out/exports.ts';
import { ShareTable } from './tables/share-table.ts';
import { Tables } from './tables/tables.ts';
import type { RibOutput } from './out/update-group.ts';

/** One family's whole way from received to sent. */
export interface FamilyRib {
  readonly tables: Tables;
  readonly adjRibIn: AdjRibIn;
  readonly shares: ShareTable;
  readonly exports: Exports;
  readonly advertiser: Advertiser;
  /** Clients that take several paths of a prefix, and how they are served. */
  readonly pathExports: Exports;
  readonly pathAdvertiser: PathAdvertiser;
}

/** What the families have in common. */
export interface SharedTables {
  readonly attrs: AttrTable;
  readonly ranks: PeerRanks;
  readonly peerSets: PeerSets;
  readonly verdicts: AttrsMemo;
}

export interface FamilyOptions {
  readonly seed: number;
  readonly decision: DecisionOptions;
  readonly output: RibOutput;
}

export function makeFamilyRib(
  family: Family,
  { attrs, ranks, peerSets, verdicts }: SharedTables,
  { seed, decision, output }: FamilyOptions,
): FamilyRib {
  const tables = new Tables(family, seed, attrs, ranks, decision);
  const shares = new ShareTable(peerSets, seed);
  const exports = new Exports(tables, attrs, shares);
  const pathExports = new Exports(tables, attrs, shares);
  return {
    tables,
    adjRibIn: new AdjRibIn(tables, attrs, verdicts),
    shares,
    exports,
    advertiser: new Advertiser(tables, attrs, shares, exports, output),
    pathExports,
    pathAdvertiser: new PathAdvertiser(tables, attrs, shares, pathExports, output),
  };
}

/** Which next hops its last session carried decides what a client may have (RFC 8950). True: all is to be shared out anew. */
export function takeNextHops(
  { tables, exports, pathExports }: FamilyRib,
  { id, takesAnyNextHop }: RibPeer,
): boolean {
  const takes = takesAnyNextHop[tables.family];
  const isNews = exports.setTakesAnyNextHop(id, takes);
  return pathExports.setTakesAnyNextHop(id, takes) || isNews;
}
