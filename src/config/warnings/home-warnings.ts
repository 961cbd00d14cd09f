import type { PrefixPattern } from '#policy/patterns.ts';
import type { Policy, PolicyChoice } from '#policy/policy.ts';
import { parseAddress } from '#text/address.ts';
import { parsePrefix } from '#text/prefix.ts';
import type { Config, ServiceConfig } from '../config.ts';
import { isWithin } from '../peer-range.ts';

/**
 * Returns a function that returns warnings about the addresses of a service with a home node: those that are not of the
 * service, and those that no import policy accepts, so that the announcements of the node are rejected.
 */
export function homeWarnings({ peers, peerRanges }: Config): (service: ServiceConfig) => string[] {
  const choices = new Set([...peers, ...peerRanges].map(({ import: choice }) => choice));
  const policies = [...new Set([...choices].filter(isPolicies).flat())];
  const isAccepted = (prefix: string): boolean =>
    choices.has('all') || policies.some((policy) => mayAccept(policy, prefix));
  return ({ home, prefixes }) =>
    home.flatMap(({ prefix }) => {
      if (!prefixes.some((pattern) => covers(pattern, prefix))) {
        return [`home lists ${prefix}, which is no address of the service: see its prefix`];
      }
      return isAccepted(prefix) ? [] : [`home lists ${prefix}, which no import policy accepts`];
    });
}

function isPolicies(choice: PolicyChoice): choice is Exclude<PolicyChoice, string> {
  return typeof choice !== 'string';
}

function mayAccept({ rules }: Policy, prefix: string): boolean {
  return rules.some(
    ({ match, then }) =>
      then !== 'reject' &&
      (match.prefix === undefined || [...match.prefix].some((pattern) => covers(pattern, prefix))),
  );
}

/** A prefix that is shorter than the network of its pattern (`P-`) is assumed to match. */
function covers(pattern: PrefixPattern, text: string): boolean {
  const { lengthBits } = parsePrefix(text);
  if (lengthBits < pattern.minBits || lengthBits > pattern.maxBits) return false;
  const [address] = text.split('/');
  return lengthBits < pattern.lengthBits || isWithin(parseAddress(address), pattern);
}
