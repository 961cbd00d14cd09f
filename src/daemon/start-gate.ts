import type { Cancel, Clock } from '#clock.ts';
import type { StartGateConfig } from '#config/config.ts';
import { families, type Family } from '#wire/constants.ts';
import type { Update } from '#wire/update.ts';

/** What the gate looks at in a peer. */
export interface GatePeer {
  readonly name: string;
  /** It is enabled, has an import policy, and is neither from a range nor an observer. */
  readonly isAwaited: boolean;
  /** Something is exported to it: it may be a route server that waits for us in turn. */
  readonly isClient: boolean;
  /** By `Family`; absent while not Established. */
  readonly negotiatedFamilies: readonly boolean[] | undefined;
}

interface Heard {
  readonly isRestarting: boolean;
  upAtMs: number;
  lastUpdateMs: number | undefined;
  hasSentRoute: boolean;
  readonly ended: Set<Family>;
}

const checkEveryMs = 100;

/**
 * After a start nothing is advertised until every peer that announces routes has sent all of them, and the data by
 * which routes are validated is available, so that a restart does not move traffic twice. Peers that say that they have
 * restarted themselves are not waited for. The gate opens once, and never closes again.
 */
export class StartGate {
  isOpen = false;
  private readonly config: StartGateConfig;
  private readonly clock: Clock;
  private readonly peers: () => Iterable<GatePeer>;
  /** Returns what else has to be available, in the words of the warning if it is not. */
  private readonly others: () => readonly string[];
  /** Called once, with the names of the peers that were not heard. */
  private readonly onOpen: (unheard: readonly string[]) => void;
  private readonly heard = new Map<string, Heard>();
  private deadlineMs = Infinity;
  private cancel: Cancel | undefined;

  constructor(
    config: StartGateConfig,
    clock: Clock,
    peers: () => Iterable<GatePeer>,
    others: () => readonly string[],
    onOpen: (unheard: readonly string[]) => void,
  ) {
    this.config = config;
    this.clock = clock;
    this.peers = peers;
    this.others = others;
    this.onOpen = onOpen;
  }

  /** To be called when the listeners are open: the longest delay counts from now. */
  start(): void {
    this.deadlineMs = this.clock.monotonic() + this.config.maxDelayMs;
    this.cancel = this.clock.every(checkEveryMs, () => this.check());
    this.check();
  }

  stop(): void {
    this.cancel?.();
  }

  /** When it opens at the latest, by the monotonic clock. */
  get latestMs(): number {
    return this.deadlineMs;
  }

  /** The peers, and other things, that the gate waits for. */
  get unheard(): string[] {
    const peers = [...this.peers()].filter((peer) => !this.isDone(peer));
    return [...peers.map(({ name }) => name), ...this.others()];
  }

  /** `isRestarting`: its OPEN has the Restart State bit. */
  peerUp(name: string, isRestarting = false): void {
    const upAtMs = this.clock.monotonic();
    this.heard.set(name, {
      isRestarting,
      upAtMs,
      lastUpdateMs: undefined,
      hasSentRoute: false,
      ended: new Set(),
    });
  }

  peerDown(name: string): void {
    this.heard.delete(name);
  }

  update(name: string, update: Update): void {
    const heard = this.heard.get(name);
    if (heard === undefined) return;
    heard.lastUpdateMs = this.clock.monotonic();
    const { mpReach, nlri, endOfRib } = update;
    if (mpReach.start !== mpReach.end || nlri.start !== nlri.end) heard.hasSentRoute = true;
    if (endOfRib !== undefined) heard.ended.add(endOfRib);
    this.check();
  }

  /** Also called for a family of which nothing more will come. */
  endOfRib(name: string, family: Family): void {
    this.heard.get(name)?.ended.add(family);
    this.check();
  }

  private check(): void {
    if (this.isOpen) return;
    const { unheard } = this;
    if (unheard.length > 0 && this.clock.monotonic() < this.deadlineMs) return;
    this.isOpen = true;
    this.stop();
    this.onOpen(unheard);
  }

  private isDone(peer: GatePeer): boolean {
    if (!peer.isAwaited) return true;
    const heard = this.heard.get(peer.name);
    if (heard === undefined || peer.negotiatedFamilies === undefined) return false;
    const { isRestarting, lastUpdateMs, upAtMs, ended, hasSentRoute } = heard;
    // RFC 4724 §4.1: it waits for us in turn, so it is no reason to delay anything.
    if (isRestarting) return true;
    const hasEnded = families.every(
      ({ family }) => peer.negotiatedFamilies?.[family] !== true || ended.has(family),
    );
    if (hasEnded && hasSentRoute) return true;
    const silentMs = this.clock.monotonic() - (lastUpdateMs ?? upAtMs);
    if (silentMs < this.config.eorGraceMs) return false;
    // Two route servers that face each other would both wait, so one that sends nothing is not waited for.
    return hasEnded || (peer.isClient && lastUpdateMs === undefined);
  }
}
