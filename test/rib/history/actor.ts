import type { PeerId } from '#policy/ids.ts';
import type { NaivePeer, NaiveRoute } from '../../oracle/rib-oracle.ts';
import type { PeerPlan } from '../random-routes.ts';

/** A peer on both sides of the comparison. */
export interface Actor {
  readonly plan: PeerPlan;
  readonly id: PeerId;
  readonly naive: NaivePeer;
  isLagging: boolean;
  isShadow: boolean;
  /** Times that it began to be sent the table in this session; beyond the first it came out of the shadow. */
  joins: number;
  /** What it announced last. */
  last?: NaiveRoute;
  /** Enhanced refreshes asked for in this session, by family. */
  refreshes: number[];
}
