import { type By, byText } from '#api/by.ts';
import type { Cause } from '#api/events/causes.ts';
import { type Clock, timestamp } from '#clock.ts';
import type { Config } from '#config/config.ts';
import { FileWatch } from '#config/file-watch.ts';
import type { ConfigSources } from '#config/sources.ts';
import {
  type ConfigState,
  ConfigStore,
  type ConfirmedConfig,
  type RanConfig,
} from '#history/config-store.ts';
import { messageOf } from '#text/message-of.ts';
import type { EventBus } from '../event-bus.ts';

/** How many of the configurations that ran are kept. */
const mostKept = 10;

/** A configuration that runs or may run, with its sources if they are known. */
export interface Running {
  readonly config: Config;
  readonly sources?: ConfigSources;
}

/** Where the daemon got the configuration that it starts with. */
export interface StartedFrom {
  readonly sources?: ConfigSources;
  /** `stored`: the last confirmed one, because a later reload was never confirmed. */
  readonly from: 'file' | 'stored';
  /** Why the confirmed configuration is not available although it was to be used. */
  readonly lost?: string;
}

export interface KeptConfigsParts {
  readonly clock: Clock;
  readonly events: EventBus;
  /** Absent without `state_dir`: what is kept ends with the process. */
  readonly store: ConfigStore | undefined;
  readonly start: StartedFrom;
}

/** Which configurations ran, which of them was confirmed last, and whether the running one is the file's. */
export class KeptConfigs {
  /** `stored`: not the file, but the last confirmed configuration. */
  runningFrom: 'file' | 'stored';
  private readonly parts: KeptConfigsParts;
  private readonly watch = new FileWatch();
  private state: ConfigState = { history: [] };
  /** Sources of the state that may not be on disk yet, by id. */
  private readonly unwritten = new Map<string, ConfigSources>();
  private running: ConfigSources | undefined;
  /** The confirmed configuration could not be read, and no operator has given a command since. */
  private isLost: boolean;

  constructor(parts: KeptConfigsParts) {
    this.parts = parts;
    this.runningFrom = parts.start.from;
    this.isLost = parts.start.lost !== undefined;
  }

  /**
   * To be called when the daemon starts with this configuration. A disk that cannot be written costs the record, not
   * the start.
   */
  started(config: Config): void {
    const { store, start, clock, events } = this.parts;
    const read = store?.read();
    if (read?.kind === 'state') this.state = read.state;
    const { unconfirmed, confirmed } = this.state;
    const ran = this.ran({ config, ...sourcesIn(start) }, 'start');
    this.running = start.sources;
    if (start.lost !== undefined || read?.kind === 'unreadable') {
      this.isLost = true;
      const why = start.lost ?? (read?.kind === 'unreadable' ? read.text : '');
      const text = `the confirmed configuration is lost: ${why}; started with the file`;
      events.emit({ event: 'config_lost', text });
    }
    if (start.from === 'stored' && unconfirmed !== undefined) {
      const { file, hash } = config;
      const { by, atMs } = unconfirmed;
      const loader = by === undefined ? '' : ` by ${byText(by)}`;
      const text = `started with the confirmed configuration ${hash}, not with the file, because the reload of ${timestamp(atMs)}${loader} was never confirmed; \`fingerpost reload\` applies the file`;
      const cause: Cause = { kind: 'config', text: 'never confirmed', ...whose(by) };
      events.emit({ event: 'config_rolled_back', file, hash, text, cause, ...whose(by) });
      this.tryTo(() => this.keep({ ...this.state, history: this.with(ran) }));
      return;
    }
    const isSame = ran.id !== undefined && confirmed?.id === ran.id;
    const confirmedAtMs = isSame ? confirmed.confirmedAtMs : clock.wall();
    this.tryTo(() => this.keep({ confirmed: { ...ran, confirmedAtMs }, history: this.with(ran) }));
  }

  /** Whether every start uses the confirmed configuration, until a reload or `confirm`. */
  get isUnconfirmed(): boolean {
    return this.state.unconfirmed !== undefined;
  }

  get startedWith(): ConfigSources | undefined {
    return this.parts.start.sources;
  }

  get confirmed(): ConfirmedConfig | undefined {
    return this.state.confirmed;
  }

  /** Newest first. */
  get history(): readonly RanConfig[] {
    return this.state.history.toReversed();
  }

  get hasStore(): boolean {
    return this.parts.store !== undefined;
  }

  /** Whether the confirmed configuration could not be read at the start. */
  get isConfirmedLost(): boolean {
    return this.isLost;
  }

  /**
   * Whether the files on disk differ from what runs; `undefined` if their content at the time of loading is not known.
   */
  get filesDiffer(): boolean | undefined {
    return this.running === undefined ? undefined : this.watch.differsFrom(this.running);
  }

  isKept({ id }: RanConfig): boolean {
    return id !== undefined && this.parts.store?.has(id) === true;
  }

  /** Throws an Error that says why they are not available. */
  sourcesOf({ id, hash }: RanConfig): Uint8Array {
    const { store } = this.parts;
    if (store === undefined)
      throw new Error('without state_dir only the running configuration is kept');
    if (id === undefined) throw new Error(`configuration ${hash} was not kept`);
    return store.sourcesOf(id);
  }

