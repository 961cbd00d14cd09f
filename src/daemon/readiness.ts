import { nobodyIsUp, type ReadyView } from '#api/views/status.ts';
import type { Cancel, Clock } from '#clock.ts';
import type { Config } from '#config/config.ts';
import { StateFile } from '#history/state-file.ts';
import { families, type Family } from '#wire/constants.ts';

const writeEveryMs = 1000;

/** What readiness looks at in a peer. */
export interface ReadyPeer {
  readonly name: string;
  readonly isEnabled: boolean;
  /** Whether its routes are waited for, and whether it is sent some. */
  readonly isAwaited: boolean;
  readonly isClient: boolean;
  /** Absent: it is none. */
  readonly isObserver?: boolean;
  /** By `Family`; absent while not Established. */
  readonly negotiatedFamilies: readonly boolean[] | undefined;
}

/** What readiness needs of the daemon. */
export interface ReadinessParts {
  readonly clock: Clock;
  readonly peers: {
    named(name: string): ReadyPeer | undefined;
    [Symbol.iterator](): Iterator<ReadyPeer>;
  };
  readonly isListening: () => boolean;
  /** Returns what the start gate waits for; empty if it is open. */
  readonly gateWaitsFor: () => readonly string[];
  readonly onFailure: (text: string) => void;
  /** Called if it cannot be read which peers were up before the start, with the reason. */
  readonly onLost: (text: string) => void;
  /** Returns what else is not as it should be, although it does not prevent readiness. */
  readonly degradedBy: () => readonly string[];
}

/**
 * Whether this server may be counted on. After a start it may not be before the peers that were up when it last stopped
 * are back with their End-of-RIB, or `ready_max_wait` is over: a rolling restart of three route servers must not empty
 * all three. Once ready it stays ready until it is about to stop; losses after that are for alerts.
 */
export class Readiness {
  private readonly parts: ReadinessParts;
  private readonly file: StateFile | undefined;
  private readonly startMs: number;
  private maxWaitMs: number;
  /** Peers that are not back yet, and the families for which each has sent End-of-RIB. */
  private readonly awaited = new Map<string, Set<Family>>();
  private isReady = false;
  /** Why it is about to stop. */
  private ending: string | undefined;
  /** Peers that were given up on, and the reason to show, until they are back. */
  private readonly lacking = new Map<string, string>();
  private readonly remembers: boolean;
  /** Why it is not known which peers were up before the start. */
  private readonly lost: string | undefined;
  private cancel: Cancel | undefined;

  constructor({ stateDir, readyMaxWaitMs }: Config, parts: ReadinessParts) {
    this.parts = parts;
    this.startMs = parts.clock.monotonic();
    this.maxWaitMs = readyMaxWaitMs;
    this.file = stateDir === undefined ? undefined : new StateFile(stateDir, parts.onFailure);
    const read = this.file?.read() ?? { kind: 'nothing' };
    this.remembers = read.kind === 'state';
    this.lost = read.kind === 'unreadable' ? read.text : undefined;
    if (read.kind !== 'state') return;
    for (const name of read.state.established) this.awaited.set(name, new Set());
  }

  /** Whether it is unknown which peers were up before the start, during the time for which they would be waited for. */
  get isMemoryLost(): boolean {
    return this.lost !== undefined && !this.isWaitOver;
  }

  /** From now on, records which peers are up. */
  start(): void {
    if (this.file === undefined) return;
    if (this.lost !== undefined) {
      this.parts.onLost(
        `it is not known which peers were up before the start: ${this.lost}; this start does not wait for them`,
      );
    }
    this.cancel = this.parts.clock.every(writeEveryMs, () => this.remember());
  }

  /** It is about to stop, and must not be counted on any more; `why` for people. */
  leave(why: string): void {
    this.ending = why;
  }

  /** To be called before the sessions are ended: the next start waits for the peers that are up now. */
  stop(): void {
    this.cancel?.();
    if (this.isReady) this.remember(true);
    this.leave('fingerpost is stopping');
  }

  applyConfig({ readyMaxWaitMs }: Config): void {
    this.maxWaitMs = readyMaxWaitMs;
  }

