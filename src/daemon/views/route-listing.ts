import type { PathView } from '#api/path.ts';
import type { Page, PageRequest } from '#api/queries.ts';
import { none, type PrefixId } from '#policy/ids.ts';
import { comparePrefixes, isInside } from '#policy/prefix-bits.ts';
import type { FamilyView, RibView } from '#rib/view.ts';
import { families, type Family } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';

/** A row of a listing, made when it is its turn to be shown. */
export type Row = () => PathView;

/** The rows that one prefix gives to a listing, in order; cheap where there are none. */
export type RowsOf = (family: FamilyView, prefix: PrefixId) => readonly Row[];

/** Which prefixes a listing covers. */
export type Range =
  | { readonly kind: 'all'; readonly family?: Family }
  /** Inside the network, itself included. */
  | { readonly kind: 'within'; readonly network: Prefix }
  | { readonly kind: 'these'; readonly prefixes: readonly Prefix[] };

/**
 * Prefixes that a page looks at, at most: a page of a rare kind ends early, with a cursor, rather than
 * keep BGP waiting.
 */
const scanPrefixes = 20_000;

/** A page ends early after this long too, also within a prefix: what a row costs depends on its attributes. */
const sliceMs = 5;
/** Prefixes without a row are looked at so many at a time before the time is. */
const prefixesPerLook = 32;

/** A page of rows in order of family, address, length. */
export function listRoutes(
  rib: RibView,
  range: Range,
  rowsOf: RowsOf,
  page: PageRequest,
  monotonic: () => number,
): Page<PathView> {
  const endMs = monotonic() + sliceMs;
  const from = page.cursor === undefined ? undefined : decodeCursor(page.cursor);
  const items: PathView[] = [];
  let scanned = 0;
  for (const place of placesFrom(rib, range, from?.prefix)) {
    const rows = rowsOf(place.family, place.id);
    const isFirst = from !== undefined && scanned === 0;
    const isLook = rows.length > 0 || scanned % prefixesPerLook === prefixesPerLook - 1;
    let taken = isFirst && comparesEqual(place, from.prefix) ? from.skip : 0;
    let isOver = ++scanned >= scanPrefixes;
    while (taken < rows.length && items.length < page.limit) {
      items.push(rows[taken++]());
      if (monotonic() >= endMs) break;
    }
    isOver ||= isLook && monotonic() >= endMs;
    if (taken < rows.length || items.length >= page.limit || isOver) {
      const next = encodeCursor({ prefix: prefixOf(place), skip: taken });
      return { items, next_cursor: next, rib_version: rib.version };
    }
  }
  return { items, rib_version: rib.version };
}

interface Place {
  readonly family: FamilyView;
  readonly id: PrefixId;
}

function* placesFrom(rib: RibView, range: Range, from: Prefix | undefined): Generator<Place> {
  if (range.kind === 'these') {
    for (const prefix of range.prefixes) {
      const family = rib.families[prefix.family];
      const id = family.find(prefix);
      const isBehind = from !== undefined && comparePrefixes(prefix, from) < 0;
      if (id !== none && !isBehind) yield { family, id };
    }
    return;
  }
  for (const { family } of families) {
    if (!covers(range, family) || (from !== undefined && family < from.family)) continue;
    const start = from?.family === family ? from : rangeStart(range);
    yield* placesOfFamily(rib.families[family], range, start);
  }
}

function* placesOfFamily(
  family: FamilyView,
  range: Range,
  start: Prefix | undefined,
): Generator<Place> {
  let scratch: Prefix | undefined;
  for (const id of family.prefixIds(start)) {
    if (range.kind === 'within') {
      scratch = family.prefix(id, scratch);
      if (!isInside(scratch, range.network)) return;
    }
    yield { family, id };
  }
}

function covers(range: Range, family: Family): boolean {
  if (range.kind === 'within') return range.network.family === family;
  return range.kind !== 'all' || range.family === undefined || range.family === family;
}

function rangeStart(range: Range): Prefix | undefined {
  return range.kind === 'within' ? range.network : undefined;
}

function prefixOf({ family, id }: Place): Prefix {
  return family.prefix(id);
}

function comparesEqual(place: Place, prefix: Prefix): boolean {
  return place.family.family === prefix.family && comparePrefixes(prefixOf(place), prefix) === 0;
}
