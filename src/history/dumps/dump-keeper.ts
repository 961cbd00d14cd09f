import { readdirSync, renameSync, rmSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolders } from '#os/folders.ts';
import { messageOf } from '#text/message-of.ts';
import { DumpFile, dumpName, partSuffix, timeOfName } from './dump-file.ts';
import {
  type DumpPlace,
  type DumpReport,
  type DumpRequest,
  type DumpSettings,
  type DumpStream,
  dumpStreams,
} from './dump-messages.ts';

type WriteRequest = Extract<DumpRequest, { kind: 'write' }>;

/** Free space and the ages of files are looked at no more often. */
const lookEveryMs = 1_000;

/**
 * Writes dumps into files and removes old ones: by age, then by the size of all, then until as much space is free
 * as has to be. A disk that cannot be written costs the dumps and nothing else; each request tries anew.
 */
export class DumpKeeper {
  private settings: DumpSettings = { places: {}, maxSizeBytes: 0, minFreeBytes: 0 };
  private readonly files = new Map<DumpStream, DumpFile>();
  private trouble: string | undefined;
  private lookedMs = -Infinity;
  /** A table of which something could not be written is of no use: the rest of it is dropped. */
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
        for (const stream of dumpStreams) this.end(stream);
        this.settings = request.settings;
        this.trouble = undefined;
        this.begin();
        return;
      case 'write':
        return this.write(request);
      case 'look':
        this.endOld(request.wallMs);
        return this.look(request.wallMs);
      case 'close':
        for (const stream of dumpStreams) this.end(stream);
        return;
      default:
        return request satisfies never;
    }
  }

  /** What a process that was killed was writing keeps what it has. */
  private begin(): void {
    for (const [stream, { directory }] of this.places()) {
      makeFolders(directory);
      for (const name of readdirSync(directory)) {
        const final = name.slice(0, -partSuffix.length);
        if (!name.endsWith(partSuffix) || dumpName.exec(final)?.[1] !== stream) continue;
        if (stream === 'rib') rmSync(join(directory, name));
        else renameSync(join(directory, name), join(directory, final));
      }
    }
  }

  private write({ stream, wallMs, bytes, isLast }: WriteRequest): void {
    const place = this.settings.places[stream];
    if (place === undefined || this.brokenTableMs === wallMs) return;
    if (wallMs - this.lookedMs >= lookEveryMs || wallMs < this.lookedMs) this.look(wallMs);
    if (this.trouble !== undefined) throw new Error(this.trouble);
    const startMs = stream === 'rib' ? wallMs : wallMs - (wallMs % place.intervalMs);
    if (this.files.get(stream)?.startMs !== startMs) this.end(stream);
    const file = this.files.get(stream) ?? new DumpFile(stream, place, startMs, wallMs);
    this.files.set(stream, file);
    file.write(bytes);
    if (isLast) this.end(stream);
  }

  /** What was written of updates stays, what was written of a table does not. */
  private giveUp(stream: DumpStream, startMs: number): void {
    const file = this.files.get(stream);
    this.files.delete(stream);
    if (stream === 'rib') this.brokenTableMs = startMs;
    try {
      if (stream === 'rib') file?.discard();
      else file?.end();
    } catch {
      // The disk that fails here has failed before, and that is told.
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

  /** Removes what has to go; `trouble` says afterwards whether anything may be written. */
  private look(wallMs: number): void {
    this.lookedMs = wallMs;
    for (const [stream, { directory }] of this.places()) {
      makeFolders(directory);
      // Whoever has removed it wants it gone; what follows is another file.
      const file = this.files.get(stream);
      if (file?.isThere === false) this.giveUp(stream, file.startMs);
    }
    const { maxSizeBytes, minFreeBytes } = this.settings;
    let whole = this.wholeFiles();
    for (const { path, isOld } of whole) if (isOld(wallMs)) rmSync(path, { force: true });
    whole = whole.filter(({ isOld }) => !isOld(wallMs));
    let sizeBytes = whole.reduce((sum, file) => sum + file.sizeBytes, 0) + this.partBytes();
    while (sizeBytes > maxSizeBytes && whole.length > 0) sizeBytes -= removeFirst(whole);
    while (this.shortOf(minFreeBytes) !== undefined && whole.length > 0) removeFirst(whole);
    const short = this.shortOf(minFreeBytes);
    this.trouble =
      sizeBytes > maxSizeBytes ? 'the dumps being written alone exceed max_size' : short;
  }

  /** Those with their final names, the oldest first. */
  private wholeFiles() {
    const files = this.places().flatMap(([stream, { directory, keepMs }]) =>
      readdirSync(directory)
        .filter((name) => dumpName.exec(name)?.[1] === stream)
        .map((name) => {
          const path = join(directory, name);
          const startMs = timeOfName(name) ?? 0;
          const isOld = (nowMs: number): boolean => nowMs - startMs > keepMs;
          return { path, startMs, isOld, sizeBytes: sizeOf(path) };
        }),
    );
    return files.toSorted((a, b) => a.startMs - b.startMs);
  }

  private partBytes(): number {
    let bytes = 0;
    for (const [stream, { directory }] of this.places()) {
      for (const name of readdirSync(directory)) {
        const final = name.slice(0, -partSuffix.length);
        const isPart = name.endsWith(partSuffix) && dumpName.exec(final)?.[1] === stream;
        if (isPart) bytes += sizeOf(join(directory, name));
      }
    }
    return bytes;
  }

  private shortOf(minFreeBytes: number): string | undefined {
    for (const [, { directory }] of this.places()) {
      const { bavail, bsize } = statfsSync(directory);
      const free = bavail * bsize;
      if (free < minFreeBytes)
        return `${directory}: ${mebibytes(free)} free, and min_free is ${mebibytes(minFreeBytes)}`;
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

function removeFirst(files: { readonly path: string; readonly sizeBytes: number }[]): number {
  const [{ path, sizeBytes }] = files.splice(0, 1) as [(typeof files)[number]];
  rmSync(path, { force: true });
  return sizeBytes;
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
