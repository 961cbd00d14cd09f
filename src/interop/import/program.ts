import type { PrefixPattern } from '#policy/patterns.ts';
import type { OriginState } from '#policy/validation.ts';
import type { AsnRange } from '#text/asn.ts';

/** A statement of another daemon's filter, route map or list, in any language. */
export type Statement =
  | {
      readonly kind: 'if';
      readonly condition: Condition;
      readonly then: readonly Statement[];
      readonly otherwise: readonly Statement[];
    }
  | { readonly kind: 'set'; readonly write: Write }
  | { readonly kind: 'accept' | 'reject' };

/** A condition on a route. `unknown` was not understood, which the reader of the text has noted for its line. */
export type Condition =
  | { readonly kind: 'atom'; readonly atom: Atom }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Condition[] }
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'unknown'; readonly line: number };

/** A condition that one key of a rule can express; the values of a list are ORed. */
export type Atom =
  | { readonly key: 'prefix' | 'next_hop'; readonly patterns: readonly PrefixPattern[] }
  | {
      readonly key: 'as_path' | 'origin_as' | 'first_as';
      readonly ranges: readonly AsnRange[];
    }
  | { readonly key: 'as_path_length' | 'med'; readonly min: number; readonly max: number }
  | { readonly key: 'peer'; readonly names: readonly string[] }
  | {
      readonly key: 'community' | 'large_community' | 'ext_community';
      readonly texts: readonly string[];
    }
  /** What validated data says of the origin. */
  | { readonly key: 'rpki'; readonly states: readonly OriginState[] }
  /** The next hop is the address of the session. */
  | { readonly key: 'own_next_hop' };

/** An attribute that is written into the route. */
export type Write =
  | { readonly key: 'med'; readonly value: number | string }
  | { readonly key: 'local_pref'; readonly value: number }
  /** `first_as` is the first AS of the route as it then is. */
  | { readonly key: 'prepend'; readonly asns: readonly (number | 'first_as')[] }
  | { readonly key: 'next_hop'; readonly address: string }
  | { readonly key: 'add_communities' | 'remove_communities'; readonly texts: readonly string[] };

export const always: Condition = { kind: 'constant', value: true };
export const never: Condition = { kind: 'constant', value: false };

export function unknownAt(line: number): Condition {
  return { kind: 'unknown', line };
}

export function atom(it: Atom): Condition {
  return { kind: 'atom', atom: it };
}

const maxAsn = 0xffff_ffff;

/**
 * Returns the condition that AS_PATH, or an end of it, has an AS of the ranges. A route with AS 0 in AS_PATH is never
 * judged by a policy (RFC 7607 §2), so AS 0 matches no route, nor does a number that no AS has.
 */
export function asIn(
  key: 'first_as' | 'origin_as' | 'as_path',
  found: readonly AsnRange[],
): Condition {
  const ranges = found
    .map(({ min, max }) => ({ min: Math.max(1, min), max: Math.min(max, maxAsn) }))
    .filter(({ min, max }) => min <= max);
  return ranges.length === 0 ? never : atom({ key, ranges });
}

export function not(of: Condition): Condition {
  if (of.kind === 'constant') return { kind: 'constant', value: !of.value };
  return of.kind === 'not' ? of.of : { kind: 'not', of };
}

/** Returns an equal condition in which `not` stands before atoms only, and no `or` directly in an `or`. */
export function normalized(of: Condition): Condition {
  switch (of.kind) {
    case 'not':
      return negated(of.of);
    case 'and':
      return all(of.of.map(normalized));
    case 'or':
      return any(of.of.map(normalized).flatMap((it) => (it.kind === 'or' ? it.of : [it])));
    default:
      return of;
  }
}

function negated(of: Condition): Condition {
  switch (of.kind) {
    case 'not':
      return normalized(of.of);
    case 'and':
      return normalized(any(of.of.map(not)));
    case 'or':
      return normalized(all(of.of.map(not)));
    default:
      return not(of);
  }
}

export function all(of: readonly Condition[]): Condition {
  return joined('and', of, true);
}

export function any(of: readonly Condition[]): Condition {
  return joined('or', of, false);
}

/** The first row that holds decides; if none holds, the answer is no. */
export function firstOf(
  rows: readonly { readonly condition: Condition; readonly answer: boolean }[],
): Condition {
  return rows.reduceRight<Condition>(
    (rest, { condition, answer }) =>
      answer ? any([condition, rest]) : all([not(condition), rest]),
    never,
  );
}

function joined(kind: 'and' | 'or', of: readonly Condition[], neutral: boolean): Condition {
  const terms = of.filter((term) => !(term.kind === 'constant' && term.value === neutral));
  const decisive = terms.find((term) => term.kind === 'constant');
  if (decisive !== undefined) return decisive;
  if (terms.length === 0) return { kind: 'constant', value: neutral };
  return terms.length === 1 ? terms[0] : { kind, of: terms };
}
