import { Family } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { AsPathSegment } from '#wire/path-attributes.ts';
import type { DecodeContext } from '#wire/update.ts';
import { naiveAsPath, naiveMerge } from './as-path-oracle.ts';
import { fieldsOf, naiveAttributes, type NaiveField } from './attribute-oracle.ts';
import { number } from './naive-number.ts';
import { NaiveReset } from './naive-reset.ts';
import type { NaiveNlri, NaiveRoute } from './rib-oracle.ts';

/** The naive twin of wire/update: it reads an UPDATE with slices, clause by clause, and remembers nothing. */

export interface NaiveUpdate {
  readonly withdrawn: readonly NaiveNlri[];
  readonly announced: readonly { readonly nlri: NaiveNlri; readonly route: NaiveRoute }[];
  readonly endOfRib?: Family;
  /** The family that is disabled, because its routes cannot be determined and another family remains (RFC 7606 §2). */
  readonly disabled?: Family;
}

/** The routes of one MP attribute, or that its family was not negotiated. */
interface MpRoutes {
  readonly family: Family | undefined;
  readonly nlri: readonly NaiveNlri[];
  readonly nextHop: Uint8Array;
  /** Of any family. */
  readonly isEmpty: boolean;
}

const mpReach = 14;
const mpUnreach = 15;

/**
 * Reads the body of an UPDATE; throws a NaiveReset if the session has to end. `off` are the families that an earlier
 * UPDATE of the session has disabled.
 */
export function naiveUpdate(
  body: Uint8Array,
  negotiated: DecodeContext,
  off: readonly Family[] = [],
): NaiveUpdate {
  const left = negotiated.families.map((isIn, family) => isIn && !off.includes(family as Family));
  const context = { ...negotiated, families: left };
  const [withdrawnBytes, afterWithdrawn] = counted(body);
  const [attributeBytes, nlriBytes] = counted(afterWithdrawn);
  const fields = fieldsOf(attributeBytes);
  const { reach, unreach, disabled } = readMp(fields, nlriBytes.length > 0, context, off);
  const hasIpv4 = context.families[Family.ipv4Unicast] && disabled !== Family.ipv4Unicast;
  const withdrawn = hasIpv4 ? classic(withdrawnBytes, context) : [];
  const nlri = hasIpv4 ? classic(nlriBytes, context) : [];
  const rest = fields.filter(({ type }) => type !== mpUnreach);
  const isReachable = nlriBytes.length > 0 || reach?.isEmpty === false;
  const block = inFourOctets(fields.filter(isInBlock), context.asnBytes);
  if (!isReachable && rest.length > 0) checkWithoutRoutes(block);
  const gone = [...withdrawn, ...(unreach?.nlri ?? [])];
  const announced = [
    ...routesOf(reach?.nlri ?? [], block, reach?.nextHop),
    ...routesOf(nlri, block, undefined),
  ];
  const isEnd = !isReachable && rest.length === 0 && withdrawnBytes.length === 0;
  const ended = isEnd ? endedFamily(unreach, hasIpv4) : undefined;
  return {
    withdrawn: gone,
    announced,
    ...(ended !== undefined && { endOfRib: ended }),
    ...(disabled !== undefined && { disabled }),
  };
}

/** Returns the bytes that a 2-octet length counts, and those after them; throws 3/1 otherwise (RFC 4271 §6.3). */
function counted(bytes: Uint8Array): [Uint8Array, Uint8Array] {
  if (bytes.length < 2) throw new NaiveReset('3/1');
  const end = 2 + number(bytes.slice(0, 2));
  if (end > bytes.length) throw new NaiveReset('3/1');
  return [bytes.slice(2, end), bytes.slice(end)];
}

interface FoundMp {
  reach?: MpRoutes;
  unreach?: MpRoutes;
  disabled?: Family;
}

/**
 * RFC 7606 §3 g, §5.1: a second MP attribute of a kind ends the session, and so does anything that is cut off before
 * any route was found. An MP attribute whose routes cannot be determined does too (§5.3, §7.11), unless another
 * family remains.
 */
function readMp(
  fields: readonly NaiveField[],
  hasNlri: boolean,
  context: DecodeContext,
  off: readonly Family[],
): FoundMp {
  const found: FoundMp = {};
  for (const field of fields) {
    const isMp = field.type === mpReach || field.type === mpUnreach;
    if (field.isCut && (isMp || !(hasNlri || found.reach?.isEmpty === false))) {
      throw new NaiveReset('3/1');
    }
    if (!isMp) continue;
    const key = field.type === mpReach ? 'reach' : 'unreach';
    if (found[key] !== undefined) throw new NaiveReset('3/1');
    found[key] = readOneMp(field, key, context, off, found);
  }
  const { disabled, reach, unreach } = found;
  if (disabled !== undefined) {
    if (reach?.family === disabled) found.reach = passedOver('reach');
    if (unreach?.family === disabled) found.unreach = passedOver('unreach');
  }
  return found;
}

