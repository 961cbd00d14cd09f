import type { AsPathSegment } from '#wire/path-attributes.ts';

type AsPath = readonly AsPathSegment[];

/** RFC 4271 §4.3: the length of a segment is one octet. */
const maxSegmentAsns = 255;

/** Whether the AS occurs anywhere, sets included. */
export function hasAs(path: AsPath, asn: number): boolean {
  return path.some((segment) => segment.asns.includes(asn));
}

export function hasAsSet(path: AsPath): boolean {
  return path.some((segment) => segment.kind === 'set');
}

/** The neighbour that sent the route; `undefined` for an empty path and one that begins with a set. */
export function firstAs(path: AsPath): number | undefined {
  return path[0]?.kind === 'sequence' ? path[0].asns[0] : undefined;
}

/** RFC 6811 §2: `undefined` for an empty path and one that ends in a set. */
export function originAs(path: AsPath): number | undefined {
  const last = path.at(-1);
  return last?.kind === 'sequence' ? last.asns.at(-1) : undefined;
}

/** Puts `asns` in front, the first one outermost, in the leading sequence while it has room (RFC 4271 §5.1.2). */
export function prepend(path: AsPath, asns: readonly number[]): AsPath {
  if (asns.length === 0) return path;
  const [first, ...rest] = path;
  if (first?.kind !== 'sequence' || first.asns.length + asns.length > maxSegmentAsns) {
    return [{ kind: 'sequence', asns: [...asns] }, ...path];
  }
  return [{ kind: 'sequence', asns: [...asns, ...first.asns] }, ...rest];
}
