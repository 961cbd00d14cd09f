import type { RpkiView } from '#api/views/rpki.ts';
import type { Cancel, Clock } from '#clock.ts';
import type { Config, RpkiCacheConfig, RpkiConfig } from '#config/config.ts';
import type { Rib } from '#rib/rib.ts';
import { RtrError } from '#rpki/pdu.ts';
import { type NextData, RpkiData } from '#rpki/rpki-data.ts';
import { type CachePhase, RtrClient } from '#rpki/rtr-client.ts';
import { printable } from '#text/printable.ts';
import type { ConfigFollower } from '../config-follower.ts';
import type { EventBus } from '../event-bus.ts';
import { inTurns } from '../in-slices.ts';
import type { Causes } from '../record/causes.ts';
import { DataLosses } from './data-losses.ts';
import { type RpkiTrouble, rpkiTroubles } from './rpki-troubles.ts';
import { rpkiView, vrpText } from './rpki-views.ts';
import { openRtrConnection, type RtrConnection } from './rtr-connection.ts';

export interface RpkiParts {
  readonly clock: Clock;
  readonly events: Pick<EventBus, 'emit'>;
  readonly rib: Pick<Rib, 'revalidate' | 'isSettled'>;
  readonly causes: Pick<Causes, 'because'>;
  /** The RIB has work. */
  changed(): void;
  internalError(error: unknown): void;
  /** Absent: over TCP. */
  readonly connect?: typeof openRtrConnection;
}

/** What has been reported about a cache. */
interface ReportedCache {
  phase: CachePhase;
  error: string | undefined;
}

/** A change of the data that waits for its turn. */
interface DataChange {
  /** It has not begun yet: it starts from what is in use when its turn comes. */
  readonly work: Generator<void, NextData>;
  /** The cache whose data it is, or why there is none. */
  readonly who: string;
  readonly isWhole: boolean;
  /** False once a reload has replaced the client that it comes from. */
  readonly isWanted?: () => boolean;
  /** Called with the error for the cache, if the data contradicts itself. */
  readonly done?: (fault: RtrError | undefined) => void;
}

/**
 * Validated data beside BGP: keeps connections to the caches as the client wants them, takes over their data in slices,
 * and has the RIB judge again what that affects. Without `rpki` in the configuration it does nothing.
 */
export class Rpki implements ConfigFollower {
  /** The data that judges use; empty until a cache has provided some. */
  readonly data = new RpkiData();
  private readonly parts: RpkiParts;
  private config: RpkiConfig | undefined;
  private asks = false;
  private client: RtrClient | undefined;
  private connections = new Map<number, RtrConnection>();
  private readonly losses = new DataLosses();
  private reported: ReportedCache[] = [];
  private cancelTick: Cancel | undefined;
  /** Changes of the data are carried out one after the other. */
  private changes: Promise<void> = Promise.resolve();
  private isStopped = false;

  constructor(config: Config, parts: RpkiParts) {
    this.parts = parts;
    this.config = config.rpki;
    this.asks = asksForData(config);
  }

  start(): void {
    this.begin();
  }

  applyConfig(config: Config, changed: ReadonlySet<string>): void {
    this.asks = asksForData(config);
    if (!changed.has('rpki')) return;
    const expiresAtMs = this.client?.expiresAtMs;
    this.end();
    this.config = config.rpki;
    this.losses.forget();
    if (config.rpki === undefined) this.drop('RPKI: no cache is configured any more');
    else this.begin(expiresAtMs);
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.end();
    await this.changes;
  }

  view(): RpkiView {
    const { data, config, client, losses, parts } = this;
    return rpkiView(data, config?.caches ?? [], client, losses, parts.clock);
  }

  /** What is wrong with the data or the caches. */
  troubles(): RpkiTrouble[] {
    return rpkiTroubles(this.view(), this.asks);
  }

  /** Yields whether a cache is connected and its data is in use, by name. */
  *up(): Generator<readonly [name: string, isUp: boolean]> {
    for (const [index, { name }] of (this.config?.caches ?? []).entries()) {
      yield [name, this.client?.status(index).phase === 'established'];
    }
  }

  /** What the start gate waits for: data that policies use, and routes judged by it. */
  get awaited(): string[] {
    if (this.config === undefined || !this.asks) return [];
    const isThere = this.client?.hasData === true && this.parts.rib.isSettled;
    return isThere ? [] : ['the RPKI caches'];
  }

