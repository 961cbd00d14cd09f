import type { PathAttributes, UnknownAttribute } from '#wire/path-attributes.ts';
import { naiveAsPath } from './as-path-oracle.ts';
import { number } from './naive-number.ts';
import { NaiveReset } from './naive-reset.ts';

/** The naive twin of wire/attributes: the outcome of RFC 7606 for each path attribute. */

/** An attribute as it is in the message; `isCut` means that its header or value runs past the end (§4). */
export interface NaiveField {
  readonly flags: number;
  readonly type: number;
  readonly value: Uint8Array;
  readonly isCut: boolean;
}

export interface NaiveAttributes {
  readonly attributes: PathAttributes;
  /** The NOTIFICATION that corresponds to the first error that spoils the routes. */
  readonly malformed: string | undefined;
  /** The types of all attributes, in order. */
  readonly seen: readonly number[];
}

type Draft = { -readonly [Key in keyof PathAttributes]: PathAttributes[Key] };

interface Rule {
  readonly flags: number;
  readonly lengths: (length: number) => boolean;
  /** Returns false for a wrong value. */
  readonly take: (draft: Draft, value: Uint8Array) => boolean;
  readonly wrongValue: string;
  /** A wrong length or value only discards the attribute. */
  readonly isDiscarded?: boolean;
}

const wellKnown = 0x40;
const optional = 0x80;
const both = 0xc0;
const [flagsError, lengthError] = ['3/4', '3/5'];

/**
 * The rules by type. LOCAL_PREF, ORIGINATOR_ID and CLUSTER_LIST from an external peer are discarded (§7.5, §7.9,
 * §7.10).
 */
const rules: Readonly<Record<number, Rule>> = {
  1: rule(wellKnown, [1], '3/6', (draft, [origin]) => {
    if (origin !== 0 && origin !== 1 && origin !== 2) return false;
    draft.origin = origin;
    return true;
  }),
  2: {
    flags: wellKnown,
    lengths: () => true,
    wrongValue: '3/11',
    take(draft, value) {
      const path = naiveAsPath(value, 4, false);
      draft.asPath = path ?? [];
      return path !== undefined;
    },
  },
  3: rule(wellKnown, [4], '3/8', (draft, value) => {
    if (draft.nextHop.length === 0) draft.nextHop = value;
    return true;
  }),
  4: rule(optional, [4], '3/9', (draft, value) => {
    draft.med = number(value);
    return true;
  }),
  6: {
    ...rule(wellKnown, [0], '3/9', (draft) => (draft.atomicAggregate = true)),
    isDiscarded: true,
  },
  7: {
    ...rule(both, [8], '3/9', (draft, value) => {
      if (number(value.slice(0, 4)) === 0) return false;
      draft.aggregator = { asn: number(value.slice(0, 4)), address: value.slice(4) };
      return true;
    }),
    isDiscarded: true,
  },
  8: listOf(4, (draft, values) => (draft.communities = values.map((each) => number(each)))),
  14: rule(optional, [], '3/9', () => true),
  15: rule(optional, [], '3/9', () => true),
  16: listOf(8, (draft, values) => (draft.extCommunities = values)),
  // They are used only from a 2-octet peer (RFC 6793 §4.1, §6).
  17: { ...rule(both, [], '3/9', () => false), isDiscarded: true },
  18: { ...rule(both, [], '3/9', () => false), isDiscarded: true },
  25: listOf(20, (draft, values) => (draft.ipv6ExtCommunities = values)),
  32: listOf(12, (draft, values) => {
    const distinct = values.filter(
      (each, at) => values.findIndex((other) => other.join() === each.join()) === at,
    );
    draft.largeCommunities = distinct.map(
      (each) => [0, 4, 8].map((at) => number(each.slice(at, at + 4))) as [number, number, number],
    );
  }),
  35: rule(both, [4], '3/9', (draft, value) => {
    draft.otc = number(value);
    return true;
  }),
};

