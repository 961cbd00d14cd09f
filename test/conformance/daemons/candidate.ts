import type { Daemon } from '#support/process.ts';
import type { Case } from '../case.ts';
import type { PlannedPeer } from '../world.ts';

export type Make = 'fingerpost' | 'bird' | 'frr' | 'gobgp' | 'openbgpd';

/** What a daemon is configured for, whatever its make. */
export interface Setup {
  /** For its files; removed afterwards. */
  readonly folder: string;
  /** Where it listens. */
  readonly address: string;
  /** Where peers listen that it dials. */
  readonly dialPort: number;
  readonly peers: readonly PlannedPeer[];
}

export interface RunningDaemon {
  readonly process: Daemon;
  readonly port: number;
  /** Of fingerpost: asks over its control socket. */
  control?(method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown>;
  /** Of fingerpost: reloads its configuration, edited. */
  reload?(edit: (config: string) => string): void;
}

/** A daemon that the suite can be played against. */
export interface Candidate {
  readonly make: Make;
  /** Absent when it is not installed. */
  readonly program: string | undefined;
  /** Listens for a peer from the first moment: a call that is closed without a word is an answer. */
  readonly answersAtOnce: boolean;
  /** Seconds that whatever should come is waited for. */
  readonly patienceSec: number;
  /** Why a case cannot be played, or `undefined`. */
  unfit(row: Case): string | undefined;
  launch(setup: Setup): Promise<RunningDaemon>;
}
