import { RtrError, type RtrTimers, type RtrVersion } from './pdu.ts';
import { type EndOfData, type Position, RtrSession, type SessionFailure } from './rtr-session.ts';

/** In milliseconds; the timers of an end of data take precedence. */
export interface ClientTimers {
  readonly refreshMs: number;
  readonly retryMs: number;
  readonly expireMs: number;
}

export interface ClientTerms extends ClientTimers {
  /** The number of caches; the first one is preferred. */
  readonly caches: number;
  /** The highest version, with which sessions begin. */
  readonly version: RtrVersion;
  /** Data of an earlier client is in use until then at the latest. */
  readonly expiresAtMs?: number;
}

/** The actions that the client requests. `cache` is an index, by preference. Called synchronously. */
export interface ClientHost {
  connect(cache: number): void;
  /** Closes the connection, or gives up connecting. */
  disconnect(cache: number): void;
  send(cache: number, bytes: Uint8Array): void;
  /** The data has to be taken over, and `loaded` must follow. Meanwhile no cache is queried. */
  load(cache: number, data: EndOfData): void;
  /** The data in use is too old to be used any longer. */
  expire(): void;
  /** The state of a cache has changed. */
  changed(cache: number): void;
}

export type CachePhase = 'idle' | 'connecting' | 'synchronizing' | 'established';

/** One cache, as `show rpki` shows it. */
export interface CacheStatus {
  readonly phase: CachePhase;
  /** The version of the last session. */
  readonly version: RtrVersion;
  /** Its data is in use; this may remain so after its connection is lost. */
  readonly isInUse: boolean;
  readonly position?: Position;
  readonly lastEndOfDataMs?: number;
  readonly lastError?: { readonly atMs: number; readonly text: string };
}

interface Cache {
  phase: CachePhase;
  version: RtrVersion;
  session: RtrSession | undefined;
  /** Whether the last connection was established. */
  wasEstablished: boolean;
  /** When it may be tried again, if there is no session. */
  retryAtMs: number;
  triedAtMs: number;
  /** When a query that has not been answered is given up. */
  patienceMs: number;
  lastEndOfDataMs: number | undefined;
  lastError: CacheStatus['lastError'];
}

/** The data in use, and the cache that it is from. */
interface InUse {
  /** Absent: it is from an earlier client. */
  readonly cache?: number;
  readonly position: Position | undefined;
  readonly refreshAtMs: number;
  readonly expireAtMs: number;
}

/** A query is given up when the cache sends nothing for this long. */
const patienceMs = 60_000;
/** A cache whose connection is lost repeatedly is connected to no more often than this. */
const leastBetweenMs = 10_000;
/** Several times the number for all of the Internet; a cache that sends more is broken. */
const maxRecords = 3_000_000;

/** In seconds: lowest and highest value (RFC 8210 §6). */
const bounds = { refreshSec: [1, 86_400], retrySec: [1, 7200], expireSec: [600, 172_800] } as const;

/**
 * The RTR client decides which cache to use, and when to query it (RFC 8210 §8, §10). The data of one cache is in
 * use at a time: the first one, by preference, that has any. While that is not the most preferred one, better
 * ones are tried again at each `retry`, and take over once they have sent all their data. The data in use remains
 * in use until it is replaced, or has not been confirmed for `expire`. Each connection begins with a Reset Query:
 * a cache that was restarted may keep its earlier session id and serial (seen with stayrtr 0.5.1), and would then
 * say that nothing has changed.
 *
 * Pure: `now` is monotonic milliseconds, and `tick` has to be called at `nextMs`.
 */
export class RtrClient {
  private readonly host: ClientHost;
  private readonly terms: ClientTerms;
  private readonly caches: Cache[];
  private timers: ClientTimers;
  private inUse: InUse | undefined;
  /** The cache whose data is being taken over, and that data. */
  private loading: { readonly cache: number; readonly data: EndOfData } | undefined;
  /** A cache has announced newer data while nothing could be queried; it is queried as soon as that is over. */
  private hasNews = false;
  private isStopped = false;
  /** The time of the current call. */
  private nowMs = 0;

