import type { Cancel, Clock } from '#clock.ts';
import type { Config } from '#config/config.ts';
import { StateFile } from '#history/state-file.ts';
import type { ReadyView } from '#api/status.ts';
import type { Family } from '#wire/constants.ts';
import { families } from '#wire/constants.ts';

const writeEveryMs = 1000;

/** What readiness looks at in a peer. */
export interface ReadyPeer {
  readonly name: string;
  readonly isEnabled: boolean;
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
  /** Whom the start gate waits for; empty when it is open. */
  readonly gateWaitsFor: () => readonly string[];
  readonly onFailure: (text: string) => void;
}

/**
 * Whether this server may be counted on: after a start, not before the peers that were up when it
 * last stopped are back with End-of-RIB, or `ready_max_wait` is over. A rolling restart of three route
 * servers must not empty all three. Once ready it stays so: losses after that are for alerts.
 */
export class Readiness {
  private readonly parts: ReadinessParts;
  private readonly file: StateFile | undefined;
  private readonly startMs: number;
  private maxWaitMs: number;
  /** Peers that are not back yet, and the families that each has ended. */
  private readonly awaited = new Map<string, Set<Family>>();
  private isReady = false;
  private degraded: readonly string[] = [];
  private cancel: Cancel | undefined;

  constructor({ stateDir, readyMaxWaitMs }: Config, parts: ReadinessParts) {
    this.parts = parts;
    this.startMs = parts.clock.monotonic();
    this.maxWaitMs = readyMaxWaitMs;
    if (stateDir === undefined) return;
    this.file = new StateFile(stateDir, parts.onFailure);
    for (const name of this.file.read()?.established ?? []) this.awaited.set(name, new Set());
  }

  /** From now on it is remembered who is up. */
  start(): void {
    if (this.file === undefined) return;
    this.cancel = this.parts.clock.every(writeEveryMs, () => this.remember());
  }

  /** Before the sessions are ended: who was up is what the next start waits for. */
  stop(): void {
    this.cancel?.();
    if (this.isReady) this.remember();
  }

  configure({ readyMaxWaitMs }: Config): void {
    this.maxWaitMs = readyMaxWaitMs;
  }

  peerDown(name: string): void {
    this.awaited.get(name)?.clear();
  }

  endOfRib(name: string, family: Family): void {
    this.awaited.get(name)?.add(family);
  }

  view(): ReadyView {
    if (!this.isReady) this.check();
    if (!this.isReady) return { ready: false, reasons: this.reasons() };
    const { degraded } = this;
    return degraded.length === 0
      ? { ready: true, reasons: [] }
      : { ready: true, reasons: [], degraded: [...degraded] };
  }

  private check(): void {
    const waits = this.missing();
    if (!this.parts.isListening() || this.parts.gateWaitsFor().length > 0) return;
    const isOver = this.parts.clock.monotonic() - this.startMs >= this.maxWaitMs;
    if (waits.length > 0 && !isOver) return;
    this.isReady = true;
    this.degraded = waits.map((name) => `${name} was up before the restart and is not back`);
    this.awaited.clear();
  }

  private reasons(): string[] {
    if (!this.parts.isListening()) return ['the listeners are not open'];
    return [
      ...this.parts.gateWaitsFor().map((name) => `start gate: waits for ${name}`),
      ...this.missing().map((name) => `${name} was up before the restart and is not back yet`),
    ];
  }

  /** Enabled peers that were up when the daemon last stopped, and are not back with End-of-RIB. */
  private missing(): string[] {
    return [...this.awaited.keys()].filter((name) => {
      const peer = this.parts.peers.named(name);
      if (peer === undefined || !peer.isEnabled) return false;
      const negotiated = peer.negotiatedFamilies;
      const ended = this.awaited.get(name);
      return !families.every(
        ({ family }) => negotiated !== undefined && (!negotiated[family] || ended?.has(family)),
      );
    });
  }

  private remember(): void {
    // Until all are back the old list stands: a daemon that is restarted twice waits for the same.
    if (!this.view().ready) return;
    const up = [...this.parts.peers].filter((peer) => peer.negotiatedFamilies !== undefined);
    this.file?.write({ established: up.map(({ name }) => name) });
  }
}
