/**
 * Why a route was refused or is not sent, as a large community `AS:function:code` of our own AS; Alice-LG has a text
 * for each in its configuration. Where arouteserver has a code with the same meaning, it is used; our own codes begin
 * at 1001.
 */

/** The functions that the documentation of arouteserver uses for its reasons, and the next number. */
const rejectFunction = 65520;
const noexportFunction = 65521;

/** arouteserver's "unknown". */
const unknown = 65535;

/** Codes by reject reason; all reasons that begin with `malformed:` have the same one. */
export const rejectCodes: Readonly<Record<string, number>> = {
  next_hop_invalid: 5,
  next_hop_foreign: 5,
  first_as: 6,
  as_loop: 7,
  prefix_not_allowed: 12,
  prefix_length: 13,
  rpki_invalid: 14,
  malformed: 1001,
  as_set: 1002,
  missing_med: 1003,
  otc_leak: 1004,
  no_policy: 1005,
  aspa_invalid: 1006,
  policy: 1007,
  limit_paths: 1008,
  limit_blocked: 1009,
};

/** Codes by the reason why a client is not sent a path. */
export const noexportCodes: Readonly<Record<string, number>> = {
  no_policy: 1,
  otc_leak: 2,
  no_export: 3,
  policy: 4,
  prefix_not_allowed: 5,
  next_hop_unusable: 6,
  stale: 7,
  too_long: 8,
  family_not_negotiated: 9,
  own_route: 10,
  own_next_hop: 11,
  not_best: 12,
  no_path: 13,
  no_blackhole: 14,
};

export type LargeCommunity = readonly [asn: number, func: number, code: number];

export function rejectCommunity(localAs: number, reason: string): LargeCommunity {
  const [kind] = reason.split(':');
  return [localAs, rejectFunction, rejectCodes[kind] ?? unknown];
}

export function noexportCommunity(localAs: number, reason: string): LargeCommunity {
  return [localAs, noexportFunction, noexportCodes[reason] ?? unknown];
}
