import type { Clock } from '#clock.ts';
import type { Deciding, LoopTurns } from '#net/turns.ts';
import type { Rib } from '#rib/rib.ts';
import type { Histogram } from './histogram.ts';
import type { Propagation } from './propagation.ts';

/** The most prefixes in a slice, which ends earlier if its part of the turn is over; sockets are read in between. */
const slicePrefixes = 8192;

export interface PumpParts {
  /** The RIB of what siblings send; it is worked on after our own routes, and never delays them. */
  readonly observed: Pick<Rib, 'hasWork' | 'work'>;
  /** The RIB's work in each slice, in seconds. */
  readonly durations: Histogram;
  /** Each slice as a whole, including what follows from it, in seconds. */
  readonly slices: Histogram;
  readonly propagation: Propagation;
  /** Called after each slice. */
  readonly onWorked: () => void;
  /** Called with an error thrown inside the RIB: it may be wrong, so nothing may continue with it. */
  readonly onBug: (error: unknown) => void;
}

/** Drives the second half of the path of an UPDATE: a slice in each turn of the event loop while the RIB has work. */
export class Pump implements Deciding {
  private readonly rib: Rib;
  private readonly clock: Clock;
  private readonly turns: LoopTurns;
  private readonly parts: PumpParts;
  private isScheduled = false;
  private isHeld = false;

  constructor(rib: Rib, clock: Clock, turns: LoopTurns, parts: PumpParts) {
    this.rib = rib;
    this.clock = clock;
    this.turns = turns;
    this.parts = parts;
  }

  /** To be called after anything that may have given the RIB work. */
  schedule(): void {
    if (this.isScheduled || this.isHeld || !this.hasWork) return;
    this.isScheduled = true;
    this.turns.decide(this);
  }

  /** Nothing is decided or advertised until `release`: what is waiting is half of a change, or of a stop. */
  hold(): void {
    this.isHeld = true;
  }

  release(): void {
    this.isHeld = false;
    this.schedule();
  }

  /** What follows from losses goes before everything else. */
  get isUrgent(): boolean {
    return this.rib.isLosing;
  }

  slice(isLate: () => boolean): void {
    this.isScheduled = false;
    if (this.isHeld) return;
    const { durations, slices, propagation, onWorked, onBug } = this.parts;
    const { isUrgent } = this;
    const startMs = this.clock.monotonic();
    try {
      if (this.rib.hasWork) propagation.during(() => this.rib.work(slicePrefixes, isLate));
      if (!isUrgent && !isLate()) this.parts.observed.work(slicePrefixes, isLate);
      durations.observe((this.clock.monotonic() - startMs) / 1000);
      onWorked();
    } catch (error) {
      onBug(error);
      return;
    }
    slices.observe((this.clock.monotonic() - startMs) / 1000);
    this.schedule();
  }

  private get hasWork(): boolean {
    return this.rib.hasWork || this.parts.observed.hasWork;
  }
}
