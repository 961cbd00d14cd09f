import {
  type Endpoint,
  formatAddress,
  formatEndpoint,
  isHost,
  parseEndpoint,
} from '#text/address.ts';
import { TextError } from '#text/text-error.ts';
import { parsed, type Scope } from '#yaml/scope.ts';
import type { ListenAddress } from '../config.ts';

interface Source {
  readonly name?: string;
  readonly address: string;
}

interface NamedEndpoint {
  /** The address unless a name is given. */
  readonly name: string;
  readonly endpoint: ListenAddress;
}

/** Resolves the address and port that we connect to; `undefined`, and an error, where it is none. */
export function resolveNamedEndpoint(scope: Scope, source: Source): NamedEndpoint | undefined {
  const endpoint = parsed(scope, source, 'address', () => hostEndpoint(source.address));
  if (endpoint === undefined) return undefined;
  if (endpoint.port === 0) {
    scope.problems.add(scope.places.ofValue(source, 'address'), 'address: give a port above 0');
  }
  const text = formatEndpoint(endpoint);
  const host = formatAddress(endpoint.address, endpoint.zone);
  return { name: source.name ?? text, endpoint: { ...endpoint, host, text } };
}

function hostEndpoint(text: string): Endpoint {
  const endpoint = parseEndpoint(text);
  if (isHost(endpoint.address)) return endpoint;
  throw new TextError('bad_address', `${text}: not the address of a single host`);
}

/** Adds an error for each that has the name or the address of one before it; `what` they are: `cache`. */
export function checkEndpointsDiffer(
  scope: Scope,
  what: string,
  sources: readonly Source[],
  resolved: readonly NamedEndpoint[],
): void {
  if (sources.length !== resolved.length) return;
  for (const [index, { name, endpoint }] of resolved.entries()) {
    const before = resolved.slice(0, index);
    const isNamed = before.some((other) => other.name === name);
    const isThere = before.some((other) => other.endpoint.text === endpoint.text);
    const source = sources[index];
    const place = scope.places.ofValue(
      source,
      isNamed && source.name !== undefined ? 'name' : 'address',
    );
    if (isNamed) scope.problems.add(place, `name: another ${what} already has the name ${name}`);
    else if (isThere) scope.problems.add(place, `address: ${endpoint.text} is given twice`);
  }
}
