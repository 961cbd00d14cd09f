import type { AsPathSegment } from '#wire/path-attributes.ts';
import { number } from './naive-number.ts';

/**
 * The naive twin of wire/as-path. `undefined` for a malformed path (RFC 7606 §7.2): an unknown segment type, an empty
 * or truncated segment, AS 0 (RFC 7607), or a confederation segment (RFC 5065 §5) unless those are skipped (RFC 6793
 * §6).
 */
export function naiveAsPath(
  value: Uint8Array,
  asnBytes: 2 | 4,
  skipsConfederations: boolean,
): AsPathSegment[] | undefined {
  if (value.length === 0) return [];
  if (value.length < 2) return undefined;
  const [type, count] = value;
  const end = 2 + count * asnBytes;
  const isConfederation = type === 3 || type === 4;
  const isKnown = type === 1 || type === 2 || (isConfederation && skipsConfederations);
  if (!isKnown || count === 0 || end > value.length) return undefined;
  const asns = Array.from({ length: count }, (_, at) =>
    number(value.slice(2 + at * asnBytes, 2 + (at + 1) * asnBytes)),
  );
  const rest = naiveAsPath(value.slice(end), asnBytes, skipsConfederations);
  if (asns.includes(0) || rest === undefined) return undefined;
  return isConfederation ? rest : [{ kind: type === 1 ? 'set' : 'sequence', asns }, ...rest];
}

/** A unit of the length of a path: one AS of a sequence, or a whole set (RFC 4271 §9.1.2.2 a). */
interface Unit {
  readonly segment: number;
  readonly kind: 'set' | 'sequence';
  readonly asns: readonly number[];
}

/** Merges as in RFC 6793 §4.2.3: the leading units of `path` by which it is longer, then all of `as4Path`. */
export function naiveMerge(
  path: readonly AsPathSegment[],
  as4Path: readonly AsPathSegment[],
): readonly AsPathSegment[] {
  const lead = unitsOf(path).slice(0, Math.max(unitsOf(path).length - unitsOf(as4Path).length, 0));
  if (unitsOf(path).length < unitsOf(as4Path).length) return path;
  const head = path.flatMap(({ kind }, segment): AsPathSegment[] => {
    const asns = lead.filter((unit) => unit.segment === segment).flatMap((unit) => unit.asns);
    return asns.length === 0 ? [] : [{ kind, asns }];
  });
  const [last, first] = [head.at(-1), as4Path[0]];
  const joins = last?.kind === 'sequence' && first?.kind === 'sequence';
  if (!joins || last.asns.length + first.asns.length > 255) return [...head, ...as4Path];
  const seam = { kind: 'sequence', asns: [...last.asns, ...first.asns] } as const;
  return [...head.slice(0, -1), seam, ...as4Path.slice(1)];
}

function unitsOf(path: readonly AsPathSegment[]): Unit[] {
  return path.flatMap(({ kind, asns }, segment): Unit[] =>
    kind === 'set'
      ? [{ segment, kind, asns }]
      : asns.map((asn) => ({ segment, kind, asns: [asn] })),
  );
}
