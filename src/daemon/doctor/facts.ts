import type { DoctorItem, Severity } from '#api/doctor.ts';
import type { PathView } from '#api/path.ts';
import type { PeerView } from '#api/peer.ts';
import type { Config, PeerConfig } from '#config/config.ts';
import type { FamilyName } from '#wire/constants.ts';
import type { Hint } from '../views/peer-hints.ts';

/** What is known of a peer: its settings, its state, and some of its routes. */
export interface PeerFacts {
  readonly config: PeerConfig;
  readonly view: PeerView;
  readonly hints: readonly Hint[];
  /** Why our last connection attempt failed, where the peer was not reached. */
  readonly dialFailure?: string;
  /** Families whose End-of-RIB came before all routes, in this session. */
  readonly earlyEndOfRib: readonly FamilyName[];
  /** The first of each table. */
  readonly accepted: readonly PathView[];
  readonly rejected: readonly PathView[];
  readonly withheld: readonly PathView[];
}

/** The route server and all its peers. */
export interface SiteFacts {
  readonly config: Config;
  readonly routerId: string;
  readonly peers: readonly PeerFacts[];
}

/** A finding without its peer and code, which the table knows. */
export type Diagnosis = Omit<DoctorItem, 'severity' | 'code' | 'peer'>;

/** One idea of what may be wrong with a peer. */
export interface PeerFinding {
  readonly code: string;
  readonly severity: Severity;
  readonly find: (peer: PeerFacts, site: SiteFacts) => Diagnosis | undefined;
}

/** One idea of what may be wrong among the peers, once for each time that it is found. */
export interface SiteFinding {
  readonly code: string;
  readonly severity: Severity;
  readonly find: (site: SiteFacts) => readonly (Diagnosis & { readonly peer?: string })[];
}
