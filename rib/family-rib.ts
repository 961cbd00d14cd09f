import type { AdjRibIn } from './adj-rib-in.ts';
import type { Advertiser } from './advertiser.ts';
import type { PathAdvertiser } from './path-advertiser.ts';
import type { Exports } from './share.ts';
import type { ShareTable } from './share-table.ts';
import type { Tables } from './tables.ts';

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
