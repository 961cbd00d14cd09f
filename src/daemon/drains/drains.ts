import { type By, byText } from '#api/by.ts';
import type { Work } from '#api/queries.ts';
import { type Cancel, type Clock, wallTime } from '#clock.ts';
import type { DurableFile } from '#history/durable-file.ts';
import type { Rib } from '#rib/rib.ts';
import {
  covers,
  type DrainablePeer,
  type DrainTarget,
  isSameTarget,
  targetText,
} from '#services/drain.ts';
import { messageOf } from '#text/message-of.ts';
import type { EventBus } from '../event-bus.ts';
import { inSlices } from '../in-slices.ts';
import type { RunningPeers } from '../peers/running-peers.ts';
import type { Causes } from '../record/causes.ts';
import { type BootTime, type Drain, readDrains, storedDrains } from './stored-drains.ts';

const checkEveryMs = 1000;
/** How often the remaining time is written, because after a reboot only the wall clock is available. */
const writeEveryMs = 60_000;

export interface DrainsParts {
  readonly clock: Clock;
  readonly boot: BootTime;
  readonly rib: Rib;
  readonly peers: RunningPeers;
  readonly events: EventBus;
  readonly causes: Pick<Causes, 'because'>;
  /** Absent without `state_dir`: drains end with the process. */
  readonly file: DurableFile | undefined;
  /** Returns why a drain whose time is over must not end by itself; `undefined` if it may. */
  readonly whyNotNow: (drain: Drain) => Work<string | undefined>;
  /** The RIB has work. */
  readonly changed: () => void;
}

export interface DrainRequest {
  readonly target: DrainTarget;
  readonly ttlMs?: number;
  readonly comment?: string;
  readonly by: By;
  readonly isVolatile: boolean;
}

/** The drains of this server: which are in force, which of them covers a peer, and when they end. */
export class Drains {
  /** The content of the file is not known, until a drain is begun or ended. */
  areLost = false;
  private readonly parts: DrainsParts;
  private list: readonly Drain[] = [];
  private lastNumber = 0;
  /** By id: why the drain has not ended although its time is over. */
  private readonly overdue = new Map<string, string>();
  private readonly cancels: Cancel[] = [];
  /** Whether a check of the drains whose time is over is in progress. */
  private isLooking = false;
  private hasStopped = false;

  constructor(parts: DrainsParts) {
    this.parts = parts;
  }

  /** Takes over what was in force when the daemon last ran, before anything is advertised. */
  load(): void {
    const { file, clock, boot, events } = this.parts;
    const read = file?.read();
    if (read === undefined || read.kind === 'nothing') return;
    const state = read.kind === 'value' ? readDrains(read.value, clock, boot) : undefined;
    if (state === undefined) {
      this.areLost = true;
      const why = read.kind === 'unreadable' ? read.text : `${file?.path}: not a list of drains`;
      const text = `the drains that were in force are lost: ${why}; drain again what must stay out of service`;
      events.emit({ event: 'drain_failed', text });
      return;
    }
    this.list = state.drains;
    this.lastNumber = state.lastNumber;
    this.applyAll();
  }

  start(): void {
    const { clock } = this.parts;
    this.cancels.push(clock.every(checkEveryMs, () => this.endThoseDue()));
    this.cancels.push(clock.every(writeEveryMs, () => this.keepTime()));
  }

  /** A check that is under way is abandoned: it would see the sessions end. */
  stop(): void {
    this.hasStopped = true;
    for (const cancel of this.cancels.splice(0)) cancel();
    this.keepTime();
  }

  [Symbol.iterator](): Iterator<Drain> {
    return this.list[Symbol.iterator]();
  }

  withId(id: string): Drain | undefined {
    return this.list.find((drain) => drain.id === id);
  }

  ofTarget(target: DrainTarget): Drain | undefined {
    return this.list.find((drain) => isSameTarget(drain.target, target));
  }

  isCovered(peer: DrainablePeer): boolean {
    return this.list.some(({ target }) => covers(target, peer));
  }

  overdueOf({ id }: Drain): string | undefined {
    return this.overdue.get(id);
  }