function readOneMp(
  { flags, value }: NaiveField,
  key: 'reach' | 'unreach',
  context: DecodeContext,
  off: readonly Family[],
  found: FoundMp,
): MpRoutes {
  const family = knownFamily(value);
  if (family !== undefined && (off.includes(family) || found.disabled === family)) {
    return passedOver(key);
  }
  try {
    if ((flags & 0xc0) !== 0x80) throw new NaiveReset('3/9');
    return key === 'reach' ? readReach(value, context) : readUnreach(value, context);
  } catch (error) {
    const others = context.families.filter((isIn, it) => isIn && it !== found.disabled);
    const isSpoilt =
      error instanceof NaiveReset && family !== undefined && context.families[family];
    if (!isSpoilt || others.length < 2) throw error;
    found.disabled = family;
    return passedOver(key);
  }
}

/** It is not known whether it has routes, and does not matter. */
function passedOver(key: 'reach' | 'unreach'): MpRoutes {
  const isEmpty = key === 'unreach';
  return { family: undefined, nlri: [], nextHop: new Uint8Array(0), isEmpty };
}

/** RFC 4760 §3; RFC 7606 §5.3, §7.11: 3/9 if its routes cannot be determined. */
function readReach(value: Uint8Array, context: DecodeContext): MpRoutes {
  if (value.length < 5 || value.length < 5 + value[3]) throw new NaiveReset('3/9');
  const nextHop = value.slice(4, 4 + value[3]);
  const routes = value.slice(5 + value[3]);
  const isEmpty = routes.length === 0;
  const family = familyOf(value, context);
  if (family === undefined) return { family, nlri: [], nextHop, isEmpty };
  const long = family === Family.ipv6Unicast || context.extendedNextHop[family];
  const lengths = [...(family === Family.ipv4Unicast ? [4] : []), ...(long ? [16, 32] : [])];
  if (!lengths.includes(nextHop.length)) throw new NaiveReset('3/9');
  return {
    family,
    nlri: mpNlri(routes, family, context),
    nextHop: nextHop.slice(0, 16),
    isEmpty,
  };
}

/** RFC 4760 §4; RFC 7606 §7.12. */
function readUnreach(value: Uint8Array, context: DecodeContext): MpRoutes {
  if (value.length < 3) throw new NaiveReset('3/9');
  const family = familyOf(value, context);
  const nextHop = new Uint8Array(0);
  const isEmpty = value.length === 3;
  if (family === undefined) return { family, nlri: [], nextHop, isEmpty };
  return { family, nlri: mpNlri(value.slice(3), family, context), nextHop, isEmpty };
}

function mpNlri(bytes: Uint8Array, family: Family, context: DecodeContext): NaiveNlri[] {
  const nlri = naiveNlri(bytes, family, context.addPath[family]);
  if (nlri === undefined) throw new NaiveReset('3/9');
  return nlri;
}

function familyOf(value: Uint8Array, context: DecodeContext): Family | undefined {
  const family = knownFamily(value);
  return family !== undefined && context.families[family] ? family : undefined;
}

function knownFamily(value: Uint8Array): Family | undefined {
  const isKnown = value[0] === 0 && (value[1] === 1 || value[1] === 2) && value[2] === 1;
  if (!isKnown) return undefined;
  return value[1] === 1 ? Family.ipv4Unicast : Family.ipv6Unicast;
}

function classic(bytes: Uint8Array, context: DecodeContext): NaiveNlri[] {
  const nlri = naiveNlri(bytes, Family.ipv4Unicast, context.addPath[Family.ipv4Unicast]);
  if (nlri === undefined) throw new NaiveReset('3/10');
  return nlri;
}

/** Returns `undefined` if a length is too great or the last prefix is cut off. */
function naiveNlri(
  bytes: Uint8Array,
  family: Family,
  hasPathIds: boolean,
): NaiveNlri[] | undefined {
  const found: NaiveNlri[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    const pathId = hasPathIds ? number(rest.slice(0, 4)) : 0;
    if (hasPathIds) rest = rest.slice(4);
    if (rest.length === 0) return undefined;
    const octets = Math.ceil(rest[0] / 8);
    if (rest[0] > (family === Family.ipv4Unicast ? 32 : 128)) return undefined;
    if (rest.length < 1 + octets) return undefined;
    found.push({ prefix: naivePrefix(family, rest[0], rest.slice(1, 1 + octets)), pathId });
    rest = rest.slice(1 + octets);
  }
  return found;
}

