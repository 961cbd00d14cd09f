/** What passes between the daemon and the thread that writes dumps. */

/** `updates`: what arrives, a file for each interval; `rib`: a table, a file each. The words begin the names of the files. */
export const dumpStreams = ['updates', 'rib'] as const;
export type DumpStream = (typeof dumpStreams)[number];

export interface DumpPlace {
  readonly directory: string;
  readonly intervalMs: number;
  readonly keepMs: number;
  readonly compress: 'gzip' | 'none';
}

export interface DumpSettings {
  /** Absent: nothing is written of it, and nothing of it removed. */
  readonly places: { readonly [Stream in DumpStream]?: DumpPlace };
  readonly maxSizeBytes: number;
  readonly minFreeBytes: number;
}

export type DumpRequest =
  | { readonly kind: 'settings'; readonly settings: DumpSettings }
  /**
   * Whole records, of that time (Unix ms). Those of a table all have the time at which it began; `isLast` ends its
   * file.
   */
  | {
      readonly kind: 'write';
      readonly stream: DumpStream;
      readonly wallMs: number;
      readonly bytes: Uint8Array;
      readonly isLast: boolean;
    }
  /** Files whose interval is over are ended, and old ones removed. */
  | { readonly kind: 'look'; readonly wallMs: number }
  /** The thread ends. */
  | { readonly kind: 'close' };

export interface DumpReport {
  /** How many bytes of `write` this answers; 0 for another request. */
  readonly takenBytes: number;
  /** Why nothing is written at present; absent where all is well. */
  readonly trouble?: string;
}
