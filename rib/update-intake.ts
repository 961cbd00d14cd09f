import { type AttrsId, none } from '#policy/ids.ts';
import type { NlriRange } from '#wire/path-attributes.ts';
import type { Update } from '#wire/update.ts';
import type { FamilyRib } from './family-rib.ts';
import { AttributeLimit } from './in/attribute-limit.ts';
import type { AttributeErrors, LimitReached, RibEvents } from './rib-events.ts';
import type { RibPeer } from './rib-peer.ts';
import type { AttrTable } from './tables/attr-table.ts';

/**
 * Processes UPDATEs: attributes become ids, then each range of prefixes goes to the Adj-RIB-In of its family. Steps 5
 * to 8 of the path of an UPDATE, for one message.
 */
export class UpdateIntake {
  private readonly attrs: AttrTable;
  private readonly families: readonly FamilyRib[];
  private readonly events: RibEvents;
  private readonly attributeLimit: AttributeLimit;
  /** The errors of the UPDATE that is being processed. */
  private errors: AttributeErrors | undefined;

  constructor(attrs: AttrTable, families: readonly FamilyRib[], events: RibEvents) {
    this.attrs = attrs;
    this.families = families;
    this.events = events;
    this.attributeLimit = new AttributeLimit(attrs, families);
  }

  /** Returns the limit that must end the session, if one was reached. Throws as `Rib.update` does. */
  take(peer: RibPeer, update: Update, now: number): LimitReached | undefined {
    const { mpReach, nlri } = update;
    const storedBytes = this.attrs.storedBytes;
    const mpAttrs = this.received(update, mpReach, true);
    const attrs = this.received(update, nlri, false);
    const newBytes = this.attrs.storedBytes - storedBytes;
    const withdraws = this.withdraw(peer, update, now);
    const reached =
      this.announce(peer, update, mpReach, mpAttrs, now) ??
      this.announce(peer, update, nlri, attrs, now);
    if (withdraws) for (const { adjRibIn } of this.families) adjRibIn.kept.report();
    if (this.errors !== undefined) this.reportErrors(peer, update, this.errors);
    if (newBytes > 0 && reached === undefined) this.countAttributes(peer, newBytes);
    return reached;
  }

  /** Returns whether the UPDATE withdraws anything. */
  private withdraw(peer: RibPeer, update: Update, now: number): boolean {
    const { withdrawn, mpUnreach } = update;
    if (withdrawn.start === withdrawn.end && mpUnreach.start === mpUnreach.end) return false;
    for (const range of [withdrawn, mpUnreach]) {
      if (range.start === range.end) continue;
      this.families[range.family].adjRibIn.withdraw(peer, update, range, now);
    }
    return true;
  }

  /** Returns the attributes of the range's routes; 0 if there are none. */
  private received(update: Update, range: NlriRange, mp: boolean): AttrsId {
    if (range.start === range.end) return none as AttrsId;
    const received = this.attrs.internReceived(update, mp);
    // Routes of both kinds have the same attributes, so what is wrong with them is reported once.
    if (this.errors?.malformed === undefined) this.errors = this.attrs.errorsOf(received);
    return this.attrs.canonicalOf(received);
  }

  private announce(
    peer: RibPeer,
    update: Update,
    range: NlriRange,
    attrs: AttrsId,
    now: number,
  ): LimitReached | undefined {
    if (attrs === none) return undefined;
    return this.families[range.family].adjRibIn.announce(peer, update.bytes, range, attrs, now);
  }

  private countAttributes(peer: RibPeer, newBytes: number): void {
    const bytes = this.attributeLimit.add(peer, newBytes);
    if (bytes !== undefined) this.events.tooManyAttributeBytes?.(peer.id, bytes);
  }

  private reportErrors(peer: RibPeer, update: Update, errors: AttributeErrors): void {
    this.errors = undefined;
    const { attributeBytes, attributesStart, attributesEnd } = update;
    const block = attributeBytes.subarray(attributesStart, attributesEnd);
    this.events.attributeErrors?.(peer.id, errors, block);
  }
}
