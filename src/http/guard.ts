import { createHash, timingSafeEqual } from 'node:crypto';
import { Problem } from './problem.ts';

/**
 * Who may write: nobody, everybody who gets this far (the control socket), or who knows the token; as
 * long as there is none, nobody.
 */
export type Writable = 'never' | 'always' | { readonly token: string | undefined };

/** Throws the `Problem` of a write without the right to it; `authorization` is the header. */
export function requireWrite(writable: Writable, authorization: string | undefined): void {
  if (writable === 'always') return;
  if (writable === 'never' || writable.token === undefined) {
    throw new Problem(
      403,
      'read_only',
      'no write here without http.token_file in the configuration; the control socket takes them',
    );
  }
  const [, given] = /^Bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
  if (given === undefined || !isEqual(given, writable.token)) {
    throw new Problem(401, 'unauthorized', 'a write needs the bearer token of http.token_file');
  }
}

/** In the same time wherever they differ, and whatever their lengths. */
function isEqual(left: string, right: string): boolean {
  return timingSafeEqual(sha256(left), sha256(right));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/**
 * On every answer. Nothing here is a page, so nothing may be loaded, framed or run; what is one (the
 * API's documentation) brings a policy of its own.
 */
export const securityHeaders = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
} as const;

/** RFC 9110 §13.1.2: weak comparison with any of the list. */
export function matchesTag(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  return ifNoneMatch.split(',').some((given) => opaque(given) === opaque(tag));
}

function opaque(tag: string): string {
  return tag.trim().replace(/^W\//, '');
}
