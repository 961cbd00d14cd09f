import type { Cancel, Clock } from '#clock.ts';
import type { StartGateConfig } from '#config/config.ts';
import type { Rib } from '#rib/rib.ts';
import type { EventBus } from './event-bus.ts';
import type { Causes } from './record/causes.ts';
import type { ServiceStates } from './services/service-states.ts';
import { type GatePeer, StartGate } from './start-gate.ts';

/** Without a start gate, the states of services are reported when peers have had this long to come back. */
const firstReportMs = 5000;

interface StartupParts {
  readonly clock: Clock;
  readonly rib: Pick<Rib, 'holdBack'>;
  readonly peers: Iterable<GatePeer>;
  readonly events: Pick<EventBus, 'emit'>;
  readonly causes: Pick<Causes, 'once'>;
  readonly states: Pick<ServiceStates, 'begin'>;
  /** Returns what the gate waits for besides peers. */
  readonly othersAwaited: () => readonly string[];
  /** Called when the gate has opened, with what it has waited for in vain: the RIB may have work. */
  readonly opened: (unheard: readonly string[]) => void;
}

/** What is held back after the start: routes until the start gate opens, reports of services until peers are back. */
export class Startup {
  /** Absent when the configuration wants none. */
  readonly gate: StartGate | undefined;
  private readonly parts: StartupParts;
  private cancelReport: Cancel | undefined;

  constructor(config: StartGateConfig | undefined, parts: StartupParts) {
    this.parts = parts;
    if (config === undefined) return;
    const { clock, rib, peers, othersAwaited } = parts;
    rib.holdBack(true);
    const onOpen = (unheard: readonly string[]): void => this.open(unheard);
    this.gate = new StartGate(config, clock, () => peers, othersAwaited, onOpen);
  }

  /** Whether nothing is advertised yet. */
  get isHeldBack(): boolean {
    return this.gate?.isOpen === false;
  }

  /** What the gate waits for; nothing once it is open. */
  get awaited(): readonly string[] {
    return this.gate?.isOpen === false ? this.gate.unheard : [];
  }

  /** To be called when the listeners are open. */
  start(): void {
    const { clock, states } = this.parts;
    if (this.gate !== undefined) return this.gate.start();
    this.cancelReport = clock.after(firstReportMs, () => states.begin());
  }

  stop(): void {
    this.cancelReport?.();
    this.gate?.stop();
  }

  private open(unheard: readonly string[]): void {
    const { rib, states, causes, events, opened } = this.parts;
    rib.holdBack(false);
    opened(unheard);
    const isTimeOver = unheard.length > 0;
    const late = `start gate timed out while waiting for ${unheard.join(', ')}`;
    const text = isTimeOver ? late : 'start gate opened: all nodes have been heard';
    states.begin(causes.once({ kind: 'start_gate', text }));
    if (isTimeOver) events.emit({ event: 'warning', text });
  }
}