  private begin(expiresAtMs?: number): void {
    const { config } = this;
    if (config === undefined) return;
    this.reported = config.caches.map(() => ({ phase: 'idle', error: undefined }));
    const client: RtrClient = new RtrClient(
      {
        ...config,
        caches: config.caches.length,
        version: config.aspa ? 2 : 1,
        ...(expiresAtMs !== undefined && { expiresAtMs }),
      },
      {
        connect: (cache) => this.connect(client, cache, config.caches[cache]),
        disconnect: (cache) => this.disconnect(cache),
        send: (cache, bytes) => this.connections.get(cache)?.send(bytes),
        load: (cache, data) => {
          const { name } = config.caches[cache];
          this.change({
            work: this.data.prepare(data, vrpText),
            who: `RPKI cache ${name}`,
            isWhole: data.isWhole,
            isWanted: () => this.client === client,
            done: (fault) => {
              if (fault === undefined) this.losses.hasExpired = false;
              this.act(client, (now) => client.loaded(fault, now));
            },
          });
        },
        expire: () => {
          this.losses.hasExpired = true;
          this.drop('RPKI: the data has expired');
        },
        changed: (cache) => this.tell(client, cache, config.caches[cache].name),
      },
    );
    this.client = client;
    this.act(client, (now) => client.tick(now));
  }

  private end(): void {
    this.client?.stop();
    this.client = undefined;
    this.cancelTick?.();
    for (const connection of this.connections.values()) connection.close();
    this.connections.clear();
  }

  /** Any call to the client may change when it has to be called again. */
  private act(client: RtrClient, action: (nowMs: number) => void): void {
    if (this.client !== client) return;
    const { clock } = this.parts;
    action(clock.monotonic());
    this.cancelTick?.();
    const { nextMs } = client;
    if (this.client !== client || nextMs === Infinity) return;
    this.cancelTick = clock.at(nextMs, () => this.act(client, (now) => client.tick(now)));
  }

  private connect(client: RtrClient, cache: number, config: RpkiCacheConfig): void {
    const { clock, connect = openRtrConnection } = this.parts;
    const connection: RtrConnection = connect(config, clock, {
      connected: () => this.act(client, (now) => client.connected(cache, now)),
      received: (bytes) => this.act(client, (now) => client.received(cache, bytes, now)),
      lost: (text) => this.act(client, (now) => client.disconnected(cache, text, now)),
    });
    this.connections.set(cache, connection);
  }

  private disconnect(cache: number): void {
    this.connections.get(cache)?.close();
    this.connections.delete(cache);
  }

  private drop(why: string): void {
    this.change({ work: this.data.prepareEmpty(), who: why, isWhole: false });
  }

  private change(change: DataChange): void {
    this.changes = this.changes.then(async () => {
      try {
        const next = await inTurns(this.parts.clock, change.work);
        if (this.isStopped || change.isWanted?.() === false) return;
        this.install(next, change);
        change.done?.(undefined);
      } catch (error) {
        if (error instanceof RtrError) change.done?.(error);
        else this.parts.internalError(error);
      }
    });
  }

  private install(next: NextData, { who, isWhole }: DataChange): void {
    const { rib, causes, clock } = this.parts;
    const before = this.data.vrpCount;
    this.data.install(next);
    const after = this.data.vrpCount;
    const text = `${who}: ${after} VRPs in use, ${before} before`;
    const { changesOrigins, changesPaths } = next.change;
    if (changesOrigins || changesPaths) {
      causes.because({ kind: 'policy', text }, () => rib.revalidate(next.change));
      this.parts.changed();
    }
    const hasFallen = this.losses.changed(before, after, clock.monotonic());
    if (hasFallen) this.warn(`${text}: more than half of them are gone`);
    else if (isWhole) this.parts.events.emit({ event: 'rpki_cache', text });
  }

  private tell(client: RtrClient, cache: number, name: string): void {
    const { phase, lastError } = client.status(cache);
    const reported = this.reported[cache];
    const isLost = reported.phase === 'established' && phase === 'idle' && lastError !== undefined;
    reported.phase = phase;
    if (phase === 'established') reported.error = undefined;
    if (lastError === undefined || (!isLost && reported.error === lastError.text)) return;
    reported.error = lastError.text;
    const rest = client.hasData ? '; the data in use stays until it expires' : '';
    this.warn(`RPKI cache ${name}: ${printable(lastError.text)}${rest}`);
  }

  private warn(text: string): void {
    this.parts.events.emit({ event: 'rpki_cache', level: 'warn', text });
  }
}

function asksForData({ policies }: Config): boolean {
  return policies.some(({ rules }) =>
    rules.some(({ match: { rpki, aspa } }) => rpki !== undefined || aspa !== undefined),
  );
}
