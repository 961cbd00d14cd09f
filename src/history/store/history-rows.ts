/** An event as the history keeps it: what is asked for in columns, the whole of it as text. */
export interface HistoryRow {
  /** Microseconds since 1970 or a little later: unique, and larger than that of any event before. */
  readonly id: number;
  /** Unix ms. */
  readonly at: number;
  readonly kind: string;
  readonly peer?: string;
  readonly prefix?: string;
  readonly service?: string;
  /** Of failovers: of a cause, not of an address. */
  readonly isSummary?: boolean;
  /** It has a part of the space that other events cannot take. */
  readonly isReserved: boolean;
  /** JSON. */
  readonly text: string;
}

/** What is asked of the history; what is absent does not matter. Times in unix ms. */
export interface HistoryQuery {
  readonly sinceMs?: number;
  readonly untilMs?: number;
  readonly peer?: string;
  readonly prefix?: string;
  readonly service?: string;
  readonly kind?: string;
  readonly isSummary?: boolean;
}

/** Texts of rows. */
export interface FoundRows {
  readonly texts: readonly string[];
  /** There may be more where these end. */
  readonly isMore: boolean;
}

/** How much is kept. */
export interface HistoryLimits {
  readonly maxSizeBytes: number;
  readonly maxAgeMs: number;
}
