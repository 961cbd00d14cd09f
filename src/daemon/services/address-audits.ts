import { type Clock, wallTime } from '#clock.ts';
import { none, type PathId, type PeerId, type PrefixId } from '#policy/ids.ts';
import type { FamilyView, RibView } from '#rib/view.ts';
import { type AddressAudit, auditAddress, type ServicePath } from '#services/audit.ts';
import type { ProbeState } from '#services/probe.ts';
import type { ViewedPeer } from '../views/viewed-peer.ts';
import { refusedAnnouncers } from './refused-announcers.ts';
import type { WatchedAddress } from './service-addresses.ts';

interface AddressAuditsParts {
  readonly rib: RibView;
  readonly clock: Clock;
  readonly peerOf: (id: PeerId) => ViewedPeer | undefined;
  /** Returns whether the node of a peer answers for a service, if it is probed. */
  readonly probeOf?: (service: string, peer: PeerId) => ProbeState | undefined;
}

/** Audits one address at a time over what the RIB holds now. */
export class AddressAudits {
  private readonly parts: AddressAuditsParts;

  constructor(parts: AddressAuditsParts) {
    this.parts = parts;
  }

  /** If the address is announced and all announcements are refused, the audit says by whom they were made and why. */
  of({ service, prefix, home }: WatchedAddress): AddressAudit {
    const family = this.parts.rib.families[prefix.family];
    const id = family.find(prefix);
    const ranked = id === none ? [] : family.ranked(id);
    const paths = ranked.map((path) => this.path(family, path, service.name));
    const refused = paths.length > 0 ? undefined : this.refused(family, id);
    return auditAddress(service, paths, home, refused);
  }

  private refused(family: FamilyView, prefix: PrefixId): string | undefined {
    return refusedAnnouncers(family, prefix, (id) => this.parts.peerOf(id)?.name);
  }

  private path(family: FamilyView, path: PathId, service: string): ServicePath {
    const { rib, clock, peerOf, probeOf } = this.parts;
    const id = family.peerOf(path);
    const accepted = family.accepted(path);
    const peer = peerOf(id);
    const med = rib.med(accepted);
    const drainedBy = rib.drainedBy(id, accepted);
    const keptUntilMs = family.keptUntilMs(path);
    const probe = probeOf?.(service, id);
    return {
      node: peer?.config.node ?? '',
      peer: peer?.name ?? '',
      ...(peer?.config.site !== undefined && { site: peer.config.site }),
      ...(peer?.config.rack !== undefined && { rack: peer.config.rack }),
      ...(med !== undefined && { med }),
      isDrained: rib.demotion(id, accepted) > 0,
      ...(drainedBy !== undefined && { drainedBy }),
      ...(keptUntilMs !== undefined && { keptUntil: wallTime(clock, keptUntilMs) }),
      ...(probe !== undefined && { probe }),
    };
  }
}
