import type { Cancel, Clock } from '#clock.ts';
import type { DynamicPeers } from './peers/dynamic-peers.ts';
import type { RunningPeers } from './peers/running-peers.ts';
import type { ServiceAddresses } from './services/service-addresses.ts';
import type { ServiceStates } from './services/service-states.ts';

/** How often it is checked whether a limit that was reached has space again. */
const limitsEveryMs = 1000;

/** How often peers and addresses that left long ago are looked for. */
const forgetEveryMs = 60_000;

interface UpkeepParts {
  readonly clock: Clock;
  readonly peers: RunningPeers;
  readonly dynamic: Pick<DynamicPeers, 'forgetOld'>;
  readonly addresses: Pick<ServiceAddresses, 'forgetRetired'>;
  readonly states: Pick<ServiceStates, 'forget'>;
}

/**
 * What is done from time to time, whatever happens: limits that are no longer reached are reported, and what is gone is
 * forgotten.
 */
export class Upkeep {
  private readonly parts: UpkeepParts;
  private running: readonly Cancel[] = [];

  constructor(parts: UpkeepParts) {
    this.parts = parts;
  }

  start(): void {
    const { clock } = this.parts;
    this.running = [
      clock.every(limitsEveryMs, () => this.reportClearedLimits()),
      clock.every(forgetEveryMs, () => this.forget()),
    ];
  }

  stop(): void {
    for (const cancel of this.running) cancel();
  }

  private reportClearedLimits(): void {
    for (const peer of this.parts.peers) peer.tellClearedLimits();
  }

  private forget(): void {
    const { dynamic, addresses, states } = this.parts;
    dynamic.forgetOld();
    for (const address of addresses.forgetRetired()) states.forget(address);
  }
}