/** RFC 4271 §4.3: "the value of trailing bits is irrelevant". */
function naivePrefix(family: Family, lengthBits: number, octets: Uint8Array): Prefix {
  const full = new Uint8Array(16);
  full.set(octets);
  for (let bit = lengthBits; bit < 128; bit++) full[bit >> 3] &= ~(0x80 >> (bit & 7));
  const [word0, word1, word2, word3] = [0, 4, 8, 12].map((at) =>
    new DataView(full.buffer).getInt32(at),
  );
  return { family, lengthBits, word0, word1, word2, word3 };
}

/** MP attributes are read separately. */
function isInBlock({ type }: NaiveField): boolean {
  return type !== mpReach && type !== mpUnreach;
}

function routesOf(
  nlri: readonly NaiveNlri[],
  block: readonly NaiveField[],
  mpNextHop: Uint8Array | undefined,
): { nlri: NaiveNlri; route: NaiveRoute }[] {
  if (nlri.length === 0) return [];
  const { attributes, malformed, seen } = naiveAttributes(block, mpNextHop);
  const needed = mpNextHop === undefined ? [1, 2, 3] : [1, 2];
  const isMissing = needed.some((type) => !seen.includes(type));
  const isSpoiled = malformed !== undefined || isMissing;
  const route = isSpoiled ? { attributes, malformed: 'something' } : { attributes };
  return nlri.map((it) => ({ nlri: it, route }));
}

/** RFC 7606 §5.2: no route is known to be reachable, so an error that spoils routes ends the session. */
function checkWithoutRoutes(block: readonly NaiveField[]): void {
  const { malformed } = naiveAttributes(block, undefined);
  if (malformed !== undefined) throw new NaiveReset(malformed);
}

/** RFC 4724 §2. */
function endedFamily(unreach: MpRoutes | undefined, hasIpv4: boolean): Family | undefined {
  if (unreach === undefined) return hasIpv4 ? Family.ipv4Unicast : undefined;
  return unreach.isEmpty ? unreach.family : undefined;
}

/** Returns the attributes as a peer with 4-octet AS numbers would have sent them (RFC 6793 §4.2.3). */
function inFourOctets(fields: readonly NaiveField[], asnBytes: 2 | 4): readonly NaiveField[] {
  if (asnBytes === 4) return fields;
  const first = (type: number) => fields.find((field) => field.type === type && !field.isCut);
  const [path, aggregator, as4Path, as4Aggregator] = [2, 7, 17, 18].map(first);
  const hasOldAggregator = aggregator?.value.length === 6;
  const newAggregator = usableAggregator(as4Aggregator);
  const isStale =
    newAggregator !== undefined &&
    hasOldAggregator &&
    number(aggregator.value.slice(0, 2)) !== 23456;
  const tail = isStale ? [] : usablePath(as4Path);
  return fields.flatMap((field) => {
    if (!field.isCut && (field.type === 17 || field.type === 18)) {
      const isFirst = field === as4Path || field === as4Aggregator;
      return isFirst && (field.flags & 0xc0) !== 0xc0 ? [field] : [];
    }
    if (field === path) return [{ ...field, value: widenedPath(field.value, tail) }];
    if (field !== aggregator) return [field];
    if (!hasOldAggregator) return [{ ...field, value: new Uint8Array(0) }];
    if (newAggregator !== undefined && !isStale) return [{ ...field, value: newAggregator }];
    return [{ ...field, value: Uint8Array.of(0, 0, ...field.value) }];
  });
}

/** RFC 6793 §6: malformed ones are discarded. */
function usableAggregator(field: NaiveField | undefined): Uint8Array | undefined {
  if (field === undefined || (field.flags & 0xc0) !== 0xc0) return undefined;
  return field.value.length === 8 && number(field.value.slice(0, 4)) !== 0
    ? field.value
    : undefined;
}

function usablePath(field: NaiveField | undefined): readonly AsPathSegment[] {
  if (field === undefined || (field.flags & 0xc0) !== 0xc0) return [];
  return naiveAsPath(field.value, 4, true) ?? [];
}

/** A malformed path stays malformed: it is half a segment header. */
function widenedPath(value: Uint8Array, tail: readonly AsPathSegment[]): Uint8Array {
  const path = naiveAsPath(value, 2, false);
  if (path === undefined) return Uint8Array.of(0);
  const merged = tail.length === 0 ? path : naiveMerge(path, tail);
  return Uint8Array.from(
    merged.flatMap(({ kind, asns }) => [
      kind === 'set' ? 1 : 2,
      asns.length,
      ...asns.flatMap((asn) => [asn >>> 24, (asn >>> 16) & 255, (asn >>> 8) & 255, asn & 255]),
    ]),
  );
}
