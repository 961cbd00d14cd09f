import type { EventView } from '#api/events/event-view.ts';
import { isBefore } from '#api/events/events.ts';
import type { KeptHistory } from './kept-history.ts';
import { isOlder, type Recorder, type RecordQuery } from './recorder.ts';

/** The most events that a reader of the stream is sent when it comes back. */
const mostResumed = 10_000;
const resumedAtOnce = 1_000;

/** Newest first. */
export interface HistoryPage {
  readonly items: EventView[];
  /** There may be more before these. */
  readonly isMore: boolean;
  /** Why older events could not be read. */
  readonly incomplete?: string;
}

/** Everything that was recorded: the last events from memory and, with a `state_dir`, those before from disk. */
export class History {
  private readonly recorder: Recorder;
  private readonly kept: KeptHistory | undefined;

  constructor(recorder: Recorder, kept: KeptHistory | undefined) {
    this.recorder = recorder;
    this.kept = kept;
  }

  /** At most `limit` events before the event `before`. */
  async page(query: RecordQuery, limit: number, before: string | undefined): Promise<HistoryPage> {
    const { kept, recorder } = this;
    const recent = recorder.query(query, limit, before);
    if (kept === undefined) return { items: recent, isMore: recent.length >= limit };
    const floor = recorder.completeAfter;
    const items = recent.filter(({ id }) => isBefore(floor, id));
    if (items.length >= limit) return { items, isMore: true };
    if (isOlder(floor, query)) return { items, isMore: false };
    const from = before !== undefined && isBefore(before, floor) ? before : idAfter(floor);
    const found = await kept.find(query, limit - items.length, from);
    if (found === undefined) return { items: recent, isMore: false, incomplete: kept.whyNot };
    return { items: [...items, ...found.events], isMore: found.isMore };
  }

  /** Returns the events after this one, oldest first; `undefined` if some of them may be missing. */
  async after(id: string): Promise<readonly EventView[] | undefined> {
    const { kept, recorder } = this;
    if (kept === undefined || !isBefore(id, recorder.completeAfter)) return recorder.after(id);
    const events: EventView[] = [];
    for (let last = id; events.length < mostResumed;) {
      const found = await kept.after(last, resumedAtOnce);
      if (found === undefined) return undefined;
      const floor = recorder.completeAfter;
      events.push(...found.events.filter((event) => !isBefore(floor, event.id)));
      last = events.at(-1)?.id ?? last;
      if (!found.isMore || !isBefore(last, floor)) {
        return [...events, ...(recorder.after(floor) ?? [])];
      }
    }
    return undefined;
  }
}

function idAfter(id: string): string {
  return (parseInt(id, 36) + 1).toString(36);
}
