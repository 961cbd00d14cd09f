import type { Cancel, Clock } from '#clock.ts';
import type { Config, MrtConfig } from '#config/config.ts';
import { hasPathIds } from '#mrt/path-ids.ts';
import { RecordWriter } from '#mrt/record-writer.ts';
import { type SessionEnds, writeMessage, writeStateChange } from '#mrt/session-records.ts';
import type { RibView } from '#rib/view.ts';
import type { State } from '#session/fsm.ts';
import { AgeClock } from '../age-clock.ts';
import type { ConfigFollower } from '../config-follower.ts';
import { DumpThread, type DumpThreadParts } from './dump-thread.ts';
import { TableDump, type TablePeers } from './table-dump.ts';

/** What has arrived is passed to the thread after this time, or when it has this size. */
const writeAfterMs = 1_000;
const bytesAtOnce = 256 * 1024;
/** How often old files are removed even if nothing arrives. */
const lookEveryMs = 60_000;

export interface MrtParts extends Pick<DumpThreadParts, 'events' | 'startThread'> {
  readonly clock: Clock;
  readonly view: RibView;
  readonly peers: TablePeers;
}

/** A session whose messages are recorded. */
export interface RecordedSession extends SessionEnds {
  readonly asnBytes: 2 | 4;
  /** By `Family`: the peer sends path identifiers. */
  readonly addPath: readonly boolean[];
}

/**
 * MRT dumps: what peers send, as it arrives, and tables at an interval. The main thread makes records of bytes that it
 * has anyway; a thread that exists while dumps are configured writes them.
 */
export class Mrt implements ConfigFollower {
  private readonly clock: Clock;
  private readonly ageClock: AgeClock;
  private readonly thread: DumpThread;
  private readonly table: TableDump;
  private readonly updates = new RecordWriter();
  private config: MrtConfig | undefined;
  private routerId: number;
  private cancelWrite: Cancel | undefined;
  private cancelLook: Cancel | undefined;
  private cancelTable: Cancel | undefined;

  constructor(config: Config, { clock, view, peers, ...threadParts }: MrtParts) {
    this.clock = clock;
    this.ageClock = new AgeClock(clock);
    this.config = config.mrt;
    this.routerId = config.routerId;
    this.thread = new DumpThread({ ...threadParts, clock, taken: () => this.table.goOn() });
    this.table = new TableDump({ clock, view, peers, thread: this.thread });
  }

  start(): void {
    this.configure();
  }

  /** Whether messages and changes of state are wanted. */
  get isRecording(): boolean {
    return this.config?.updates !== undefined;
  }

  /** Records a message of a peer as it was received, header included. */
  message(session: RecordedSession, bytes: Uint8Array, start: number, end: number): void {
    const addPath = hasPathIds(bytes, start, end, session.addPath);
    const message = { asnBytes: session.asnBytes, addPath, bytes, start, end };
    writeMessage(this.updates, this.clock.wall(), session, message);
    this.written();
  }

  stateChanged(ends: SessionEnds, from: State, to: State): void {
    writeStateChange(this.updates, this.clock.wall(), ends, { from, to });
    this.written();
  }

  applyConfig(config: Config, changed: ReadonlySet<string>): void {
    this.routerId = config.routerId;
    if (!changed.has('mrt')) return;
    this.write();
    const hadDumps = this.config !== undefined;
    this.config = config.mrt;
    this.cancel();
    if (this.config === undefined && hadDumps) void this.thread.end();
    else this.configure();
  }

  /** Resolves when everything is written, or after the disk has had four seconds for that. */
  async stop(): Promise<void> {
    this.write();
    this.cancel();
    await this.thread.end();
  }

  private configure(): void {
    if (this.config === undefined) return;
    const { updates, tables, maxSizeBytes, minFreeBytes } = this.config;
    const places = {
      ...(updates !== undefined && { updates }),
      ...(tables !== undefined && { rib: tables }),
    };
    this.thread.configure({ places, maxSizeBytes, minFreeBytes });
    this.cancelLook = this.clock.every(lookEveryMs, () => this.look());
    this.planTable();
  }

  private look(): void {
    const ageMs = this.ageClock.now();
    this.thread.look({ wallMs: this.clock.wall(), ...(ageMs !== undefined && { ageMs }) });
  }

  /**
   * Tables are dumped at multiples of the interval by the wall clock, so that the files of all servers have the same
   * times.
   */
  private planTable(): void {
    const everyMs = this.config?.tables?.intervalMs;
    if (everyMs === undefined) return;
    const waitMs = everyMs - (this.clock.wall() % everyMs);
    this.cancelTable = this.clock.after(waitMs, () => {
      this.table.begin(this.routerId);
      this.planTable();
    });
  }

  private written(): void {
    if (this.updates.lengthBytes >= bytesAtOnce) this.write();
    else this.cancelWrite ??= this.clock.after(writeAfterMs, () => this.write());
  }

  private write(): void {
    this.cancelWrite?.();
    this.cancelWrite = undefined;
    if (this.updates.lengthBytes === 0) return;
    const bytes = this.updates.take();
    this.thread.write({ stream: 'updates', wallMs: this.clock.wall(), bytes, isLast: false });
  }

  private cancel(): void {
    this.cancelWrite?.();
    this.cancelWrite = undefined;
    this.cancelLook?.();
    this.cancelTable?.();
    this.table.giveUp();
  }
}
