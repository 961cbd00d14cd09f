import type { DaemonEvent } from '#api/events/events.ts';
import type { Clock } from '#clock.ts';
import type { LoopTurns } from '#net/turns.ts';
import type { RouteValidator } from '#policy/validation.ts';
import type { Rib } from '#rib/rib.ts';
import type { RibView } from '#rib/view.ts';
import type { DrainablePeer } from '#services/drain.ts';
import type { Peer } from '#session/peer.ts';
import type { Bmp } from '../bmp/bmp.ts';
import type { EventBus } from '../event-bus.ts';
import type { Mrt } from '../mrt/mrt.ts';
import type { Propagation } from '../propagation.ts';
import type { Readiness } from '../readiness.ts';
import type { Causes } from '../record/causes.ts';
import type { ObservedRib } from '../siblings/observed-rib.ts';
import type { StartGate } from '../start-gate.ts';
import type { Timings } from '../timings.ts';
import { Judges, type NamedPeers, peerNames } from './judges.ts';
import type { OwnAddresses } from './own-addresses.ts';
import type { Identity } from './session-settings.ts';

/** What all running peers share. */
export interface PeerContext {
  readonly clock: Clock;
  readonly rib: Rib;
  readonly view: RibView;
  /** The RIB of what observers send. */
  readonly observed: ObservedRib;
  readonly judges: Judges;
  readonly events: EventBus;
  readonly causes: Causes;
  readonly turns: LoopTurns;
  /** `max_paths`, which has to be enforced whenever paths may have been added. */
  readonly maxPaths: { readonly limit: number; enforce(): void };
  /** The present addresses of this machine. */
  readonly own: OwnAddresses;
  /** The RIB may have work, and the session's deadlines may have changed. */
  wake(session: Peer): void;
  /** Closed after the start; absent if there is none. */
  readonly gate: StartGate | undefined;
  readonly propagation: Propagation;
  readonly readiness: Readiness;
  /** Which peers are drained by an operator. */
  readonly drains: { isCovered(peer: DrainablePeer): boolean };
  readonly mrt: Pick<Mrt, 'isRecording' | 'message' | 'stateChanged'>;
  readonly bmp: Pick<Bmp, 'sessionUp' | 'sessionDown' | 'endOfRib'>;
  /** A connection from a range failed whose peer has never been Established. */
  strangerFailed(address: string, why: string): void;
  /** Such a peer has disconnected, or was refused. */
  strangerLeft(name: string): void;
  timerJudged(timer: 'keepalive' | 'hold', latenessMs: number): void;
  /** A bug; `fatal` if the RIB may be wrong. */
  internalError(error: unknown, fatal: boolean): void;
}

/** What the daemon has for its peers as it is, and the parts of which they need a little. */
interface DaemonParts extends Omit<PeerContext, Adapted> {
  readonly peers: NamedPeers;
  readonly rpki: { readonly data: RouteValidator };
  readonly timings: Timings;
  readonly journal: { readonly causes: Causes };
  readonly incoming: { refused(address: string, why: string): void };
  readonly lifecycle: { forgetStranger(name: string): void };
}

type Adapted = 'causes' | 'judges' | 'strangerFailed' | 'strangerLeft' | 'timerJudged';

/** Returns what the peers of the daemon share; called once, when the parts that it names exist. */
export function peerContextOf(daemon: DaemonParts): PeerContext {
  const { clock, rib, peers } = daemon;
  const { view, observed, events, own, maxPaths, gate } = daemon;
  const { turns, propagation, readiness, drains, mrt, bmp } = daemon;
  return {
    clock,
    rib,
    view,
    observed,
    events,
    causes: daemon.journal.causes,
    own,
    maxPaths,
    gate,
    propagation,
    readiness,
    drains,
    mrt,
    bmp,
    turns,
    judges: new Judges(rib.attrs, peerNames(peers), daemon.rpki.data),
    wake: (session) => daemon.wake(session),
    strangerFailed: (address, why) => daemon.incoming.refused(address, why),
    strangerLeft: (name) => clock.soon(() => daemon.lifecycle.forgetStranger(name)),
    timerJudged: (timer, latenessMs) => daemon.timings.timerJudged(timer, latenessMs),
    internalError: (error, fatal) => daemon.internalError(error, fatal),
  };
}

/** Settings of the configuration as a whole that apply to each peer; a reload may change them. */
export interface CommonSettings {
  readonly identity: Identity;
  /** Addresses of this machine at the time when the configuration was loaded; they are never valid next hops. */
  readonly ownAddresses: readonly Uint8Array[];
}

/** An event of a peer, without the peer's name. */
export type PeerEvent =
  Extract<DaemonEvent, { peer?: string }> extends infer Event
    ? Event extends DaemonEvent
      ? Omit<Event, 'peer'>
      : never
    : never;
