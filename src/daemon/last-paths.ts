import type { Cause } from '#api/events/causes.ts';
import { type Cancel, type Clock, wallTime } from '#clock.ts';
import type { PathId, PeerId, PrefixId } from '#policy/ids.ts';
import type { Rib } from '#rib/rib.ts';
import type { RibView } from '#rib/view.ts';
import { formatPrefix } from '#text/prefix.ts';
import type { Family } from '#wire/constants.ts';
import type { EventBus } from './event-bus.ts';
import type { Probes } from './probes/probes.ts';
import type { Causes } from './record/causes.ts';
import type { ServiceAddresses } from './services/service-addresses.ts';

/** What is reported about a peer. */
interface KeepingPeer {
  readonly name: string;
  readonly config: { readonly node: string };
}

interface LastPathsParts {
  readonly clock: Clock;
  readonly rib: Rib;
  readonly view: RibView;
  readonly peers: { withId(id: PeerId): KeepingPeer | undefined };
  readonly events: EventBus;
  readonly causes: Pick<Causes, 'because'>;
  readonly addresses: Pick<ServiceAddresses, 'serviceOf'>;
  readonly probes: Pick<Probes, 'isSilent'>;
  /** The RIB has work. */
  readonly changed: () => void;
}

const timeIsOver: Cause = {
  kind: 'withdrawn',
  text: 'withdrawn by the peer; the time for which the last path is kept is over',
};

/**
 * Last paths of addresses that their nodes have withdrawn (`on_last_withdrawal`): reports each one that the RIB keeps,
 * and removes those of nodes that do not answer and all whose time is over.
 */
export class LastPaths {
  private readonly parts: LastPathsParts;
  private cancel: Cancel | undefined;

  constructor(parts: LastPathsParts) {
    this.parts = parts;
  }

  stop(): void {
    this.cancel?.();
  }

  /** As `pathKept` of the RIB's events. */
  kept(id: PeerId, family: Family, prefix: PrefixId, _path: PathId, untilMs: number): void {
    const { rib, view, probes, addresses, clock, events, peers } = this.parts;
    const address = view.families[family].prefix(prefix);
    const service = addresses.serviceOf(family, prefix)?.name ?? '';
    if (probes.isSilent(service, id)) {
      rib.endKept(id, view.families[family].service(prefix));
      return;
    }
    this.arm();
    const peer = peers.withId(id);
    const node = peer?.config.node ?? '';
    const text = formatPrefix(address);
    const until = wallTime(clock, untilMs);
    events.emit({
      event: 'last_path_kept',
      prefix: text,
      service,
      peer: peer?.name ?? '',
      node,
      until,
      text: `service ${service}: ${node} has withdrawn ${text}, and no other node announces it; its path is kept with MED 4294967295 until ${until.slice(0, 19)}Z`,
    });
  }

  private arm(): void {
    const { rib, clock } = this.parts;
    this.cancel?.();
    const endMs = rib.nextKeptEndMs;
    this.cancel = endMs === undefined ? undefined : clock.at(endMs, () => this.endDue());
  }

  private endDue(): void {
    const { rib, clock, causes, changed } = this.parts;
    causes.because(timeIsOver, () => rib.endDueKept(clock.monotonic()));
    changed();
    this.arm();
  }
}
