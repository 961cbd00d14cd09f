import { renameSync, rmSync, statfsSync } from 'node:fs';
import { makeFolders } from '#os/folders.ts';
import { megabytes } from '#os/megabytes.ts';
import { messageOf } from '#text/message-of.ts';
import { DumpFile, partSuffix } from './dump-file.ts';
import {
  type DumpPlace,
  type DumpReport,
  type DumpRequest,
  type DumpSettings,
  type DumpStream,
  dumpStreams,
} from './dump-messages.ts';
import { type StoredDump, storedDumps } from './stored-dumps.ts';

type WriteRequest = Extract<DumpRequest, { kind: 'write' }>;

/** Free space and the ages of files are checked no more often than this. */
const lookEveryMs = 1_000;

/**
 * Writes dumps into files and removes old ones: first by age, then by total size, then until the required space is
 * free. A disk that cannot be written costs only the dumps; every request tries again.
 */
export class DumpKeeper {
  private settings: DumpSettings = { places: {}, maxSizeBytes: 0, minFreeBytes: 0 };
  private readonly files = new Map<DumpStream, DumpFile>();
  private trouble: string | undefined;
  private lookedMs = -Infinity;
  /** As in the last request that looked. */
  private ageMs: number | undefined;
  /** A table of which a part could not be written is useless, so its remaining parts are dropped. */
  private brokenTableMs: number | undefined;

  /** Blocks until it is done. Never throws. */
  handle(request: DumpRequest): DumpReport {
    try {
      this.answer(request);
    } catch (error) {
      this.trouble = messageOf(error);
      if (request.kind === 'write') this.giveUp(request.stream, request.wallMs);
    }
    const takenBytes = request.kind === 'write' ? request.bytes.length : 0;
    return {
      takenBytes,
      ...(this.trouble !== undefined && { trouble: this.trouble }),
    };
  }

  private answer(request: DumpRequest): void {
    switch (request.kind) {
      case 'settings':
        this.settings = request.settings;
        this.trouble = undefined;
        for (const stream of dumpStreams) this.end(stream);
        this.begin();
        return;
      case 'write':
        return this.write(request);
      case 'look':
        this.ageMs = request.ageMs;
        this.endOld(request.wallMs);
        return this.look(request.wallMs);
      case 'close':
        for (const stream of dumpStreams) this.end(stream);
        return;
      default:
        return request satisfies never;
    }
  }

  /** A file that a killed process was writing keeps its content. */
  private begin(): void {
    for (const [stream, { directory }] of this.places()) {
      makeFolders(directory);
      for (const { path, isPart } of storedDumps(stream, directory)) {
        if (!isPart) continue;
        if (stream === 'rib') rmSync(path + partSuffix);
        else renameSync(path + partSuffix, path);
      }
    }
  }

  private write({ stream, wallMs, bytes, isLast }: WriteRequest): void {
    const place = this.settings.places[stream];
    if (place === undefined || (stream === 'rib' && this.brokenTableMs === wallMs)) return;
    if (wallMs - this.lookedMs >= lookEveryMs || wallMs < this.lookedMs) this.look(wallMs);
    if (this.trouble !== undefined) throw new Error(this.trouble);
    const startMs = stream === 'rib' ? wallMs : wallMs - (wallMs % place.intervalMs);
    if (this.files.get(stream)?.startMs !== startMs) this.end(stream);
    const file = this.files.get(stream) ?? new DumpFile(stream, place, startMs, wallMs);
    this.files.set(stream, file);
    file.write(bytes);
    if (isLast) this.end(stream);
  }

  /** What was written of updates is kept; an incomplete table is removed. */
  private giveUp(stream: DumpStream, startMs: number): void {
    const file = this.files.get(stream);
    this.files.delete(stream);
    if (stream === 'rib') this.brokenTableMs = startMs;
    try {
      if (stream === 'rib') file?.discard();
      else file?.end();
    } catch {
      // A disk that fails here has failed before, and that has been reported.
    }
  }

  private end(stream: DumpStream): void {
    const file = this.files.get(stream);
    if (file === undefined) return;
    this.files.delete(stream);
    file.end();
  }

  private endOld(wallMs: number): void {
    const file = this.files.get('updates');
    const intervalMs = this.settings.places.updates?.intervalMs ?? 0;
    if (file !== undefined && wallMs >= file.startMs + intervalMs) this.end('updates');
  }

  /** Removes what has to be removed; afterwards `trouble` says whether anything may be written. */
  private look(wallMs: number): void {
    this.lookedMs = wallMs;
    for (const [stream, { directory }] of this.places()) {
      makeFolders(directory);
      // Whoever removed the file wanted that; what follows goes into another file.
      const file = this.files.get(stream);
      if (file?.isThere === false) this.giveUp(stream, file.startMs);
    }
    const { maxSizeBytes, minFreeBytes } = this.settings;
    const kept = this.storedYoung();
    let sizeBytes = kept.reduce((sum, dump) => sum + dump.sizeBytes, 0);
    const whole = kept.filter(({ isPart }) => !isPart).toSorted((a, b) => a.startMs - b.startMs);
    while (sizeBytes > maxSizeBytes && whole.length > 0) sizeBytes -= removeFirst(whole);
    while (this.shortOf(minFreeBytes) !== undefined && whole.length > 0) removeFirst(whole);
    this.trouble =
      sizeBytes > maxSizeBytes
        ? 'the dumps being written alone exceed max_size'
        : this.shortOf(minFreeBytes);
  }

  /** Returns all files that are left after those that are too old have been removed. */
  private storedYoung(): StoredDump[] {
    const { ageMs = -Infinity } = this;
    return this.places().flatMap(([stream, { directory, keepMs }]) =>
      storedDumps(stream, directory).filter(({ path, isPart, startMs }) => {
        const isOld = !isPart && ageMs - startMs > keepMs;
        if (isOld) rmSync(path, { force: true });
        return !isOld;
      }),
    );
  }

  private shortOf(minFreeBytes: number): string | undefined {
    for (const [, { directory }] of this.places()) {
      const { bavail, bsize } = statfsSync(directory);
      const free = bavail * bsize;
      if (free < minFreeBytes)
        return `${directory}: ${megabytes(free)} free, and min_free is ${megabytes(minFreeBytes)}`;
    }
    return undefined;
  }

  private places(): [DumpStream, DumpPlace][] {
    const { places } = this.settings;
    return dumpStreams.flatMap((stream) => {
      const place = places[stream];
      return place === undefined ? [] : [[stream, place] as [DumpStream, DumpPlace]];
    });
  }
}

function removeFirst(dumps: StoredDump[]): number {
  const [{ path, sizeBytes }] = dumps.splice(0, 1) as [StoredDump];
  rmSync(path, { force: true });
  return sizeBytes;
}
