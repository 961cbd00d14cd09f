import type { HistoryLimits, HistoryQuery, HistoryRow } from './history-rows.ts';

/** What passes between the daemon and the thread that keeps the history: a request, and the one reply to it. */

export type HistoryRequest =
  | { readonly kind: 'open'; readonly directory: string }
  /** Rows to be kept; without any, what is too old is removed all the same. */
  | {
      readonly kind: 'store';
      readonly rows: readonly HistoryRow[];
      readonly limits: HistoryLimits;
      /** Unix ms; absent: nothing is too old, as the clock may be wrong. */
      readonly nowMs?: number;
    }
  /** Newest first. */
  | {
      readonly kind: 'find';
      readonly query: HistoryQuery;
      readonly limit: number;
      readonly before?: number;
    }
  /** Oldest first. */
  | { readonly kind: 'after'; readonly id: number; readonly limit: number }
  /** The thread ends. */
  | { readonly kind: 'close' };

export type HistoryReply =
  | { readonly kind: 'opened'; readonly lastId?: number }
  /** All of it is on the disk. `note`: what was healed on the way, for people. */
  | { readonly kind: 'stored'; readonly sizeBytes: number; readonly note?: string }
  | { readonly kind: 'found'; readonly texts: readonly string[]; readonly isMore: boolean }
  /** Of `after`: some of what came after it may have been removed. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'closed' }
  /** Nothing of it was done. */
  | { readonly kind: 'failed'; readonly text: string };

/** In one direction and in the other; `number` is of the request. */
export type NumberedRequest = HistoryRequest & { readonly number: number };
export type NumberedReply = HistoryReply & { readonly number: number };
