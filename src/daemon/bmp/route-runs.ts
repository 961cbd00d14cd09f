import { withLocalPref } from '#bmp/local-pref.ts';
import type { PeerHeader } from '#bmp/message-writer.ts';
import { RouteWriter } from '#bmp/route-writer.ts';
import { type AttrsId, none } from '#policy/ids.ts';
import type { RibView } from '#rib/view.ts';
import { encodeAttributes } from '#wire/attributes.ts';
import type { Family } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';
import { OctetWriter } from '#wire/octet-writer.ts';
import { type ByteRange, wholeRange } from '#wire/octets.ts';

/** Whose routes are written, and how. */
export interface RouteOwner {
  readonly peer: PeerHeader['peer'];
  readonly flags: number;
  /** By `Family`. */
  readonly addPath: readonly boolean[];
  readonly asnBytes: 2 | 4;
}

/** What routes of one run share. */
interface Run {
  readonly owner: RouteOwner;
  readonly family: Family;
  /** 0: they are withdrawn. */
  readonly attrs: AttrsId;
  readonly wallMs: number | undefined;
  /** False: no UPDATE can hold the attributes. */
  isWritten: boolean;
}

/**
 * Routes of one table on their way to a collector. Those that follow one another, and differ in nothing but their
 * prefix, are written as one UPDATE.
 */
export class RouteRuns {
  readonly out = new OctetWriter();
  private readonly view: RibView;
  private readonly routes = new RouteWriter(this.out);
  private run: Run | undefined;

  constructor(view: RibView) {
    this.view = view;
  }

  /** `wallMs`: when the route came, Unix ms. To be followed by `end` before the RIB changes. */
  announce(
    owner: RouteOwner,
    family: Family,
    attrs: AttrsId,
    wallMs: number | undefined,
    prefix: Prefix,
    pathId: number,
  ): void {
    const { run } = this;
    if (run?.attrs !== attrs || run.wallMs !== wallMs || !isOf(run, owner, family)) {
      const isWritten = this.begin(owner, family, attrs, wallMs);
      this.run = { owner, family, attrs, wallMs, isWritten };
    }
    if (this.run?.isWritten === true) this.routes.add(prefix, pathId);
  }

  /** `wallMs`: now. */
  withdraw(
    owner: RouteOwner,
    family: Family,
    wallMs: number,
    prefix: Prefix,
    pathId: number,
  ): void {
    const { run } = this;
    if (run?.attrs !== none || !isOf(run, owner, family)) {
      const { peer, flags, addPath } = owner;
      this.routes.withdraw({ peer, flags, wallMs }, { family, addPath: addPath[family] });
      this.run = { owner, family, attrs: none as AttrsId, wallMs, isWritten: true };
    }
    this.routes.add(prefix, pathId);
  }

  /** Writes whole UPDATEs as they are. */
  forward({ peer, flags }: RouteOwner, wallMs: number, updates: Uint8Array): void {
    this.end();
    this.routes.forward({ peer, flags, wallMs }, updates);
  }

  endOfRib({ peer, flags }: RouteOwner, family: Family, wallMs: number): void {
    this.end();
    this.routes.endOfRib({ peer, flags, wallMs }, family);
  }

  end(): void {
    this.routes.end();
    this.run = undefined;
  }

  get lengthBytes(): number {
    return this.out.lengthBytes + this.routes.openBytes;
  }

  private begin(
    owner: RouteOwner,
    family: Family,
    attrs: AttrsId,
    wallMs: number | undefined,
  ): boolean {
    const { peer, flags, addPath } = owner;
    const { nextHop } = this.view.attributeBytes(attrs);
    const block = this.blockOf(owner, attrs);
    const options = { family, addPath: addPath[family] };
    return this.routes.announce({ peer, flags, wallMs }, options, block, nextHop);
  }

  private blockOf({ asnBytes }: RouteOwner, attrs: AttrsId): ByteRange {
    if (asnBytes === 2) {
      const attributes = this.view.attributes(attrs);
      return wholeRange(encodeAttributes(attributes, { asnBytes, inlineNextHop: true }));
    }
    const { block, localPref } = this.view.attributeBytes(attrs);
    return localPref === undefined ? block : wholeRange(withLocalPref(block, localPref));
  }
}

function isOf(run: Run, owner: RouteOwner, family: Family): boolean {
  return run.owner === owner && run.family === family;
}
