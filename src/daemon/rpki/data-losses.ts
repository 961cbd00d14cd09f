/** More than half of the VRPs vanished at once. */
export interface VrpDrop {
  readonly atMs: number;
  readonly before: number;
}

/** A drop that has lasted this long is how things are now. */
const dropLastsMs = 24 * 3_600_000;

/** Remembers what validated data was lost and has not come back. Times are monotonic milliseconds. */
export class DataLosses {
  /** The last data was dropped because no cache confirmed it, and no other has come yet. */
  hasExpired = false;
  private last: VrpDrop | undefined;

  /** Notes a change of the number of VRPs; returns whether more than half of them have vanished. */
  changed(before: number, after: number, nowMs: number): boolean {
    const hasFallen = after < before / 2;
    if (hasFallen) this.last = { atMs: nowMs, before: Math.max(before, this.last?.before ?? 0) };
    else if (this.last !== undefined && after >= this.last.before / 2) this.last = undefined;
    return hasFallen;
  }

  /** `undefined` once at least half of them are back, and after a day. */
  drop(nowMs: number): VrpDrop | undefined {
    return this.last !== undefined && nowMs - this.last.atMs < dropLastsMs ? this.last : undefined;
  }

  forget(): void {
    this.hasExpired = false;
    this.last = undefined;
  }
}
