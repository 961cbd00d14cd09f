import type { UpdateErrorAction } from '#api/names.ts';

/** How many errors are kept, and how many bytes of each. */
const maxKept = 16;
const maxBytes = 4096;
/** The same error is reported once in this time, however often it occurs. */
const quietMs = 60_000;

/** What was wrong with an UPDATE (RFC 7606). */
export interface UpdateError {
  /** As in `malformed:…`; `update` if the error is in no particular attribute. */
  readonly attribute: string;
  readonly outcome: UpdateErrorAction;
  /** One line, for people. */
  readonly text: string;
}

export interface KeptUpdateError extends UpdateError {
  /** The path attributes of the UPDATE, or the data of the NOTIFICATION; cut at 4096 bytes. */
  readonly bytes: Uint8Array;
  /** Before the cut. */
  readonly lengthBytes: number;
  /** How many times in a row exactly these bytes came. */
  readonly count: number;
  /** The time of the last one. */
  readonly atMs: number;
}

/** The last malformed UPDATEs of a peer, 64 KiB at most. */
export class UpdateErrors {
  private kept: KeptUpdateError[] = [];
  private readonly loggedAtMs = new Map<string, number>();

  /** Newest last. */
  get list(): readonly KeptUpdateError[] {
    return this.kept;
  }

  /** Keeps a copy of `bytes`. Returns true if an error of this kind was not reported recently. */
  add(error: UpdateError, bytes: Uint8Array, nowMs: number): boolean {
    const last = this.kept.at(-1);
    const cut = bytes.subarray(0, maxBytes);
    if (last !== undefined && isSame(last, error, cut)) {
      this.kept[this.kept.length - 1] = { ...last, count: last.count + 1, atMs: nowMs };
    } else {
      const kept = { ...error, bytes: cut.slice(), lengthBytes: bytes.length };
      this.kept = [...this.kept.slice(1 - maxKept), { ...kept, count: 1, atMs: nowMs }];
    }
    return this.isWorthLogging(`${error.outcome} ${error.attribute}`, nowMs);
  }

  private isWorthLogging(kind: string, nowMs: number): boolean {
    if (nowMs - (this.loggedAtMs.get(kind) ?? -Infinity) < quietMs) return false;
    this.loggedAtMs.set(kind, nowMs);
    return true;
  }
}

function isSame(kept: KeptUpdateError, error: UpdateError, bytes: Uint8Array): boolean {
  return (
    kept.attribute === error.attribute &&
    kept.outcome === error.outcome &&
    kept.text === error.text &&
    kept.bytes.length === bytes.length &&
    kept.bytes.every((byte, at) => byte === bytes[at])
  );
}