  /** Begins a drain. Throws an Error if it cannot be saved and is not meant to be volatile; then there is none. */
  add({ target, ttlMs, comment, by, isVolatile }: DrainRequest): Drain {
    const { clock, file } = this.parts;
    const drain: Drain = {
      id: `d${this.lastNumber + 1}`,
      target,
      sinceWallMs: clock.wall(),
      by,
      isVolatile: isVolatile || file === undefined,
      ...(comment !== undefined && { comment }),
      ...(ttlMs !== undefined && { endsAtMs: clock.monotonic() + ttlMs }),
    };
    const about = targetText(target);
    this.parts.causes.because({ kind: 'drain', text: `${about} is drained`, by }, () =>
      this.replace([...this.list, drain], this.lastNumber + 1, isVolatile),
    );
    const text = `${about} is drained${this.untilText(drain)} by ${byText(by)}`;
    this.parts.events.emit({
      event: 'drain',
      ...eventOf(drain),
      by,
      ...(comment !== undefined && { comment }),
      text: text + commentText(drain),
    });
    return drain;
  }

  /** Ends drains. Throws an Error if that cannot be saved and is not meant to be volatile; then all of them stay. */
  end(drains: readonly Drain[], by: By | undefined, isVolatile: boolean): void {
    const left = this.list.filter((drain) => !drains.includes(drain));
    const ended = drains.map(({ target }) => targetText(target)).join(', ');
    const whose = by === undefined ? {} : { by };
    const cause = { kind: 'undrain', text: `the drain of ${ended} has ended`, ...whose } as const;
    this.parts.causes.because(cause, () => this.replace(left, this.lastNumber, isVolatile));
    for (const drain of drains) {
      this.overdue.delete(drain.id);
      const who = by === undefined ? 'its time is over' : byText(by);
      const text = `the drain of ${targetText(drain.target)} has ended: ${who}`;
      this.parts.events.emit({ event: 'undrain', ...eventOf(drain), ...whose, text });
    }
  }

  private applyAll(): void {
    const { peers, rib, changed } = this.parts;
    for (const { ribId, config } of peers) rib.setDrained(ribId, this.isCovered(config));
    changed();
  }

  /** Returns RFC 3339, by the present wall clock. */
  untilOf({ endsAtMs }: Drain): string | undefined {
    if (endsAtMs === undefined) return undefined;
    const { clock } = this.parts;
    return wallTime(clock, endsAtMs);
  }

  private replace(drains: readonly Drain[], lastNumber: number, isVolatile: boolean): void {
    const { file, clock, boot } = this.parts;
    try {
      file?.write(storedDrains({ drains, lastNumber }, clock, boot));
      this.areLost = false;
    } catch (error) {
      if (!isVolatile) throw error;
    }
    this.list = drains;
    this.lastNumber = lastNumber;
    this.applyAll();
  }

  private keepTime(): void {
    if (!this.list.some(({ endsAtMs, isVolatile }) => endsAtMs !== undefined && !isVolatile))
      return;
    const { file, clock, boot, events } = this.parts;
    try {
      const { list: drains, lastNumber } = this;
      file?.write(storedDrains({ drains, lastNumber }, clock, boot));
    } catch (error) {
      const text = messageOf(error);
      events.emit({ event: 'drain_failed', text: `drains cannot be stored: ${text}` });
    }
  }

  /** One check at a time, each in slices. */
  private endThoseDue(): void {
    const { clock } = this.parts;
    if (this.isLooking || !this.list.some((drain) => this.isDue(drain))) return;
    this.isLooking = true;
    const work = inSlices(clock, this.endingThoseDue());
    const next = (): void => {
      if (this.hasStopped) return;
      if (work.next().done === true) this.isLooking = false;
      else clock.soon(next);
    };
    next();
  }

  private isDue({ endsAtMs }: Drain): boolean {
    return endsAtMs !== undefined && this.parts.clock.monotonic() >= endsAtMs;
  }

  private *endingThoseDue(): Generator<void> {
    const { whyNotNow, events } = this.parts;
    for (const drain of this.list) {
      if (!this.isDue(drain)) continue;
      const why = yield* whyNotNow(drain);
      // Someone has ended it meanwhile.
      if (!this.list.includes(drain)) continue;
      if (why === undefined) {
        this.end([drain], undefined, true);
        continue;
      }
      if (!this.overdue.has(drain.id)) {
        const text = `the time of the drain of ${targetText(drain.target)} is over, but it stays in force: ${why}`;
        events.emit({ event: 'drain_overdue', ...eventOf(drain), text });
      }
      this.overdue.set(drain.id, why);
    }
  }

  private untilText(drain: Drain): string {
    const until = this.untilOf(drain);
    return until === undefined ? '' : ` until ${until.slice(0, 19)}Z`;
  }
}

function eventOf({ id, target }: Drain) {
  return { drain: id, target: targetText(target) };
}

function commentText({ comment }: Drain): string {
  return comment === undefined ? '' : `: ${comment}`;
}
