import type { AttrsId } from '#policy/ids.ts';
import { encodeAttributes } from '#wire/attributes.ts';
import { families, type Family } from '#wire/constants.ts';
import type { ByteRange } from '#wire/octets.ts';
import { fitsMessage } from '#wire/update-writer.ts';
import type { Carriage } from '../rib-peer.ts';
import type { AttrTable } from '../tables/attr-table.ts';
import type { PeerMask } from '../tables/peer-sets.ts';

/** Why a session cannot carry a route that policy lets its peer have. */
export type Uncarried = 'next_hop_unusable' | 'stale' | 'too_long';

/** Clients whose sessions are alike. */
interface Kind {
  readonly carriage: Carriage;
  members: PeerMask;
}

/**
 * Attributes of up to this many bytes fit into every message: with 2-octet AS numbers AS4_PATH makes them longer, but
 * by half at most.
 */
const alwaysFits = 2000;

/**
 * Which sessions can carry a route of one family, according to the last session of each client. This concerns a next
 * hop of the other family (RFC 8950 §4), a long-lived stale route (RFC 9494 §4.3), and a route that is too long for the
 * messages of some (RFC 4271 §9.2). The cost grows with the kinds of sessions.
 */
export class Carriers {
  /** Whether a route was seen that not every session can carry. */
  areAsked = false;
  private readonly family: Family;
  private readonly attrs: AttrTable;
  private readonly kinds = new Map<string, Kind>();

  constructor(family: Family, attrs: AttrTable) {
    this.family = family;
    this.attrs = attrs;
  }

  /** Sets what the client's session can carry; returns whether that has changed. */
  set(client: PeerMask, carriage: Carriage): boolean {
    const key = JSON.stringify(carriage);
    let kind = this.kinds.get(key);
    if (kind !== undefined && (kind.members & client) !== 0n) return false;
    this.remove(client);
    kind = this.kinds.get(key) ?? { carriage, members: 0n };
    kind.members |= client;
    this.kinds.set(key, kind);
    return true;
  }

  remove(client: PeerMask): void {
    for (const [key, kind] of this.kinds) {
      kind.members &= ~client;
      if (kind.members === 0n) this.kinds.delete(key);
    }
  }

  /** Returns whether every session of any kind can carry the route with this next hop. */
  areAll(attrs: AttrsId, nextHop: ByteRange): boolean {
    return (
      !this.isForeign(nextHop) &&
      !this.attrs.isLongLivedStale(attrs) &&
      this.attrs.blockLength(attrs) <= alwaysFits
    );
  }

  /** Returns those of the clients whose sessions can carry the route. */
  of(attrs: AttrsId, clients: PeerMask): PeerMask {
    if (this.areAll(attrs, this.attrs.nextHopAt(attrs))) return clients;
    this.areAsked = true;
    let mask = 0n;
    for (const { carriage, members } of this.kinds.values()) {
      if ((members & clients) === 0n) continue;
      if (this.uncarried(attrs, carriage) === undefined) mask |= members;
    }
    return mask & clients;
  }

  /** Returns why the client's session cannot carry the route, if it cannot. */
  whyNot(attrs: AttrsId, client: PeerMask): Uncarried | undefined {
    if (this.areAll(attrs, this.attrs.nextHopAt(attrs))) return undefined;
    const kind = [...this.kinds.values()].find(({ members }) => (members & client) !== 0n);
    return kind === undefined ? undefined : this.uncarried(attrs, kind.carriage);
  }

  private uncarried(attrs: AttrsId, carriage: Carriage): Uncarried | undefined {
    const nextHop = this.attrs.nextHopAt(attrs);
    const nextHopBytes = nextHop.end - nextHop.start;
    if (!carriage.anyNextHop && this.isForeign(nextHop)) return 'next_hop_unusable';
    if (!carriage.longLived && this.attrs.isLongLivedStale(attrs)) return 'stale';
    const { addPath, maxMessageBytes: maxLength } = carriage;
    const bytes = carriage.asnBytes === 4 ? this.attrs.blockLength(attrs) : this.narrowBytes(attrs);
    const options = { family: this.family, addPath, maxLength };
    return fitsMessage(options, bytes, nextHopBytes) ? undefined : 'too_long';
  }

  private isForeign({ start, end }: ByteRange): boolean {
    return end - start !== families[this.family].addressBytes;
  }

  /** Returns the length with 2-octet AS numbers; small blocks fit in any case. */
  private narrowBytes(attrs: AttrsId): number {
    const bytes = this.attrs.blockLength(attrs);
    if (bytes <= alwaysFits) return bytes;
    return encodeAttributes(this.attrs.read(attrs), { asnBytes: 2, inlineNextHop: true }).length;
  }
}
