import type { PathView } from '#api/path.ts';
import type { Page, PageRequest } from '#api/queries.ts';
import { none, type PathId, type PrefixId } from '#policy/ids.ts';
import { isInside } from '#policy/prefix-bits.ts';
import type { FamilyRib } from '#rib/family-rib.ts';
import type { Rib } from '#rib/rib.ts';
import { comparePrefixes } from '#rib/tables/prefix-order.ts';
import { scratchPrefix } from '#rib/tables/prefix-table.ts';
import { families, type Family } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';

/** A row of a listing, made when it is its turn to be shown. */
export type Row = () => PathView;

/** The rows that one prefix gives to a listing, in order; cheap where there are none. */
export type RowsOf = (family: FamilyRib, prefix: PrefixId) => readonly Row[];

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
  rib: Rib,
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
  readonly family: FamilyRib;
  readonly id: PrefixId;
}

function* placesFrom(rib: Rib, range: Range, from: Prefix | undefined): Generator<Place> {
  if (range.kind === 'these') {
    for (const prefix of range.prefixes) {
      const family = rib.families[prefix.family];
      const id = family.tables.prefixes.find(prefix);
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
  family: FamilyRib,
  range: Range,
  start: Prefix | undefined,
): Generator<Place> {
  const { order } = family.tables;
  const ids = order.ids();
  const scratch = scratchPrefix(family.tables.family);
  for (let at = start === undefined ? 0 : order.lowerBound(start); at < ids.length; at++) {
    const id = ids[at] as PrefixId;
    if (range.kind === 'within') {
      const prefix = family.tables.prefixes.read(id, scratch);
      if (!isInside(prefix, range.network)) return;
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
  return family.tables.prefixes.read(id, scratchPrefix(family.tables.family));
}

function comparesEqual(place: Place, prefix: Prefix): boolean {
  return (
    place.family.tables.family === prefix.family && comparePrefixes(prefixOf(place), prefix) === 0
  );
}

/** The accepted paths of a prefix, best first. */
export function rankedPaths({ tables }: FamilyRib, prefix: PrefixId): PathId[] {
  return tables.decision.ranked(tables.paths.first(prefix));
}
