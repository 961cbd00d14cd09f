import type { AsPathSegment } from '#wire/path-attributes.ts';

type AsPath = readonly AsPathSegment[];

/** The length field of a segment is one octet (RFC 4271 §4.3). */
const maxSegmentAsns = 255;

/** Returns whether the AS occurs anywhere in the path, including AS_SETs. */
export function hasAs(path: AsPath, asn: number): boolean {
  return path.some((segment) => segment.asns.includes(asn));
}

export function hasAsSet(path: AsPath): boolean {
  return path.some((segment) => segment.kind === 'set');
}

/** Returns the neighbour AS that sent the route; `undefined` if the path is empty or begins with an AS_SET. */
export function firstAs(path: AsPath): number | undefined {
  return path[0]?.kind === 'sequence' ? path[0].asns[0] : undefined;
}

/** Returns the origin AS (RFC 6811 §2); `undefined` if the path is empty or ends in an AS_SET. */
export function originAs(path: AsPath): number | undefined {
  const last = path.at(-1);
  return last?.kind === 'sequence' ? last.asns.at(-1) : undefined;
}

/** Prepends `asns`, the first one outermost. The leading AS_SEQUENCE is filled first (RFC 4271 §5.1.2). */
export function prepend(path: AsPath, asns: readonly number[]): AsPath {
  if (asns.length === 0) return path;
  const [first, ...rest] = path;
  if (first?.kind !== 'sequence' || first.asns.length + asns.length > maxSegmentAsns) {
    return [{ kind: 'sequence', asns: [...asns] }, ...path];
  }
  return [{ kind: 'sequence', asns: [...asns, ...first.asns] }, ...rest];
}
