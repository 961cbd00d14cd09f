import type { DoctorItem, Severity } from '#api/views/doctor.ts';
import type { PathView } from '#api/views/path.ts';
import type { PeerView } from '#api/views/peer.ts';
import type { Config, PeerConfig } from '#config/config.ts';
import type { FamilyName } from '#wire/constants.ts';
import type { RpkiTrouble } from '../rpki/rpki-troubles.ts';
import type { Hint } from '../views/peer-hints.ts';

/** What is known about a peer: its settings, its state, and some of its routes. */
export interface PeerFacts {
  readonly config: PeerConfig;
  readonly view: PeerView;
  readonly hints: readonly Hint[];
  /** Why our last connection attempt failed, if the peer was not reached. */
  readonly dialFailure?: string;
  /** Families whose End-of-RIB came before all routes, in this session. */
  readonly earlyEndOfRib: readonly FamilyName[];
  /** The first of each table. */
  readonly accepted: readonly PathView[];
  readonly rejected: readonly PathView[];
  readonly withheld: readonly PathView[];
}

/** The accepted paths of one prefix that were looked at, best first. */
export interface Rivals {
  readonly prefix: string;
  readonly paths: readonly PathView[];
}

/** The route server and all its peers. */
export interface SiteFacts {
  readonly config: Config;
  readonly routerId: string;
  readonly peers: readonly PeerFacts[];
  /** Of all peers, for each prefix with several accepted paths. */
  readonly rivals: readonly Rivals[];
  /** What is wrong with validated data. */
  readonly rpki: readonly RpkiTrouble[];
  /** Why events are kept in memory only, if they are not written to `state_dir`. */
  readonly historyFailure?: string;
  /** The last time in which this daemon did not run, and when that ended, if it was lately. */
  readonly stall?: { readonly text: string; readonly until: string };
}

/**
 * What findings about one peer look at beside it: determined once for all, so that a peer costs the same among any
 * number.
 */
export interface Surroundings {
  /** The longest negotiated hold time of a source, in seconds; absent if none has one. */
  readonly longestSourceHoldTimeSec?: number;
  /** Whether a sibling route server is observed. */
  readonly hasObserver: boolean;
}

/** A finding without its severity, code and peer, which the table adds. */
export type Diagnosis = Omit<DoctorItem, 'severity' | 'code' | 'peer'>;

/** One problem that a peer may have. */
export interface PeerFinding {
  readonly code: string;
  readonly severity: Severity;
  readonly find: (peer: PeerFacts, around: Surroundings) => Diagnosis | undefined;
}

/** One problem that may exist among the peers; returned once for each time that it is found. */
export interface SiteFinding {
  readonly code: string;
  readonly severity: Severity;
  readonly find: (site: SiteFacts) => readonly (Diagnosis & { readonly peer?: string })[];
}
