import { closeSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { makeFolders } from '#os/folders.ts';
import { messageOf } from '#text/message-of.ts';
import type { FoundRows, HistoryLimits, HistoryQuery, HistoryRow } from './history-rows.ts';
import { historySchema } from './history-schema.ts';

/** An answer ends at this length, because it is read back in one piece. */
const mostTextUnits = 2 ** 20;
/** The write-ahead log is copied into the file at this length; a page has 4096 bytes. */
const logPages = 128;
/** The part of the space that is reserved for the log. */
const logBytes = 2 ** 20;
/** With less space than this, an event would be removed before anyone could read it. */
const leastBytes = 2 * 2 ** 20;
/**
 * Rows that are too old are removed in batches of this size, a few batches at a time, because new rows wait meanwhile.
 */
const removedAtOnce = 2000;
const removals = 5;
/** An event may have been given its id this long before its time was taken. */
const idLeadMs = 1000;

/** The file cannot be used; the message names it and says why. */
export class HistoryFileError extends Error {
  readonly kind: 'damaged' | 'newer' | 'unavailable';
  constructor(kind: HistoryFileError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** The rows of one of the two shares, and the bytes of their texts. */
interface Share {
  rows: number;
  bytes: number;
}

/**
 * The file of the history: an SQLite database. What has been added is on disk when `add` returns. All methods block,
 * and throw a `HistoryFileError`.
 */
export class HistoryFile {
  readonly path: string;
  private readonly database: DatabaseSync;
  private readonly insert: StatementSync;
  private readonly removeOldest: StatementSync;
  private readonly removeBefore: StatementSync;
  /** The share of events that others must not push out; the other share has all other events. */
  private readonly reserved: Share;
  private readonly ordinary: Share;
  /** Identifies the files that were opened: other ones may be there by now. */
  private readonly identity: string;

  private constructor(path: string, database: DatabaseSync) {
    this.path = path;
    this.database = database;
    this.insert = database.prepare(insertSql);
    this.removeOldest = database.prepare(removeOldestSql);
    this.removeBefore = database.prepare(removeBeforeSql);
    this.ordinary = this.shareOf(0);
    this.reserved = this.shareOf(1);
    this.identity = identityOf(path);
  }

  /** Opens or creates the file, and upgrades an older one to the present version. */
  static open(path: string, schema: readonly string[] = historySchema): HistoryFile {
    return guarded(path, () => {
      if (statSync(path, { throwIfNoEntry: false }) === undefined) makeFile(path);
      const database = new DatabaseSync(path, { timeout: 1000 });
      try {
        prepare(database, path, schema);
        return new HistoryFile(path, database);
      } catch (error) {
        database.close();
        throw error;
      }
    });
  }

  /** Whether the file has been removed or replaced by another one. */
  get isReplaced(): boolean {
    return identityOf(this.path) !== this.identity;
  }

  /** `undefined` if there are no events. */
  get lastId(): number | undefined {
    return guarded(this.path, () => {
      const row = this.database.prepare('SELECT max(id) AS id FROM event').get();
      return row?.id === null ? undefined : Number(row?.id);
    });
  }

  /** The size of the file without its log. */
  get sizeBytes(): number {
    return guarded(this.path, () => (this.pragma('page_count') ?? 0) * this.pageBytes);
  }

  /** Adds all rows or none of them; a row that exists already is left unchanged. */
  add(rows: readonly HistoryRow[]): void {
    if (rows.length === 0) return;
    guarded(this.path, () =>
      this.transaction(() => {
        for (const row of rows) this.addRow(row);
      }),
    );
  }

  /** Removes what is too old, if the time is known, and then the oldest rows for which there is no space. */
  trim({ maxSizeBytes, maxAgeMs }: HistoryLimits, nowMs?: number): void {
    guarded(this.path, () => {
      const oldestId = nowMs === undefined ? 0 : Math.max(0, nowMs - maxAgeMs) * 1000;
      for (let part = 0; part < removals; part++) {
        const removed = this.transaction(() => this.removeBefore.all(oldestId, removedAtOnce));
        this.forget(removed);
        if (removed.length < removedAtOnce) break;
      }
      this.trimTo(Math.max(maxSizeBytes, leastBytes) - logBytes);
    });
  }

  /** Returns rows before the id `before`, newest first; fewer than `limit`, with `isMore`, if they are long. */
  find(query: HistoryQuery, limit: number, before: number | undefined): FoundRows {
    const conditions = conditionsOf(query, before);
    const where = ['true', ...conditions.map(([sql]) => sql)].join(' AND ');
    const sql = `SELECT text FROM event WHERE ${where} ORDER BY id DESC LIMIT ?`;
    return this.texts(
      sql,
      conditions.map(([, value]) => value),
      limit,
    );
  }

  /** Returns rows after the id, oldest first; `undefined` if some may have been removed. */
  after(id: number, limit: number): FoundRows | undefined {
    const sql = 'SELECT text FROM event WHERE id > ? ORDER BY id LIMIT ?';
    const isKnown = guarded(this.path, () =>
      this.database.prepare('SELECT 1 FROM event WHERE id <= ? LIMIT 1').get(id),
    );
    return isKnown === undefined ? undefined : this.texts(sql, [id], limit);
  }

  close(): void {
    if (this.database.isOpen) this.database.close();
  }

  private addRow({ text, ...row }: HistoryRow): void {
    const bytes = Buffer.byteLength(text);
    const { changes } = this.insert.run(
      row.id,
      row.at,
      row.kind,
      row.peer ?? null,
      row.prefix ?? null,
      row.service ?? null,
      row.isSummary === undefined ? null : Number(row.isSummary),
      Number(row.isReserved),
      bytes,
      text,
    );
    if (changes === 0) return;
    const share = row.isReserved ? this.reserved : this.ordinary;
    share.rows++;
    share.bytes += bytes;
  }

  /**
   * Takes rows from the share that exceeds its part: a quarter is for what is reserved, the remainder for the others.
   */
  private trimTo(mostBytes: number): void {
    const { reserved, ordinary } = this;
    const isReservedFull = (): boolean => reserved.bytes * 3 > ordinary.bytes;
    while (this.usedBytes > mostBytes && reserved.rows + ordinary.rows > 0) {
      const full = isReservedFull() ? reserved : ordinary;
      const part = Math.min(removedAtOnce, Math.ceil(full.rows / 20));
      this.forget(this.transaction(() => this.removeOldest.all(full === reserved ? 1 : 0, part)));
    }
    const surplus = (this.pragma('page_count') ?? 0) - Math.floor(mostBytes / this.pageBytes);
    if (surplus > 0) this.database.exec(`PRAGMA incremental_vacuum(${surplus})`);
  }

  private forget(removed: readonly Record<string, unknown>[]): void {
    for (const { is_reserved: isReserved, bytes } of removed) {
      const share = Number(isReserved) === 1 ? this.reserved : this.ordinary;
      share.rows--;
      share.bytes -= Number(bytes);
    }
  }

  private shareOf(isReserved: 0 | 1): Share {
    const sql = 'SELECT count(*) AS n, sum(bytes) AS bytes FROM event WHERE is_reserved = ?';
    const row = this.database.prepare(sql).get(isReserved);
    return { rows: Number(row?.n ?? 0), bytes: Number(row?.bytes ?? 0) };
  }

  private texts(sql: string, values: readonly SQLInputValue[], limit: number): FoundRows {
    return guarded(this.path, () => {
      const texts: string[] = [];
      let units = 0;
      for (const row of this.database.prepare(sql).iterate(...values, limit)) {
        const text = String(row.text);
        texts.push(text);
        units += text.length;
        if (units >= mostTextUnits) break;
      }
      return { texts, isMore: texts.length === limit || units >= mostTextUnits };
    });
  }

  private transaction<Result>(work: () => Result): Result {
    return inTransaction(this.database, work);
  }

  private get usedBytes(): number {
    const pages = (this.pragma('page_count') ?? 0) - (this.pragma('freelist_count') ?? 0);
    return pages * this.pageBytes;
  }

  private get pageBytes(): number {
    return this.pragma('page_size') ?? 0;
  }

  private pragma(name: string): number | undefined {
    return pragmaOf(this.database, name);
  }
}

const insertSql = `INSERT OR IGNORE INTO event
  (id, at, kind, peer, prefix, service, is_summary, is_reserved, bytes, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const removeOldestSql = `DELETE FROM event WHERE id IN
  (SELECT id FROM event WHERE is_reserved = ? ORDER BY id LIMIT ?) RETURNING is_reserved, bytes`;
const removeBeforeSql = `DELETE FROM event WHERE id IN
  (SELECT id FROM event WHERE id < ? ORDER BY id LIMIT ?) RETURNING is_reserved, bytes`;

type Condition = readonly [sql: string, value: SQLInputValue];

/** Ids are never smaller than the time, so nothing before `since` has to be looked at. */
function conditionsOf(query: HistoryQuery, before: number | undefined): Condition[] {
  const { sinceMs, untilMs, peer, prefix, service, kind, causeKind, isSummary } = query;
  const given: readonly (readonly [sql: string, value: SQLInputValue | undefined])[] = [
    ['id < ?', before],
    ['id >= ?', sinceMs === undefined ? undefined : Math.floor((sinceMs - idLeadMs) * 1000)],
    ['at >= ?', sinceMs],
    ['at <= ?', untilMs],
    ['peer = ?', peer],
    ['prefix = ?', prefix],
    ['service = ?', service],
    ['kind = ?', kind],
    ["json_extract(text, '$.cause.kind') = ?", causeKind],
    ['is_summary = ?', isSummary === undefined ? undefined : Number(isSummary)],
  ];
  return given.flatMap(([sql, value]) => (value === undefined ? [] : [[sql, value] as const]));
}

/** Creates a file that its group can read, like the files that SQLite creates beside it. */
function makeFile(path: string): void {
  makeFolders(dirname(path));
  closeSync(openSync(path, 'a', 0o640));
}

/** What a transaction has written is on disk when it ends; a power failure costs only what came after. */
function prepare(database: DatabaseSync, path: string, schema: readonly string[]): void {
  const version = pragmaOf(database, 'user_version') ?? 0;
  if (version > schema.length) {
    throw new HistoryFileError(
      'newer',
      `${path}: its version ${version} is newer than ${schema.length}, the latest that this program knows; ` +
        'it is left as it is',
    );
  }
  if (version === 0) database.exec('PRAGMA auto_vacuum = INCREMENTAL');
  database.exec(
    `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = ${logPages};` +
      `PRAGMA journal_size_limit = ${logBytes / 2}`,
  );
  if (version === schema.length) return;
  inTransaction(database, () => {
    for (const step of schema.slice(version)) database.exec(step);
    database.exec(`PRAGMA user_version = ${schema.length}`);
  });
}

function inTransaction<Result>(database: DatabaseSync, work: () => Result): Result {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function pragmaOf(database: DatabaseSync, name: string): number | undefined {
  const row = database.prepare(`PRAGMA ${name}`).get();
  return row === undefined ? undefined : Number(row[name]);
}

function identityOf(path: string): string {
  return [path, `${path}-wal`]
    .map((file) => statSync(file, { throwIfNoEntry: false }))
    .map((found) => (found === undefined ? 'gone' : `${found.dev} ${found.ino}`))
    .join(', ');
}

/** SQLITE_CORRUPT and SQLITE_NOTADB: the content of the file is lost. */
const damagedCodes: ReadonlySet<number> = new Set([11, 26]);

function guarded<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof HistoryFileError) throw error;
    const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
    const kind = damagedCodes.has(code) ? 'damaged' : 'unavailable';
    throw new HistoryFileError(kind, `${path}: ${messageOf(error)}`);
  }
}