  /**
   * The start gate gave up waiting for these peers. If it is recorded which peers were up before, that counts instead:
   * a peer that has been down for a month is not worth reporting.
   */
  gateOpened(unheard: readonly string[]): void {
    if (this.remembers) return;
    for (const name of unheard) {
      this.lacking.set(name, `start gate timed out while waiting for ${name}`);
    }
  }

  peerDown(name: string): void {
    this.awaited.get(name)?.clear();
  }

  endOfRib(name: string, family: Family): void {
    this.awaited.get(name)?.add(family);
  }

  view(): ReadyView {
    if (this.ending !== undefined) return { ready: false, reasons: [this.ending] };
    if (!this.isReady) this.check();
    if (!this.isReady) return { ready: false, reasons: this.reasons() };
    const degraded = [
      ...this.nobodyUp(),
      ...this.stillLacking(),
      ...(this.isMemoryLost ? ['peers that were up before the start are not known'] : []),
      ...this.parts.degradedBy(),
    ];
    return degraded.length === 0
      ? { ready: true, reasons: [] }
      : { ready: true, reasons: [], degraded };
  }

  private get isWaitOver(): boolean {
    return this.parts.clock.monotonic() - this.startMs >= this.maxWaitMs;
  }

  private check(): void {
    const waits = this.missing();
    if (!this.parts.isListening() || this.parts.gateWaitsFor().length > 0) return;
    if (waits.length > 0 && !this.isWaitOver) return;
    this.isReady = true;
    for (const name of waits) {
      this.lacking.set(name, `${name} was up before the restart and has not come back`);
    }
    this.awaited.clear();
  }

  /** Without a source there is nothing to send, without a client nobody to send it to. */
  private nobodyUp(): string[] {
    const peers = [...this.parts.peers].filter(({ isEnabled }) => isEnabled);
    const sources = peers.filter(({ isAwaited }) => isAwaited);
    const clients = peers.filter(({ isClient }) => isClient);
    return [
      ...(sources.length > 0 && !sources.some(isUp) ? [nobodyIsUp.source] : []),
      ...(clients.length > 0 && !clients.some(isUp) ? [nobodyIsUp.client] : []),
    ];
  }

  private stillLacking(): string[] {
    for (const name of this.lacking.keys()) {
      const peer = this.parts.peers.named(name);
      const isBack = peer?.isEnabled !== true || peer.negotiatedFamilies !== undefined;
      if (isBack) this.lacking.delete(name);
    }
    return [...this.lacking.values()];
  }

  private reasons(): string[] {
    if (!this.parts.isListening()) return ['not listening yet'];
    const awaited = this.parts.gateWaitsFor();
    const missing = new Set(this.missing());
    const known = (name: string): string =>
      missing.has(name) ? ', which was up before the restart' : '';
    return [
      ...awaited.map((name) => `start gate: waiting for ${name}${known(name)}`),
      ...[...missing]
        .filter((name) => !awaited.includes(name))
        .map((name) => `${name} was up before the restart and has not come back yet`),
    ];
  }

  /** Returns the enabled peers that were up when the daemon last stopped, and are not back with End-of-RIB. */
  private missing(): string[] {
    return [...this.awaited.keys()].filter((name) => {
      const peer = this.parts.peers.named(name);
      // What another route server sends is no part of what this one serves.
      if (peer === undefined || !peer.isEnabled || peer.isObserver === true) return false;
      const negotiated = peer.negotiatedFamilies;
      const ended = this.awaited.get(name);
      return !families.every(
        ({ family }) => negotiated !== undefined && (!negotiated[family] || ended?.has(family)),
      );
    });
  }

  private remember(isLast = false): void {
    // Until all are back the old list is kept, so that a daemon that is restarted twice waits for the same peers.
    if (!this.isReady) this.check();
    if (!this.isReady) return;
    const up = [...this.parts.peers].filter((peer) => peer.negotiatedFamilies !== undefined);
    this.file?.write({ established: up.map(({ name }) => name) }, isLast);
  }
}

function isUp({ negotiatedFamilies }: ReadyPeer): boolean {
  return negotiatedFamilies !== undefined;
}
