import { isSecretKey } from './read/source.ts';
import { masked } from './resolve/secret.ts';

/** Returns a copy of the operator's keys with the value of every secret masked. */
export function maskSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskSecrets);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [
      key,
      typeof part === 'string' && isSecretKey(key) ? masked : maskSecrets(part),
    ]),
  );
}
