import { isSecretKey } from './read/source.ts';
import { masked } from './resolve/secret.ts';

/** A copy of what an operator wrote with the value of every secret key masked. */
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
