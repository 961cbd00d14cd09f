import { AttributeHeader, writeAttributeHeader } from './attribute-header.ts';
import {
  type AttributeName,
  type AttributeRow,
  attributeRow,
  attributeRows,
  describeAttribute,
  type Draft,
  type EncodeOptions,
  type MalformedName,
  malformedNames,
} from './attribute-table.ts';
import { AttributeFlag, AttributeType } from './constants.ts';
import { NotificationError, type NotificationKind } from './notification.ts';
import { readU32 } from './octets.ts';
import { Origin, type PathAttributes, type UnknownAttribute } from './path-attributes.ts';

export interface DecodeOptions {
  /** The global next hop of the MP_REACH_NLRI that carried the routes; absent for the NLRI field. */
  readonly mpNextHop?: Uint8Array | undefined;
  /** The routes are in the NLRI field, so NEXT_HOP is mandatory. */
  readonly needsNextHop: boolean;
  /** The UPDATE has no route at all, so no attribute is mandatory. */
  readonly withoutRoutes?: boolean;
  /** The peer may be an internal one: LOCAL_PREF is read (RFC 4271 §5.1.5); otherwise it is ignored. */
  readonly keepsLocalPref?: boolean | undefined;
}

/** What is wrong with one attribute; it is shown, counted and logged. */
export interface AttributeError<Name extends string = AttributeName> {
  readonly name: Name;
  readonly type: number;
  /** `ORIGIN: wrong length 2` */
  readonly text: string;
  /**
   * The name of the error in RFC 4271 §6.3, with the data required for it, in case the session must be reset
   * after all.
   */
  readonly kind: NotificationKind;
  readonly data: Uint8Array;
}

/** `attributes` is complete even if malformed: what could not be read has defaults, so that it can be shown. */
export interface Decoded {
  readonly attributes: PathAttributes;
  /** The first error because of which the routes are treated as withdrawn (RFC 7606 §2). */
  readonly malformed?: AttributeError<MalformedName>;
  /** Attributes that were dropped because of their own errors (attribute discard) or as duplicates. */
  readonly discarded: readonly AttributeError[];
}

const optionalTransitive = AttributeFlag.optional | AttributeFlag.transitive;
const mandatory = [AttributeType.origin, AttributeType.asPath] as const;
const nothing = new Uint8Array(0);

/**
 * Decodes an attribute block as `Update` holds it, with 4-octet AS numbers throughout. It allocates: call it on
 * the first sight of a block, not for each prefix. Throws NotificationError only for an unknown well-known
 * attribute (RFC 4271 §6.3, kept by RFC 7606).
 */
export function decodeAttributes(
  bytes: Uint8Array,
  start: number,
  end: number,
  options: DecodeOptions,
): Decoded {
  const reading = new Reading(bytes, end, options);
  reading.readAll(start);
  if (options.withoutRoutes !== true) reading.requireMandatory(options.needsNextHop);
  const { draft: attributes, malformed, discarded } = reading;
  return malformed === undefined ? { attributes, discarded } : { attributes, malformed, discarded };
}

/** One pass over one block. */
class Reading {
  readonly draft: Draft;
  readonly discarded: AttributeError[] = [];
  malformed: AttributeError<MalformedName> | undefined;
  private readonly bytes: Uint8Array;
  private readonly end: number;
  private readonly header = new AttributeHeader();
  private readonly seen: number[] = [];
  private readonly hasMpNextHop: boolean;
  private readonly keepsLocalPref: boolean;

  constructor(bytes: Uint8Array, end: number, { mpNextHop, keepsLocalPref }: DecodeOptions) {
    this.keepsLocalPref = keepsLocalPref === true;
    this.bytes = bytes;
    this.end = end;
    this.hasMpNextHop = mpNextHop !== undefined;
    this.draft = emptyAttributes(mpNextHop === undefined ? nothing : mpNextHop.slice());
  }

  readAll(start: number): void {
    const { bytes, end, header } = this;
    let at = start;
    while (at < end) {
      const isWhole = header.read(bytes, at, end);
      if (!isWhole) return this.overrun(at);
      if (this.seen.includes(header.type)) this.duplicate(at);
      else this.readOne(at);
      at = header.end;
    }
  }

  requireMandatory(needsNextHop: boolean): void {
    for (const type of mandatory) if (!this.seen.includes(type)) this.missing(type);
    if (needsNextHop && !this.hasMpNextHop && !this.seen.includes(AttributeType.nextHop)) {
      this.missing(AttributeType.nextHop);
    }
  }

  private readOne(at: number): void {
    const { header } = this;
    this.seen.push(header.type);
    const row = attributeRow(header.type);
    if (row === undefined) return this.readUnknown(at);
    if (row.onError === 'ignore') return this.readIgnored();
    if ((header.flags & optionalTransitive) !== row.flags) return this.failFlags(row, at);
    const length = header.end - header.start;
    if (!row.fits(length)) return this.fail(row, at, 'attributeLengthError', `length ${length}`);
    const problem = row.decode(this.draft, this.bytes, header.start, header.end);
    if (problem !== undefined) return this.fail(row, at, row.badValue, problem);
    const isPartial =
      row.flags === optionalTransitive && (header.flags & AttributeFlag.partial) > 0;
    if (isPartial) this.draft.partial = [...(this.draft.partial ?? []), row.type];
  }

  /** Of what means nothing from an external peer, LOCAL_PREF may be wanted; one that is malformed is not there. */
  private readIgnored(): void {
    const { type, start, end } = this.header;
    if (!this.keepsLocalPref || type !== AttributeType.localPref || end - start !== 4) return;
    this.draft.localPref = readU32(this.bytes, start);
  }

