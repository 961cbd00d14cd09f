/** The messages between the daemon and the thread that writes dumps. */

/**
 * `updates` is what arrives, one file per interval; `rib` is tables, one file each. File names begin with these words.
 */
export const dumpStreams = ['updates', 'rib'] as const;
export type DumpStream = (typeof dumpStreams)[number];

export interface DumpPlace {
  readonly directory: string;
  readonly intervalMs: number;
  readonly keepMs: number;
  readonly compress: 'gzip' | 'none';
}

export interface DumpSettings {
  /** If absent, nothing is written for the stream and none of its files are removed. */
  readonly places: { readonly [Stream in DumpStream]?: DumpPlace };
  readonly maxSizeBytes: number;
  readonly minFreeBytes: number;
}

export type DumpRequest =
  | { readonly kind: 'settings'; readonly settings: DumpSettings }
  /**
   * Whole records of that time (Unix ms). Those of a table all have the time at which it began; `isLast` ends its file.
   */
  | {
      readonly kind: 'write';
      readonly stream: DumpStream;
      readonly wallMs: number;
      readonly bytes: Uint8Array;
      readonly isLast: boolean;
    }
  /**
   * Ends the files whose interval is over, and removes old ones. `ageMs` is the time by which they are old (Unix ms):
   * absent while the clock may be wrong, and then none is removed because of its age.
   */
  | { readonly kind: 'look'; readonly wallMs: number; readonly ageMs?: number }
  /** Ends the thread. */
  | { readonly kind: 'close' };

export interface DumpReport {
  /** How many bytes of `write` this reply acknowledges; 0 for another request. */
  readonly takenBytes: number;
  /** Why nothing can be written at present; absent if all is well. */
  readonly trouble?: string;
}