const ignored: ReadonlySet<number> = new Set([5, 9, 10]);

/** Cuts the attribute list. */
export function fieldsOf(bytes: Uint8Array): NaiveField[] {
  if (bytes.length === 0) return [];
  const [flags, type = 0] = bytes;
  const headerBytes = (flags & 0x10) === 0 ? 3 : 4;
  const length = number(bytes.slice(2, headerBytes));
  const end = headerBytes + length;
  const isCut = bytes.length < headerBytes || bytes.length < end;
  if (isCut) return [{ flags, type, value: bytes.slice(headerBytes), isCut }];
  return [
    { flags, type, value: bytes.slice(headerBytes, end), isCut },
    ...fieldsOf(bytes.slice(end)),
  ];
}

/** Throws a NaiveReset for an unrecognized well-known attribute (RFC 4271 §6.3). */
export function naiveAttributes(
  fields: readonly NaiveField[],
  mpNextHop: Uint8Array | undefined,
): NaiveAttributes {
  const draft = emptyDraft(mpNextHop);
  const seen: number[] = [];
  const errors: string[] = [];
  for (const field of fields) {
    if (field.isCut) {
      errors.push('3/1');
      break;
    }
    // RFC 7606 §3 g: only the first one counts.
    if (seen.includes(field.type)) continue;
    seen.push(field.type);
    const error = takeField(draft, field);
    if (error !== undefined) errors.push(error);
  }
  return { attributes: draft, malformed: errors[0], seen };
}

/** Returns the error if it spoils the routes. */
function takeField(draft: Draft, { flags, type, value }: NaiveField): string | undefined {
  if (ignored.has(type)) return undefined;
  const known = rules[type];
  if (known === undefined) return takeUnknown(draft, flags, type, value);
  // RFC 7606 §3 c applies, whatever the outcome of a wrong length or value is.
  if ((flags & both) !== known.flags) return flagsError;
  const error = errorOf(draft, known, value);
  if (error !== undefined) return known.isDiscarded === true ? undefined : error;
  const isPartial = known.flags === both && (flags & 0x20) !== 0;
  if (isPartial) draft.partial = [...(draft.partial ?? []), type];
  return undefined;
}

function errorOf(draft: Draft, known: Rule, value: Uint8Array): string | undefined {
  if (!known.lengths(value.length)) return lengthError;
  return known.take(draft, value) ? undefined : known.wrongValue;
}

function takeUnknown(draft: Draft, flags: number, type: number, value: Uint8Array): undefined {
  if ((flags & optional) === 0) throw new NaiveReset('3/2');
  if ((flags & wellKnown) === 0) return undefined;
  const passed: UnknownAttribute = { flags: 0xe0, type, value };
  draft.unknown = [...draft.unknown, passed];
  return undefined;
}

function emptyDraft(mpNextHop: Uint8Array | undefined): Draft {
  return {
    origin: 2,
    asPath: [],
    nextHop: mpNextHop ?? new Uint8Array(0),
    atomicAggregate: false,
    communities: [],
    extCommunities: [],
    ipv6ExtCommunities: [],
    largeCommunities: [],
    unknown: [],
  };
}

function rule(
  flags: number,
  lengths: readonly number[],
  wrongValue: string,
  take: Rule['take'],
): Rule {
  const fits = (length: number): boolean => lengths.length === 0 || lengths.includes(length);
  return { flags, lengths: fits, wrongValue, take };
}

/** The length is "a non-zero multiple" of this many octets. */
function listOf(size: number, keep: (draft: Draft, values: Uint8Array[]) => void): Rule {
  return {
    flags: both,
    lengths: (length) => length > 0 && length % size === 0,
    wrongValue: '3/9',
    take(draft, value) {
      const count = value.length / size;
      keep(
        draft,
        Array.from({ length: count }, (_, at) => value.slice(at * size, (at + 1) * size)),
      );
      return true;
    },
  };
}
