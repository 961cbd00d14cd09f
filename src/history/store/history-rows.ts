/** An event as the history stores it: columns for what queries use, and the whole event as text. */
export interface HistoryRow {
  /** Microseconds since 1970 or slightly later: unique, and larger than the id of any earlier event. */
  readonly id: number;
  /** Unix ms. */
  readonly at: number;
  readonly kind: string;
  readonly peer?: string;
  readonly prefix?: string;
  readonly service?: string;
  /** For failovers: true for the summary of a cause, false for an address. */
  readonly isSummary?: boolean;
  /** The event belongs to the share of the space that other events cannot take. */
  readonly isReserved: boolean;
  /** JSON. */
  readonly text: string;
}

/** A query of the history; absent fields match everything. Times are Unix ms. */
export interface HistoryQuery {
  readonly sinceMs?: number;
  readonly untilMs?: number;
  readonly peer?: string;
  readonly prefix?: string;
  readonly service?: string;
  readonly kind?: string;
  /** The kind of the cause. */
  readonly causeKind?: string;
  readonly isSummary?: boolean;
}

/** The texts of rows. */
export interface FoundRows {
  readonly texts: readonly string[];
  /** There may be more rows after these. */
  readonly isMore: boolean;
}

/** How much is kept. */
export interface HistoryLimits {
  readonly maxSizeBytes: number;
  readonly maxAgeMs: number;
}
