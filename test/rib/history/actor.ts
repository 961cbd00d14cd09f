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
  /** How often it began to be sent the table in this session; each time after the first, its shadow had ended. */
  joins: number;
  /** The route that it announced last. */
  last?: NaiveRoute;
  /** The number of enhanced refreshes that it requested in this session, by family. */
  refreshes: number[];
}