  constructor(terms: ClientTerms, host: ClientHost) {
    this.terms = terms;
    this.timers = terms;
    this.host = host;
    const { expiresAtMs } = terms;
    if (expiresAtMs !== undefined) {
      this.inUse = { position: undefined, refreshAtMs: Infinity, expireAtMs: expiresAtMs };
    }
    this.caches = Array.from({ length: terms.caches }, () => ({
      phase: 'idle',
      version: terms.version,
      session: undefined,
      wasEstablished: false,
      retryAtMs: -Infinity,
      triedAtMs: -Infinity,
      patienceMs: Infinity,
      lastEndOfDataMs: undefined,
      lastError: undefined,
    }));
  }

  status(index: number): CacheStatus {
    const { phase, version, session, lastEndOfDataMs, lastError } = this.caches[index];
    const isInUse = this.inUse?.cache === index;
    const position = isInUse ? this.inUse?.position : undefined;
    return {
      phase,
      version: session?.usedVersion ?? version,
      isInUse,
      ...(position !== undefined && { position }),
      ...(lastEndOfDataMs !== undefined && { lastEndOfDataMs }),
      ...(lastError !== undefined && { lastError }),
    };
  }

  /** The timers in force: those of the last end of data, or the configured ones. */
  get heldTimers(): ClientTimers {
    return this.timers;
  }

  /** When the data in use will be dropped; `undefined` if there is none. */
  get expiresAtMs(): number | undefined {
    return this.inUse?.expireAtMs;
  }

  /** Whether an answer has been taken over and is in use. */
  get hasData(): boolean {
    return this.inUse !== undefined;
  }

  /** When `tick` is due. */
  get nextMs(): number {
    if (this.isStopped) return Infinity;
    const { inUse } = this;
    const times = this.caches.map(({ patienceMs: until }) => until);
    if (inUse !== undefined && this.loading === undefined) {
      times.push(inUse.expireAtMs);
      if (this.mayRefresh(inUse)) times.push(this.hasNews ? -Infinity : inUse.refreshAtMs);
    }
    if (!this.isBusy) times.push(...this.candidates().map(({ retryAtMs }) => retryAtMs));
    return Math.min(...times);
  }

  stop(): void {
    this.isStopped = true;
    for (const [index, cache] of this.caches.entries()) {
      if (cache.phase !== 'idle') this.hangUp(index);
    }
  }

  tick(now: number): void {
    if (this.isStopped) return;
    this.nowMs = now;
    for (const [index, cache] of this.caches.entries()) {
      if (cache.patienceMs <= now) this.lose(index, { text: 'no answer in time' });
    }
    const { inUse } = this;
    if (inUse !== undefined && inUse.expireAtMs <= now && this.loading === undefined) {
      this.inUse = undefined;
      this.host.expire();
    } else if (inUse?.cache !== undefined && this.mayRefresh(inUse)) {
      if (this.hasNews || inUse.refreshAtMs <= now) this.ask(inUse.cache, inUse.position);
    }
    this.tryNext();
  }

  connected(index: number, now: number): void {
    const cache = this.caches[index];
    if (cache.phase !== 'connecting') return;
    this.nowMs = now;
    cache.phase = 'synchronizing';
    cache.session = this.makeSession(index, cache.version);
    this.ask(index, undefined);
    this.host.changed(index);
  }

  /** No connection could be made, or it has ended. */
  disconnected(index: number, text: string, now: number): void {
    if (this.caches[index].phase === 'idle') return;
    this.nowMs = now;
    this.forget(this.caches[index]);
    this.lose(index, { text });
  }

  received(index: number, bytes: Uint8Array, now: number): void {
    const cache = this.caches[index];
    this.nowMs = now;
    if (cache.session?.isAnswering === true) cache.patienceMs = now + patienceMs;
    cache.session?.receive(bytes);
  }

  /** The data that `load` was called with is in use, or contradicts itself. */
  loaded(fault: RtrError | undefined, now: number): void {
    const { loading } = this;
    if (loading === undefined) return;
    this.loading = undefined;
    this.nowMs = now;
    const { cache, data } = loading;
    if (fault === undefined) this.use(cache, data);
    else this.caches[cache].session?.reject(fault);
    this.tryNext();
  }

  private makeSession(index: number, version: RtrVersion): RtrSession {
    return new RtrSession(
      { version, maxRecords },
      {
        send: (bytes) => this.host.send(index, bytes),
        endOfData: (data) => this.load(index, data),
        notified: () => this.notified(index),
        noData: () => this.lose(index, { text: 'the cache has no data yet' }),
        failed: (failure) => this.lose(index, failure),
      },
    );
  }