  /**
   * RFC 4271 §5: an unknown attribute is kept with Partial set if it is transitive, otherwise silently ignored.
   */
  private readUnknown(at: number): void {
    const { header, bytes } = this;
    if ((header.flags & AttributeFlag.optional) === 0) {
      throw new NotificationError(
        'unrecognizedWellKnownAttribute',
        bytes.slice(at, header.end),
        `attribute ${header.type}`,
      );
    }
    if ((header.flags & AttributeFlag.transitive) === 0) return;
    const attribute: UnknownAttribute = {
      flags: optionalTransitive | AttributeFlag.partial,
      type: header.type,
      value: bytes.slice(header.start, header.end),
    };
    this.draft.unknown = [...this.draft.unknown, attribute];
  }

  /**
   * RFC 7606 §3 c: an attribute whose Optional or Transitive bit is wrong spoils the routes, "unless the
   * specification for the attribute mandates different handling". These do: LOCAL_PREF, ORIGINATOR_ID and
   * CLUSTER_LIST are ignored from an external peer (`onError`), and MP_REACH_NLRI and MP_UNREACH_NLRI are
   * judged by the update decoder, since what they hold cannot be trusted to be NLRI (RFC 7606 §5.3).
   */
  private failFlags(row: AttributeRow, at: number): void {
    const flags = this.header.flags.toString(16).padStart(2, '0');
    this.spoil(this.errorOf(row, at, 'attributeFlagsError', `flags 0x${flags}`));
  }

  private fail(row: AttributeRow, at: number, kind: NotificationKind, problem: string): void {
    const error = this.errorOf(row, at, kind, problem);
    if (row.onError === 'discard') this.discarded.push(error);
    else this.spoil(error);
  }

  private errorOf(
    { name, type, label }: AttributeRow,
    at: number,
    kind: NotificationKind,
    problem: string,
  ): AttributeError {
    const data = this.bytes.slice(at, this.header.end);
    return { name, type, kind, data, text: `${label}: ${problem}` };
  }

  /** RFC 7606 §4: the routes are lost, whichever attribute overran. */
  private overrun(at: number): void {
    const { type } = this.header;
    this.spoil({
      name: attributeRow(type)?.name ?? 'unknown_attributes',
      type,
      kind: 'malformedAttributeList',
      data: nothing,
      text: `${describeAttribute(type)}: truncated after ${this.end - at} bytes`,
    });
  }

  /** RFC 7606 §3 g: "all the occurrences of the attribute other than the first one SHALL be discarded". */
  private duplicate(at: number): void {
    const { type, end } = this.header;
    const row = attributeRow(type);
    if (row?.onError === 'ignore') return;
    this.discarded.push({
      name: row?.name ?? 'unknown_attributes',
      type,
      kind: 'malformedAttributeList',
      data: this.bytes.slice(at, end),
      text: `${describeAttribute(type)}: appears more than once`,
    });
  }

  /** RFC 7606 §3 d. */
  private missing(type: number): void {
    this.spoil({
      name: attributeRow(type)?.name ?? 'unknown_attributes',
      type,
      kind: 'missingWellKnownAttribute',
      data: Uint8Array.of(type),
      text: `${describeAttribute(type)}: missing`,
    });
  }

  private spoil(error: AttributeError): void {
    if (this.malformed !== undefined) return;
    const name = malformedNames.find((known) => known === error.name) ?? 'unknown_attributes';
    this.malformed = { ...error, name };
  }
}

/** Returns the attributes of a route about which nothing is known. */
export function emptyAttributes(nextHop: Uint8Array): Draft {
  return {
    origin: Origin.incomplete,
    asPath: [],
    nextHop,
    atomicAggregate: false,
    communities: [],
    extCommunities: [],
    ipv6ExtCommunities: [],
    largeCommunities: [],
    unknown: [],
  };
}

/** Holds an UPDATE of 65535 bytes from a 2-octet peer, widened, and what policy may add. */
const scratch = new Uint8Array(256 * 1024);

/**
 * Returns the block to send: attributes in type order, without MP_REACH_NLRI and LOCAL_PREF (never sent to an
 * external peer, RFC 4271 §5.1.5), with extended length only if the value needs it. The block has its own
 * memory.
 */
export function encodeAttributes(attributes: PathAttributes, options: EncodeOptions): Uint8Array {
  const unknown = [...attributes.unknown].sort((a, b) => a.type - b.type);
  let nextUnknown = 0;
  let at = 0;
  for (const row of attributeRows) {
    while (nextUnknown < unknown.length && unknown[nextUnknown].type < row.type) {
      at = writeUnknown(at, unknown[nextUnknown++]);
    }
    at = writeKnown(at, row, attributes, options);
  }
  while (nextUnknown < unknown.length) at = writeUnknown(at, unknown[nextUnknown++]);
  return scratch.slice(0, at);
}

function writeUnknown(at: number, { flags, type, value }: UnknownAttribute): number {
  const start = writeAttributeHeader(scratch, at, flags, type, value.length);
  scratch.set(value, start);
  return start + value.length;
}

/**
 * The length is known only after the value, which is written behind a short header and moved if that was too
 * short.
 */
function writeKnown(
  at: number,
  row: AttributeRow,
  attributes: PathAttributes,
  options: EncodeOptions,
): number {
  const end = row.encode(attributes, scratch, at + 3, options);
  if (end < 0) return at;
  const isPartial = attributes.partial?.includes(row.type) === true;
  const flags = isPartial ? row.flags | AttributeFlag.partial : row.flags;
  const length = end - at - 3;
  if (length > 0xff) scratch.copyWithin(at + 4, at + 3, end);
  return writeAttributeHeader(scratch, at, flags, row.type, length) + length;
}
