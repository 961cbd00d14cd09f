import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { Right } from '#api/names.ts';
import { Problem } from './problem.ts';

export interface Token {
  readonly name: string;
  readonly secret: string;
  readonly may: readonly (Right | 'all')[];
  /** The nodes that it may act on; absent: all of them. */
  readonly nodes?: readonly string[];
}

/** Who may read and who may write over TCP. All listeners share one object, whose content a reload replaces. */
export interface Access {
  tokens: readonly Token[];
  /** Host names under which requests are accepted, in addition to the daemon's addresses. */
  hosts: readonly string[];
}

/** How a request arrived: whoever may open the control socket may do everything. */
export type Door = 'control' | Access;

/** What the guard looks at in a request. */
export interface Asked {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The right that is needed; `any` means that every token has it. */
  readonly right: Right | 'any';
}

/**
 * Returns the token of a write; none over the control socket. Throws a `Problem` if the write has no right to what it
 * asks for. A page of another site must not be able to make a browser write: the token is in a header, the body has a
 * type that no form sends, and the origin must be our own.
 */
export function requireWrite(door: Door, { headers, right }: Asked): Token | undefined {
  if (door === 'control') return undefined;
  if (door.tokens.length === 0) {
    throw new Problem(
      403,
      'read_only',
      'this API is read-only because the configuration has no http.tokens; add a token or use the control socket',
    );
  }
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') {
    throw new Problem(
      403,
      'cross_site',
      'requests from pages of another site may not change anything',
    );
  }
  const token = tokenOf(door, headers);
  if (token === undefined) {
    throw new Problem(
      401,
      'unauthorized',
      'this request needs a bearer token that is listed in http.tokens',
    );
  }
  if (right !== 'any' && !token.may.includes(right) && !token.may.includes('all')) {
    throw new Problem(
      403,
      'forbidden',
      `the token ${token.name} does not have the right: ${right}`,
    );
  }
  return token;
}

/**
 * Throws a `Problem` if the token is not for all of these nodes; `undefined` means that the request concerns no nodes.
 */
export function requireNodes(token: Token | undefined, nodes: readonly string[] | undefined): void {
  if (token?.nodes === undefined) return;
  const own = token.nodes;
  if (nodes !== undefined && nodes.length > 0 && nodes.every((node) => own.includes(node))) return;
  throw new Problem(
    403,
    'forbidden',
    `the token ${token.name} is limited to the nodes ${own.join(', ')}`,
  );
}

/** Returns the token of a request; `undefined` if it has none, or one that is not listed. */
export function tokenOf({ tokens }: Access, headers: Asked['headers']): Token | undefined {
  const [, given] = /^Bearer +(\S+) *$/i.exec(String(headers.authorization ?? '')) ?? [];
  if (given === undefined) return undefined;
  return tokens.find(({ secret }) => isEqual(given, secret));
}

/** Header fields by which a request is judged. */
const singleFields: readonly string[] = ['host', 'authorization', 'content-type', 'sec-fetch-site'];

/**
 * Throws a `Problem` if a request has two fields of one name by which it is judged, because a proxy before us may have
 * judged the other one. RFC 9112 §3.2: a server "MUST respond with a 400" to more than one Host. `rawHeaders` are names
 * and values in turn.
 */
export function requireSingleFields(rawHeaders: readonly string[]): void {
  const names = rawHeaders.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase());
  const twice = singleFields.find((name) => names.indexOf(name) !== names.lastIndexOf(name));
  if (twice === undefined) return;
  throw new Problem(400, 'bad_request', `the request has more than one header field ${twice}`);
}

/** If the request target is a whole URL, its host counts and not the header field (RFC 9112 §3.2.2). */
export function requestedHost(target: string | undefined, host: string | undefined) {
  return /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(target ?? '')?.[1] ?? host;
}

/**
 * Throws a `Problem` if the request uses a host name that is not ours. Otherwise a website whose name resolves to this
 * address (DNS rebinding) could read the topology through the browser of an operator.
 */
export function requireHost(door: Door, host: string | undefined): void {
  if (door === 'control' || host === undefined) return;
  // An IPv6 address without brackets has no port; a dot at the end marks a name as absolute.
  const name = isIP(host) === 6 ? host : host.replace(/:\d+$/, '').replace(/\.$/, '').toLowerCase();
  if (name === 'localhost' || isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0) return;
  if (door.hosts.some((own) => own.replace(/\.$/, '').toLowerCase() === name)) return;
  throw new Problem(
    421,
    'misdirected',
    `this server does not answer to the host name of the request; add the name to http.hosts`,
  );
}

/** Takes the same time wherever the texts differ, and whatever their lengths. */
function isEqual(left: string, right: string): boolean {
  return timingSafeEqual(sha256(left), sha256(right));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/**
 * Headers of every answer. Answers of the API are not pages, so nothing may be loaded, framed or run; a page (the API's
 * documentation) brings a policy of its own.
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

/** Weak comparison with any tag of the list (RFC 9110 §13.1.2). */
export function matchesTag(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  return ifNoneMatch.split(',').some((given) => opaque(given) === opaque(tag));
}

function opaque(tag: string): string {
  return tag.trim().replace(/^W\//, '');
}
