import { type Family, headerBytes } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { OctetWriter } from '#wire/octet-writer.ts';
import { type ByteRange, readU16 } from '#wire/octets.ts';
import { encodeEndOfRib, UpdateWriter } from '#wire/update-writer.ts';
import { MessageType } from './constants.ts';
import { beginMessage, endMessage, type PeerHeader, writePeerHeader } from './message-writer.ts';

/** What the two OPENs of the session imply for the UPDATEs in Route Monitoring messages. */
export interface RouteOptions {
  readonly family: Family;
  /** Whether NLRI have path identifiers (RFC 7911). */
  readonly addPath: boolean;
}

/** The lengths of the longest message (RFC 4271 §4) and, for attributes that need it, an extended one (RFC 8654). */
const usualBytes = 4096;
const mostBytes = 65_535;

/**
 * Writes Route Monitoring messages (RFC 7854 §4.6): `announce` or `withdraw`, then `add` for each prefix, then `end`.
 * Each message has one UPDATE.
 */
export class RouteWriter {
  private readonly out: OctetWriter;
  private readonly updates = new UpdateWriter();
  private header: PeerHeader | undefined;

  constructor(out: OctetWriter) {
    this.out = out;
  }

  /**
   * Begins announcements; `attributes` have AS numbers of four octets. Returns false, and begins nothing, if no
   * UPDATE can hold them.
   */
  announce(
    header: PeerHeader,
    options: RouteOptions,
    attributes: ByteRange,
    nextHop: ByteRange,
  ): boolean {
    this.end();
    this.header = header;
    return [usualBytes, mostBytes].some((maxLength) =>
      this.updates.announceFrom({ ...options, maxLength }, attributes, nextHop),
    );
  }

  withdraw(header: PeerHeader, options: RouteOptions): void {
    this.end();
    this.header = header;
    this.updates.withdraw({ ...options, maxLength: usualBytes });
  }

  /** Adds a prefix; `pathId` is written with ADD-PATH only. */
  add(prefix: Prefix, pathId: number): void {
    this.updates.add(prefix, pathId);
  }

  /** The number of bytes of UPDATEs that are not written to `out` yet. */
  get openBytes(): number {
    return this.updates.lengthBytes;
  }

  end(): void {
    this.updates.end();
    if (this.header === undefined || this.updates.messages === 0) return;
    this.forward(this.header, this.updates.take());
  }

  endOfRib(header: PeerHeader, family: Family): void {
    this.end();
    this.forward(header, encodeEndOfRib(family));
  }

  /** Writes whole UPDATEs as they are, each in a message of its own. */
  forward(header: PeerHeader, updates: Uint8Array): void {
    const { out } = this;
    for (let start = 0; start + headerBytes <= updates.length;) {
      const end = start + readU16(updates, start + 16);
      beginMessage(out, MessageType.routeMonitoring);
      writePeerHeader(out, header);
      out.octets(updates, start, end);
      endMessage(out);
      start = end;
    }
  }
}
