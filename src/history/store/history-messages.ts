import type { HistoryLimits, HistoryQuery, HistoryRow } from './history-rows.ts';

/** The messages between the daemon and the thread that keeps the history: a request, and the one reply to it. */

export type HistoryRequest =
  | { readonly kind: 'open'; readonly directory: string }
  /** Rows to store. Even without any, rows that are too old are removed. */
  | {
      readonly kind: 'store';
      readonly rows: readonly HistoryRow[];
      readonly limits: HistoryLimits;
      /** Unix ms. If absent, nothing counts as too old, because the clock may be wrong. */
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
  /** Ends the thread. */
  | { readonly kind: 'close' };

export type HistoryReply =
  | { readonly kind: 'opened'; readonly lastId?: number }
  /** All of it is on disk. `note` describes repairs on the way, for people. */
  | { readonly kind: 'stored'; readonly sizeBytes: number; readonly note?: string }
  | { readonly kind: 'found'; readonly texts: readonly string[]; readonly isMore: boolean }
  /** The reply to `after` if some of the later rows may have been removed. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'closed' }
  /** Nothing of it was done. */
  | { readonly kind: 'failed'; readonly text: string };

/** A request or a reply with the number of the request. */
export type NumberedRequest = HistoryRequest & { readonly number: number };
export type NumberedReply = HistoryReply & { readonly number: number };
