import type { Family } from '../addresses.ts';
import { noPlaces, routeKey } from './attributes.ts';
import { headerBytes } from './messages.ts';
import { nlriBytes, readPrefix } from './prefixes.ts';
import type { Expectation, RouterTable } from './router-table.ts';

const ORIGIN = 1;
const AS_PATH = 2;
const NEXT_HOP = 3;
const MULTI_EXIT_DISC = 4;
const COMMUNITIES = 8;
const MP_REACH_NLRI = 14;
const MP_UNREACH_NLRI = 15;

/**
 * Reads UPDATEs into router tables without allocating, and compares each with what nodes announced: next hop, AS_PATH,
 * MED and communities are unchanged, ORIGIN is IGP, and there is no other attribute.
 */
export class UpdateReader {
  private readonly family: Family;
  private readonly expectation: Expectation;
  private readonly step: number;
  private readonly places = noPlaces();
  private reachAt = 0;
  private reachEnd = 0;
  private unreachAt = 0;
  private unreachEnd = 0;

  constructor(family: Family, expectation: Expectation) {
    this.family = family;
    this.expectation = expectation;
    this.step = nlriBytes[family];
  }

  /** Reads the UPDATE at `start`..`end`, header included. */
  read(octets: Uint8Array, start: number, end: number, table: RouterTable): void {
    const withdrawnAt = start + headerBytes + 2;
    const withdrawnEnd = withdrawnAt + uint16(octets, withdrawnAt - 2);
    const attributesEnd = withdrawnEnd + 2 + uint16(octets, withdrawnEnd);
    table.updates++;
    this.forget();
    this.readAttributes(octets, withdrawnEnd + 2, attributesEnd);
    this.withdraw(octets, withdrawnAt, withdrawnEnd, table);
    this.withdraw(octets, this.unreachAt, this.unreachEnd, table);
    if (this.reachAt === this.reachEnd && attributesEnd === end) return;

    const key = routeKey(octets, this.places);
    if (!this.expectation.announced.has(key))
      this.fail('not as a node announced it', octets, start);
    this.announce(octets, attributesEnd, end, key, table);
    this.announce(octets, this.reachAt, this.reachEnd, key, table);
  }

  private forget(): void {
    this.places.nextHopLength = 0;
    this.places.asPathLength = 0;
    this.places.medLength = 0;
    this.places.communitiesLength = 0;
    this.reachAt = this.reachEnd = this.unreachAt = this.unreachEnd = 0;
  }

  private readAttributes(octets: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end;) {
      const isExtended = (octets[at] & 0x10) !== 0;
      const length = isExtended ? uint16(octets, at + 2) : octets[at + 2];
      const valueAt = at + (isExtended ? 4 : 3);
      this.readAttribute(octets, octets[at + 1], valueAt, length);
      at = valueAt + length;
    }
  }

  private readAttribute(octets: Uint8Array, type: number, at: number, length: number): void {
    const { places } = this;
    switch (type) {
      case ORIGIN:
        if (octets[at] !== 0) this.fail('ORIGIN is not IGP', octets, at);
        return;
      case AS_PATH:
        places.asPathAt = at;
        places.asPathLength = length;
        return;
      case NEXT_HOP:
        places.nextHopAt = at;
        places.nextHopLength = length;
        return;
      case MULTI_EXIT_DISC:
        places.medAt = at;
        places.medLength = length;
        return;
      case COMMUNITIES:
        places.communitiesAt = at;
        places.communitiesLength = length;
        return;
      case MP_REACH_NLRI:
        places.nextHopAt = at + 4;
        // If there are 32 octets, the second half is a link-local address, which is not part of the route.
        places.nextHopLength = Math.min(octets[at + 3], 16);
        this.reachAt = at + 5 + octets[at + 3];
        this.reachEnd = at + length;
        return;
      case MP_UNREACH_NLRI:
        this.unreachAt = at + 3;
        this.unreachEnd = at + length;
        return;
      default:
        this.fail(`attribute ${type}, which no node has sent`, octets, at);
    }
  }

  private announce(
    octets: Uint8Array,
    start: number,
    end: number,
    key: number,
    table: RouterTable,
  ): void {
    for (let at = start; at < end; at += this.step) {
      table.announcements++;
      table.set(this.prefix(octets, at), key);
    }
  }

  private withdraw(octets: Uint8Array, start: number, end: number, table: RouterTable): void {
    for (let at = start; at < end; at += this.step) {
      table.withdrawals++;
      table.set(this.prefix(octets, at), 0);
    }
  }

  private prefix(octets: Uint8Array, at: number): number {
    const prefix = readPrefix(this.family, octets, at);
    if (prefix >= 0 && prefix < this.expectation.keys.length) return prefix;
    return this.fail('a prefix that no node has announced', octets, at);
  }

  private fail(what: string, octets: Uint8Array, at: number): never {
    const near = Buffer.from(octets.subarray(at, at + 200)).toString('hex');
    throw new Error(`a router received ${what}: ${near}`);
  }
}

function uint16(octets: Uint8Array, at: number): number {
  return (octets[at] << 8) | octets[at + 1];
}
