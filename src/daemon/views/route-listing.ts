import type { Page, PageRequest } from '#api/queries.ts';
import type { PathView } from '#api/views/path.ts';
import { none, type PathId, type PrefixId } from '#policy/ids.ts';
import { comparePrefixes, isInside } from '#policy/prefix-bits.ts';
import type { FamilyView, RibView } from '#rib/view.ts';
import { families, type Family } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';

/**
 * A row of a listing, made when it is its turn to be shown; undefined for a path that was examined and is not wanted.
 */
export type Row = () => PathView | undefined;

/**
 * The rows that one prefix contributes to a listing, in order; cheap if there are none, and no more are made than are
 * taken.
 */
export type RowsOf = (family: FamilyView, prefix: PrefixId) => Iterable<Row>;

export type PathTest = (family: FamilyView, path: PathId) => boolean;

const unwanted: Row = () => undefined;

/** Returns one row for each path of a prefix, examined when it is taken, since one peer may send very many. */
export function rowsWhere(
  isWanted: PathTest,
  view: (family: FamilyView, path: PathId) => PathView,
): RowsOf {
  return function* (family, prefix) {
    for (const path of family.eachPath(prefix)) {
      yield isWanted(family, path) ? () => view(family, path) : unwanted;
    }
  };
}

/** Which prefixes a listing covers. */
export type Range =
  | { readonly kind: 'all'; readonly family?: Family }
  /** Inside the network, including the network itself. */
  | { readonly kind: 'within'; readonly network: Prefix }
  | { readonly kind: 'these'; readonly prefixes: readonly Prefix[] };

/** The most prefixes that a page examines: a page of a rare kind ends early, with a cursor, rather than delay BGP. */
const scanPrefixes = 20_000;

/** Prefixes that are put in order for a page, at most; it has rows when all are. */
const preparedPrefixes = 1 << 16;

/**
 * A page also ends early after this time, even within a prefix, because the cost of a row depends on its attributes.
 */
const sliceMs = 5;
/**
 * How many prefixes without a row are examined between two checks of the time: each may have new attributes to be read.
 */
const prefixesPerLook = 8;
/** The same for paths that are not wanted. */
const pathsPerLook = 32;

/** Returns a page of rows in order of family, address and length. */
export function listRoutes(
  rib: RibView,
  range: Range,
  rowsOf: RowsOf,
  page: PageRequest,
  monotonic: () => number,
): Page<PathView> {
  const from = page.cursor === undefined ? undefined : decodeCursor(page.cursor);
  const items = new PageItems(page.limit, monotonic);
  if (!isInOrder(rib, range, from?.prefix, () => items.isLate)) {
    const next_cursor = encodeCursor(from ?? { prefix: firstOf(range), skip: 0 });
    return { items: [], next_cursor, rib_version: rib.version };
  }
  let scanned = 0;
  for (const place of placesFrom(rib, range, from?.prefix)) {
    const isResumed = scanned++ === 0 && from !== undefined && comparesEqual(place, from.prefix);
    const taken = items.take(rowsOf(place.family, place.id), isResumed ? from.skip : 0);
    const isLook = taken > 0 || scanned % prefixesPerLook === 0;
    if (scanned >= scanPrefixes || items.isAtLimit || (isLook && items.isLate)) {
      const next = encodeCursor({ prefix: prefixOf(place), skip: taken });
      return { items: items.list, next_cursor: next, rib_version: rib.version };
    }
  }
  return { items: items.list, rib_version: rib.version };
}

/** What a page has so far, and when it has to end. */
class PageItems {
  readonly list: PathView[] = [];
  private readonly limit: number;
  private readonly monotonic: () => number;
  private endMs: number;

  constructor(limit: number, monotonic: () => number) {
    this.limit = limit;
    this.monotonic = monotonic;
    this.endMs = monotonic() + sliceMs;
  }

  get isAtLimit(): boolean {
    return this.list.length >= this.limit;
  }

  get isLate(): boolean {
    return this.monotonic() >= this.endMs;
  }

  /**
   * Takes the rows of one prefix past the first `skip`, as long as there is space and time; returns how many rows there
   * were up to the last one taken. The time counts from the first of them, so that a page always makes progress.
   */
  take(rows: Iterable<Row>, skip: number): number {
    let taken = 0;
    for (const row of rows) {
      if (taken < skip) {
        if (++taken === skip) this.endMs = this.monotonic() + sliceMs;
        continue;
      }
      if (this.isAtLimit) break;
      const view = row();
      taken++;
      if (view !== undefined) this.list.push(view);
      else if (taken % pathsPerLook !== 0) continue;
      if (this.isLate) break;
    }
    return taken;
  }
}

/** Whether the prefixes that may be asked for are in order; puts a part of them in order otherwise. */
function isInOrder(
  rib: RibView,
  range: Range,
  from: Prefix | undefined,
  isLate: () => boolean,
): boolean {
  if (range.kind === 'these') return true;
  return familiesOf(range, from).every((family) =>
    rib.families[family].prepareOrder(preparedPrefixes, isLate),
  );
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
  for (const family of familiesOf(range, from)) {
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

/** The families of the range that are not before the place where a page goes on. */
function familiesOf(range: Range, from: Prefix | undefined): Family[] {
  const covered = families.map(({ family }) => family).filter((family) => covers(range, family));
  return from === undefined ? covered : covered.filter((family) => family >= from.family);
}

function covers(range: Range, family: Family): boolean {
  if (range.kind === 'within') return range.network.family === family;
  return range.kind !== 'all' || range.family === undefined || range.family === family;
}

function rangeStart(range: Range): Prefix | undefined {
  return range.kind === 'within' ? range.network : undefined;
}

/** A prefix that none of the range is before. */
function firstOf(range: Range): Prefix {
  const [family] = familiesOf(range, undefined);
  return rangeStart(range) ?? { family, lengthBits: 0, word0: 0, word1: 0, word2: 0, word3: 0 };
}

function prefixOf({ family, id }: Place): Prefix {
  return family.prefix(id);
}

function comparesEqual(place: Place, prefix: Prefix): boolean {
  return place.family.family === prefix.family && comparePrefixes(prefixOf(place), prefix) === 0;
}
