import type { Family } from '#wire/constants.ts';
import { FamilyTables, type TableOptions } from './family-tables.ts';
import { AdjRibIn } from './in/adj-rib-in.ts';
import { Outbound } from './out/outbound.ts';
import type { RibOutput } from './out/update-group.ts';
import type { AttrTable } from './tables/attr-table.ts';
import type { AttrsMemo } from './tables/attrs-memo.ts';
import type { PeerRanks } from './tables/peer-ranks.ts';
import type { PeerSets } from './tables/peer-sets.ts';
import { ShareTable } from './tables/share-table.ts';
import type { Because } from './work/because.ts';

/** Everything that one family needs, from received to sent routes. */
export interface FamilyRib {
  readonly tables: FamilyTables;
  readonly adjRibIn: AdjRibIn;
  readonly shares: ShareTable;
  readonly outbound: Outbound;
}

/** What the families share. */
export interface SharedTables {
  readonly attrs: AttrTable;
  readonly ranks: PeerRanks;
  readonly peerSets: PeerSets;
  readonly verdicts: AttrsMemo;
  readonly because: Because;
}

export interface FamilyOptions extends TableOptions {
  readonly seed: number;
  readonly output: RibOutput;
  /** How many paths that a limit held back are let in at once [256]; tests have fewer. */
  readonly admittedAtOnce?: number;
}

export function makeFamilyRib(
  family: Family,
  { attrs, ranks, peerSets, verdicts, because }: SharedTables,
  options: FamilyOptions,
): FamilyRib {
  const { seed, output, admittedAtOnce } = options;
  const tables = new FamilyTables(family, seed, { attrs, ranks, because }, options);
  const shares = new ShareTable(peerSets, seed);
  return {
    tables,
    adjRibIn: new AdjRibIn(tables, attrs, verdicts, admittedAtOnce),
    shares,
    outbound: new Outbound(tables, attrs, shares, peerSets, output),
  };
}
