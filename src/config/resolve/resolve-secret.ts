import { besides, readFailure } from '../read/host.ts';
import type { Layers } from './layers.ts';
import type { SessionSource } from '../schema/schema-session.ts';
import type { Scope } from './scope.ts';
import { Secret } from './secret.ts';
import type { Place } from '../read/source.ts';

const passwordKeys = ['password', 'password_file', 'password_env'] as const;

/** Linux, TCP_MD5SIG_MAXKEYLEN. */
const maxKeyBytes = 80;

/**
 * The TCP MD5 key of a peer. Where the peer gives any of the three keys, those of its group do not
 * count. No message holds the secret.
 */
export function resolvePassword(scope: Scope, layers: Layers): Secret | undefined {
  const { own, group } = layers;
  const holder = [own, group].find((layer) => layer !== undefined && given(layer).length > 0);
  if (holder === undefined) return undefined;
  const [key, another] = given(holder);
  if (another !== undefined) {
    const place = scope.places.ofKey(holder, another);
    scope.problems.add(place, `${another}: give one of ${passwordKeys.join(', ')}`);
    return undefined;
  }
  const place = scope.places.ofValue(holder, key);
  const text = secretText(scope, key, String(holder[key]), place);
  if (text === undefined) return undefined;
  const bytes = new TextEncoder().encode(text).length;
  if (bytes >= 1 && bytes <= maxKeyBytes) return new Secret(text);
  scope.problems.add(place, `${key}: expected 1 to ${maxKeyBytes} bytes; got ${bytes}`);
  return undefined;
}

/** The first line of a file that holds a secret. */
export function readSecret(
  scope: Scope,
  key: string,
  path: string,
  place: Place,
): string | undefined {
  try {
    return scope.host.readFile(besides(scope.file, path)).split(/\r?\n/, 1)[0];
  } catch (error) {
    scope.problems.add(place, `${key}: ${path} cannot be read: ${readFailure(error)}`);
    return undefined;
  }
}

function given(layer: SessionSource): (typeof passwordKeys)[number][] {
  return passwordKeys.filter((key) => layer[key] !== undefined);
}

function secretText(
  scope: Scope,
  key: (typeof passwordKeys)[number],
  value: string,
  place: Place,
): string | undefined {
  if (key === 'password') return value;
  if (key === 'password_file') return readSecret(scope, key, value, place);
  const text = scope.host.env(value);
  if (text === undefined) {
    scope.problems.add(place, `${key}: the environment has no ${value}`);
  }
  return text;
}
