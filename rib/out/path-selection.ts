import type { PathId, PeerId, PrefixId } from '#policy/ids.ts';
import type { Slice } from '../work/slice.ts';
import type { CatchUp } from './catch-up.ts';
import type { StagedChanges } from './staged-changes.ts';
import type { UpdateGroup } from './update-group.ts';

/**
 * Which paths of a prefix a client is sent: the best that it may have (`BestPath`), or every one (`EveryPath`, RFC
 * 7911). Everything else about clients is the same in both cases: `Advertiser`, `Clients`.
 */
export interface PathSelection {
  /** No client has been sent anything. */
  readonly isEmpty: boolean;
  /** Whether prefixes are waiting whose paths may have to be sent or withdrawn. */
  readonly hasChanges: boolean;
  /** Whether any of them waits because of a change in the network, and not only because of new settings. */
  readonly isUrgent: boolean;
  /** Stages what changes for which clients, and updates the Adj-RIB-Out. A row of the slice is a prefix or a path. */
  stage(staged: StagedChanges, slice: Slice): void;
  /** Everything that was staged has been written, so ids that were kept for it may be freed. */
  release(): void;
  /**
   * Returns a test of whether the peer is to be sent the prefix. The test is for one pass over the table, and is
   * created again for each part of it.
   */
  wantedBy(peer: PeerId): (prefix: PrefixId) => boolean;
  /**
   * A client that is catching up awaits what is staged for it. `areUnsent` means that no client has been sent any of it
   * yet.
   */
  defer(catchUp: CatchUp, staged: StagedChanges, areUnsent: boolean): void;
  /**
   * Returns whether a client that is catching up is still to be sent the path (0 for clients of one path per prefix),
   * and nothing if the path is withdrawn before.
   */
  isUnheld(catchUp: CatchUp, prefix: PrefixId, path: PathId): boolean;
  /** Writes what a client that is catching up awaits, as far as the slice goes. */
  feed(catchUp: CatchUp, group: UpdateGroup, slice: Slice): void;
}
