import type { By } from '#api/by.ts';
import type { Commands } from '#api/commands.ts';
import type { Queries } from '#api/queries.ts';
import type { Clock } from '#clock.ts';
import type { OpenAnswers } from './answers/open-answers.ts';
import type { Turns } from './answers/turns.ts';
import type { Connections } from './connections.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { OneAtATime } from './one-at-a-time.ts';
import type { EventStream } from './stream.ts';
import type { PeerUid } from './who.ts';

/** What handlers work with; one object for all listeners of a daemon. */
export interface Context {
  readonly queries: Queries;
  readonly commands: Commands;
  readonly metrics: Metrics;
  readonly stream: EventStream;
  readonly clock: Clock;
  readonly turns: Turns;
  readonly answers: OpenAnswers;
  /** The places for event streams, which take none of the places for answers. */
  readonly streams: OpenAnswers;
  readonly connections: Connections;
  readonly whatIfs: OneAtATime;
  /** Called for each request that had no right to what it asked for. */
  readonly authFailed?: ((address: string, text: string) => void) | undefined;
  /** Called for each command when it has been executed or refused. */
  readonly commandRun?: ((command: RunCommand) => void) | undefined;
  readonly peerUid?: PeerUid | undefined;
}

/** What an operator makes the daemon do. */
export interface CommandWords {
  /** `disable W1` */
  readonly text: string;
  readonly peer?: string;
  readonly node?: string;
  /** What the operator says about it. */
  readonly comment?: string;
}

/** A command that has been executed or refused; `ok`: it was not refused. */
export interface RunCommand extends CommandWords {
  readonly ok: boolean;
  readonly by: By;
}