  /** `position` is `undefined` if the cache is to send everything. */
  private ask(index: number, position: Position | undefined): void {
    const cache = this.caches[index];
    cache.patienceMs = this.nowMs + patienceMs;
    this.hasNews = false;
    cache.session?.query(position);
  }

  private notified(index: number): void {
    const { inUse } = this;
    if (this.isBusy) this.hasNews = true;
    else if (inUse?.cache === index) this.ask(index, inUse.position);
  }

  private load(index: number, data: EndOfData): void {
    this.caches[index].patienceMs = Infinity;
    this.loading = { cache: index, data };
    this.host.load(index, data);
  }

  private use(index: number, { position, timers }: EndOfData): void {
    const before = this.inUse?.cache;
    const cache = this.caches[index];
    this.timers = timers === undefined ? this.terms : inBounds(timers);
    const { refreshMs, expireMs } = this.timers;
    this.inUse = {
      cache: index,
      position,
      refreshAtMs: this.nowMs + refreshMs,
      expireAtMs: this.nowMs + expireMs,
    };
    cache.lastEndOfDataMs = this.nowMs;
    if (cache.phase === 'synchronizing') {
      cache.phase = 'established';
      cache.wasEstablished = true;
    }
    if (cache.session !== undefined) cache.lastError = undefined;
    if (before !== undefined && before !== index) this.release(before);
    this.host.changed(index);
  }

  /** Another cache has taken over; this one is tried again only when that one is lost. */
  private release(index: number): void {
    const cache = this.caches[index];
    cache.retryAtMs = this.nowMs;
    this.hangUp(index);
    this.host.changed(index);
  }

  private lose(index: number, failure: SessionFailure): void {
    const cache = this.caches[index];
    cache.lastError = { atMs: this.nowMs, text: failure.text };
    cache.retryAtMs = this.retryAt(cache, failure);
    this.hangUp(index);
    if (failure.useVersion !== undefined) cache.version = failure.useVersion;
    this.host.changed(index);
    this.tryNext();
  }

  /** A cache that was established, or that speaks another version, is connected to again without delay. */
  private retryAt({ wasEstablished, triedAtMs }: Cache, { useVersion }: SessionFailure): number {
    if (useVersion !== undefined) return this.nowMs;
    if (!wasEstablished) return this.nowMs + this.timers.retryMs;
    return Math.max(this.nowMs, triedAtMs + leastBetweenMs);
  }

  private hangUp(index: number): void {
    const cache = this.caches[index];
    const wasOpen = cache.phase !== 'idle';
    this.forget(cache);
    if (wasOpen) this.host.disconnect(index);
  }

  private forget(cache: Cache): void {
    cache.phase = 'idle';
    cache.session = undefined;
    cache.patienceMs = Infinity;
  }

  /** Only one answer is awaited and taken over at a time, because the data of two caches must not be mixed. */
  private get isBusy(): boolean {
    if (this.loading !== undefined) return true;
    return this.caches.some(
      ({ phase, session }) =>
        phase === 'connecting' || phase === 'synchronizing' || session?.isAnswering === true,
    );
  }

  private mayRefresh({ cache }: InUse): boolean {
    if (cache === undefined) return false;
    return this.caches[cache].phase === 'established' && !this.isBusy;
  }

  /** Returns the caches that would be better than the one in use, by preference. */
  private candidates(): Cache[] {
    const established = this.caches.findIndex(({ phase }) => phase === 'established');
    return established === -1 ? this.caches : this.caches.slice(0, established);
  }

  private tryNext(): void {
    if (this.isStopped || this.isBusy) return;
    const next = this.candidates().find(({ retryAtMs }) => retryAtMs <= this.nowMs);
    if (next === undefined) return;
    next.phase = 'connecting';
    next.triedAtMs = this.nowMs;
    next.wasEstablished = false;
    next.patienceMs = this.nowMs + patienceMs;
    const index = this.caches.indexOf(next);
    this.host.changed(index);
    this.host.connect(index);
  }
}

/** A value out of bounds counts as the nearest allowed one. Data expires after it is refreshed, never before. */
function inBounds(timers: RtrTimers): ClientTimers {
  const within = (key: keyof RtrTimers): number =>
    Math.min(Math.max(timers[key], bounds[key][0]), bounds[key][1]) * 1000;
  const [refreshMs, retryMs] = [within('refreshSec'), within('retrySec')];
  return { refreshMs, retryMs, expireMs: Math.max(within('expireSec'), refreshMs + retryMs) };
}
