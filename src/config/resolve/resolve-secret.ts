import { fileFailure } from '#text/file-failure.ts';
import { pathBeside } from '#yaml/host.ts';
import { refusesFiles, type Scope } from '#yaml/scope.ts';
import type { Place } from '#yaml/source.ts';
import type { SessionSource } from '../schema/schema-session.ts';
import type { Layers } from './layers.ts';
import { Secret } from './secret.ts';

const passwordKeys = ['password', 'password_file', 'password_env'] as const;

/** Linux, TCP_MD5SIG_MAXKEYLEN. */
const maxKeyBytes = 80;

/** A shorter token can be guessed by trying. */
const goodTokenLength = 16;

/**
 * Resolves the TCP MD5 key of a peer. If the peer gives any of the three keys, those of its group do not count.
 * No message contains the secret.
 */
export function resolvePassword(scope: Scope, layers: Layers): Secret | undefined {
  const { own, group } = layers;
  const holder = [own, group].find((layer) => layer !== undefined && given(layer).length > 0);
  if (holder === undefined) return undefined;
  const [key, another] = given(holder);
  if (another !== undefined) {
    const place = scope.places.ofKey(holder, another);
    scope.problems.add(place, `${another}: give only one of ${passwordKeys.join(', ')}`);
    return undefined;
  }
  const place = scope.places.ofValue(holder, key);
  if (key === 'password') warnOfHolder(scope, place);
  const text = secretText(scope, key, String(holder[key]), place);
  return text === undefined ? undefined : checkedPassword(scope, key, text, place);
}

/** Reads a TCP MD5 key in the first line of a file, for what is no peer. No message contains it. */
export function resolveKeyFile(scope: Scope, path: string, place: Place): Secret | undefined {
  const key = 'password_file';
  const text = readSecret(scope, key, path, place);
  return text === undefined ? undefined : checkedPassword(scope, key, text, place);
}

/** Reads the bearer token in the first line of a file. No message contains it. */
export function resolveToken(
  scope: Scope,
  key: string,
  path: string,
  place: Place,
): Secret | undefined {
  const text = readSecret(scope, key, path, place);
  if (text === undefined) return undefined;
  const fault = text === '' ? 'is empty' : (faultOf(text) ?? tokenFaultOf(text));
  if (fault === undefined) {
    if (text.length < goodTokenLength) scope.warnings.add(place, `${key}: ${guessable(text)}`);
    return new Secret(text);
  }
  scope.problems.add(place, `${key}: the first line of ${path} ${fault}`);
  return undefined;
}

function checkedPassword(
  scope: Scope,
  key: string,
  text: string,
  place: Place,
): Secret | undefined {
  const bytes = new TextEncoder().encode(text).length;
  const fault = faultOf(text);
  if (fault !== undefined) scope.problems.add(place, `${key}: the password ${fault}`);
  else if (bytes >= 1 && bytes <= maxKeyBytes) return new Secret(text);
  else scope.problems.add(place, `${key}: expected 1 to ${maxKeyBytes} bytes; got ${bytes}`);
  return undefined;
}

/** Mistakes that no peer would repeat: with them, the secrets of both sides never match. */
const faults: readonly (readonly [found: RegExp, words: string])[] = [
  [/^\ufeff/, 'begins with a byte order mark; save the file as UTF-8 without one'],
  [/[\0\ufffd]/, 'is not UTF-8, perhaps UTF-16; save the file as UTF-8'],
  [/^[^\r\n]*\n$/, 'ends with a line break; remove it (in YAML, write |- instead of |)'],
  [/[\r\n]/, 'contains a line break; write it on one line'],
  [/\t/, 'contains a tab'],
  [/^\s|\s$/, 'begins or ends with a space; remove it'],
  [/\p{C}/u, 'contains an invisible character'],
];

function faultOf(text: string): string | undefined {
  return faults.find(([found]) => found.test(text))?.[1];
}

/** Returns why `Authorization: Bearer` cannot carry the token (RFC 6750 §2.1, RFC 9110 §5.5). */
function tokenFaultOf(text: string): string | undefined {
  if (/\s/.test(text)) return 'contains a space; a token is a single word';
  return /^[\x21-\x7e]+$/.test(text) ? undefined : 'contains characters other than ASCII';
}

/** Returns the first line of a file that contains a secret; its path is relative to the file that names it. */
function readSecret(scope: Scope, key: string, path: string, place: Place): string | undefined {
  if (refusesFiles(scope, place, key)) return undefined;
  const file = pathBeside(place.source.file, path);
  try {
    const [line] = scope.host.readFile(file).split(/\r?\n/, 1);
    if (isForAll(scope, file)) {
      scope.warnings.add(
        place,
        `${key}: every user of this machine may read ${file}; ${shut(file)}`,
      );
    }
    return line;
  } catch (error) {
    scope.problems.add(place, `${key}: ${file} cannot be read: ${fileFailure(error)}`);
    return undefined;
  }
}

/** The configuration itself may contain a password: the warning is given once for each such file. */
function warnOfHolder(scope: Scope, { source }: Place): void {
  const { file } = source;
  if (!scope.mayReadFiles || !isForAll(scope, file)) return;
  const message = `it contains a password, and every user of this machine may read it; ${shut(file)}`;
  scope.warnings.add({ source, offset: 0 }, message);
}

function isForAll({ host }: Scope, file: string): boolean {
  return ((host.modeOf(file) ?? 0) & 0o004) !== 0;
}

function shut(file: string): string {
  return `chmod o= ${file}`;
}

function guessable({ length }: string): string {
  const much = length === 1 ? '1 character' : `${length} characters`;
  return `a token of ${much} can be guessed; make one with \`openssl rand -hex 32\``;
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
  if (refusesFiles(scope, place, key)) return undefined;
  const text = scope.host.env(value);
  if (text === undefined) {
    scope.problems.add(place, `${key}: the environment variable ${value} is not set`);
  }
  return text;
}