  /**
   * Records what is about to run, either as confirmed or as waiting for confirmation until `confirmByMs`. Throws an
   * Error if that cannot be written, unless `isVolatile`. Returns a function that undoes it if the reload fails.
   */
  reload(
    next: Running,
    {
      by,
      confirmByMs,
      isVolatile,
    }: { by?: By | undefined; confirmByMs?: number; isVolatile: boolean },
  ): () => void {
    if (confirmByMs !== undefined && !isVolatile) this.requireConfirmed();
    const before = { state: this.state, running: this.running, from: this.runningFrom };
    const ran = this.ran(next, 'reload', by);
    const history = this.with(ran);
    const atMs = ran.atMs;
    const state: ConfigState =
      confirmByMs === undefined
        ? { confirmed: { ...ran, confirmedAtMs: atMs }, history }
        : {
            ...this.state,
            history,
            unconfirmed: { hash: ran.hash, atMs, confirmByMs, ...whose(by) },
          };
    // If the disk cannot be written and nothing was waiting, what a start uses stays unchanged, and only the record is
    // lost.
    const mayFail = isVolatile || (confirmByMs === undefined && !this.isUnconfirmed);
    if (mayFail) this.tryTo(() => this.keep(state), !isVolatile);
    else this.keepOrNothing(state);
    this.running = next.sources;
    this.runningFrom = 'file';
    this.isLost = false;
    return () => {
      this.running = before.running;
      this.runningFrom = before.from;
      this.tryTo(() => this.keep(before.state), false);
    };
  }

  /** Confirms the running configuration. Throws as `reload` does. */
  confirm(isVolatile: boolean): void {
    const ran = this.state.history.at(-1);
    const { history } = this.state;
    const state: ConfigState = {
      history,
      ...(ran !== undefined && { confirmed: { ...ran, confirmedAtMs: this.parts.clock.wall() } }),
    };
    if (isVolatile) this.tryTo(() => this.keep(state), false);
    else this.keepOrNothing(state);
  }

  /** The confirmed configuration runs again, and every start will use it. */
  rolledBack(former: Running, how: 'rollback' | 'not_confirmed', by: By | undefined): void {
    this.running = former.sources;
    this.runningFrom = 'stored';
    const ran = this.ran(former, how, by);
    this.tryTo(() => this.keep({ ...this.state, history: this.with(ran) }));
  }

  /** Without it no start could go back. */
  private requireConfirmed(): void {
    const { store } = this.parts;
    const { confirmed } = this.state;
    if (store === undefined || confirmed?.id === undefined) return;
    if (this.unwritten.has(confirmed.id) || store.has(confirmed.id)) return;
    throw new Error(`the confirmed configuration ${confirmed.hash} is no longer in state_dir`);
  }

  private ran({ config, sources }: Running, how: RanConfig['how'], by?: By): RanConfig {
    if (sources !== undefined) this.unwritten.set(sources.id, sources);
    return {
      ...(sources !== undefined && { id: sources.id }),
      hash: config.hash,
      atMs: this.parts.clock.wall(),
      how,
      ...whose(by),
    };
  }

  /** The same configuration twice in a row counts as one. */
  private with(ran: RanConfig): RanConfig[] {
    const { history } = this.state;
    const last = history.at(-1);
    const isSame = last?.hash === ran.hash && last.id === ran.id;
    return [...(isSame ? history.slice(0, -1) : history), isSame ? last : ran].slice(-mostKept);
  }

  /** It applies in memory from now on in any case. */
  private keep(state: ConfigState): void {
    this.state = state;
    this.write();
  }

  private keepOrNothing(state: ConfigState): void {
    const before = this.state;
    try {
      this.keep(state);
    } catch (error) {
      this.state = before;
      throw error;
    }
  }

  private write(): void {
    const { history, confirmed } = this.state;
    const named = new Set(
      [...history, ...(confirmed === undefined ? [] : [confirmed])].map(({ id }) => id),
    );
    for (const id of this.unwritten.keys()) if (!named.has(id)) this.unwritten.delete(id);
    this.parts.store?.write(this.state, [...this.unwritten.values()]);
    this.unwritten.clear();
  }

  private tryTo(action: () => void, isReported = true): void {
    try {
      action();
    } catch (error) {
      if (!isReported) return;
      const text = `the running configuration cannot be stored: ${messageOf(error)}; after a crash neither it nor who loaded it is known`;
      this.parts.events.emit({ event: 'warning', text });
    }
  }
}

/** Returns where the configurations are kept; `undefined` without `state_dir`. */
export function configStoreOf({ stateDir, file }: Config): ConfigStore | undefined {
  return stateDir === undefined ? undefined : new ConfigStore(stateDir, file);
}

function sourcesIn({ sources }: StartedFrom): { sources?: ConfigSources } {
  return sources === undefined ? {} : { sources };
}

function whose(by: By | undefined): { by?: By } {
  return by === undefined ? {} : { by };
}
