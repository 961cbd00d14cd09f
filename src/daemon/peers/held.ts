import type { PeerConfig } from '#config/config.ts';
import type { Family } from '#wire/constants.ts';

/** A peer whose session was ended by a limit, and whose connections have been refused since. */
export type Held = {
  readonly sinceMs: number;
  /** The limit that it exceeded. */
  readonly limit: number;
} & (
  | { readonly by: 'max_prefix' | 'max_prefix_received'; readonly family: Family }
  | { readonly by: 'max_paths' | 'max_attribute_bytes'; readonly restartAfterMs: number }
);

/**
 * Returns when a held peer is let in under a configuration, by the monotonic clock: -Infinity if nothing there holds it
 * any longer, because its limit was raised, removed or ends no session; Infinity if an operator must reset it.
 */
export function heldUntil(held: Held, config: PeerConfig, maxPaths: number): number {
  if ('restartAfterMs' in held) {
    const limit = held.by === 'max_paths' ? maxPaths : config.maxAttributeBytes || Infinity;
    return limit > held.limit ? -Infinity : held.sinceMs + held.restartAfterMs;
  }
  const { maxPrefix, maxPrefixReceived } = config;
  const limit = (held.by === 'max_prefix' ? maxPrefix : maxPrefixReceived)[held.family];
  if (limit === undefined || limit.limit > held.limit) return -Infinity;
  switch (limit.action) {
    case 'block':
    case 'warning':
      return -Infinity;
    case 'restart':
      return held.sinceMs + limit.restartAfterMs;
    case 'shutdown':
      return Infinity;
    default:
      return limit.action satisfies never;
  }
}
