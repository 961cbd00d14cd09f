import type { Daemon } from '#support/process.ts';
import type { Case } from '../case.ts';
import type { PlannedPeer } from '../world.ts';

export type Make = 'fingerpost' | 'bird' | 'frr' | 'gobgp' | 'openbgpd';

/** What a daemon is configured for, whatever its make. */
export interface Setup {
  /** The folder for its files, which is removed afterwards. */
  readonly folder: string;
  /** Where it listens. */
  readonly address: string;
  /** Where the peers that it dials listen. */
  readonly dialPort: number;
  readonly peers: readonly PlannedPeer[];
}

export interface RunningDaemon {
  readonly process: Daemon;
  readonly port: number;
  /** For fingerpost only: sends a request over its control socket. */
  control?(method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown>;
  /** For fingerpost only: edits its configuration and reloads it. */
  reload?(edit: (config: string) => string): void;
}

/** A daemon that the suite can be played against. */
export interface Candidate {
  readonly make: Make;
  /** Absent if it is not installed. */
  readonly program: string | undefined;
  /** It listens for a peer from the first moment: then a connection that is closed without a message is an answer. */
  readonly answersAtOnce: boolean;
  /** For how many seconds a message that should come is waited for. */
  readonly patienceSec: number;
  /** Returns why a case cannot be played, or `undefined`. */
  unfit(row: Case): string | undefined;
  launch(setup: Setup): Promise<RunningDaemon>;
}
