import type { Clock } from '#clock.ts';
import type { AttrsId, PathId, PeerId, PrefixId } from '#policy/ids.ts';
import type { RibView } from '#rib/view.ts';
import type { ProbeState } from '#services/probe.ts';
import type { Family } from '#wire/constants.ts';
import type { EventBus } from '../event-bus.ts';
import type { RunningPeers } from '../peers/running-peers.ts';
import type { AddressCauses } from '../record/address-causes.ts';
import type { KnownCause } from '../record/causes.ts';
import type { Failovers } from '../record/failovers.ts';
import { AddressAudits } from './address-audits.ts';
import { AddressMoves } from './address-moves.ts';
import { ServiceAddresses } from './service-addresses.ts';
import { ServiceStates } from './service-states.ts';
import { StateTeller } from './state-teller.ts';

interface WatchedParts {
  readonly clock: Clock;
  readonly view: RibView;
  readonly events: EventBus;
  readonly peers: RunningPeers;
  readonly causes: AddressCauses;
  readonly failovers: Failovers;
  /** Returns whether the node of a peer answers for a service, if it is probed. */
  readonly probeOf: (service: string, peer: PeerId) => ProbeState | undefined;
  /** Returns whether nothing is advertised yet. */
  readonly isHeldBack: () => boolean;
}

/** The addresses of services: which exist, their audits, states and moves. It is called for every change of the RIB. */
export class WatchedServices {
  readonly addresses: ServiceAddresses;
  readonly audits: AddressAudits;
  readonly states: ServiceStates;
  readonly moves: AddressMoves;
  private readonly causes: AddressCauses;

  constructor({
    clock,
    view,
    events,
    peers,
    causes,
    failovers,
    probeOf,
    isHeldBack,
  }: WatchedParts) {
    const peerOf = (id: PeerId) => peers.withId(id);
    this.causes = causes;
    this.audits = new AddressAudits({
      rib: view,
      clock,
      peerOf,
      probeOf,
    });
    this.addresses = new ServiceAddresses(view, clock, (address) =>
      this.states.addressChanged(address, undefined),
    );
    const { addresses, audits } = this;
    const teller = new StateTeller({ clock, addresses, audits, events });
    this.states = new ServiceStates({ clock, rib: view, addresses, audits, teller });
    this.moves = new AddressMoves({
      rib: view,
      clock,
      events,
      peerOf,
      addresses,
      causes,
      records: failovers,
      isHeldBack,
      changed: (address, cause) => this.states.addressChanged(address, cause),
    });
  }

  /** What the ends of the sessions change is no change of a service. */
  stop(): void {
    this.states.stop();
  }

  /** As in `RibEvents`. */
  pathChanged(family: Family, prefix: PrefixId, path: PathId, was: AttrsId, isGone: boolean): void {
    const cause = this.causes.pathChanged(family, prefix, path, was, isGone);
    this.addressChanged(family, prefix, cause);
  }

  /** Something other than a path of the address has changed; the address is audited again. */
  addressChanged(family: Family, prefix: PrefixId, cause: KnownCause | undefined): void {
    const address = this.addresses.known(family, prefix);
    if (address !== undefined) this.states.addressChanged(address, cause);
  }
}
