import { createHash } from 'node:crypto';
import { Secret } from './secret.ts';

/**
 * One text for one meaning: keys sorted, bytes as numbers, places in files left out. A secret counts
 * only as present, since the text and its hash may be shown.
 */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (key, part: unknown) => {
    if (key === 'source') return undefined;
    if (part === Number.POSITIVE_INFINITY) return 'Infinity';
    if (part instanceof Uint8Array) return [...part];
    return isPlain(part) ? sorted(part) : part;
  });
}

/** 16 hex digits of SHA-256 over the canonical text. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex').slice(0, 16);
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Secret)
  );
}

function sorted(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
