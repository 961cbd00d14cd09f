import { malformedNames } from '#wire/attribute-table.ts';

/**
 * Why a path was refused, in the order of checking. The index is the code of the reason, and 0 is "accepted". The texts
 * are a contract with operators: metrics, JSON and the CLI print them.
 */
export const rejectReasons = [
  'accepted',
  ...malformedNames.map((name) => `malformed:${name}` as const),
  'as_loop',
  'as_set',
  'first_as',
  'next_hop_invalid',
  'next_hop_foreign',
  'missing_med',
  'otc_leak',
  'no_policy',
  'rpki_invalid',
  'aspa_invalid',
  'policy',
  'prefix_length',
  'prefix_not_allowed',
  'limit_paths',
  'limit_blocked',
] as const;
export type RejectReason = Exclude<(typeof rejectReasons)[number], 'accepted'>;

/** The codes of the reasons for which a limit keeps paths out of the RIB. */
export const limitPaths = rejectReasons.indexOf('limit_paths');
export const limitBlocked = rejectReasons.indexOf('limit_blocked');

/**
 * Why a path is not sent to a client, in the order of checking. The index is the code of the reason, and 0 is "sent".
 */
export const exportReasons = [
  'sent',
  'no_policy',
  'otc_leak',
  'no_export',
  'no_blackhole',
  'policy',
  'prefix_not_allowed',
  'next_hop_unusable',
  'stale',
  'too_long',
  'family_not_negotiated',
  'own_route',
  'own_next_hop',
  'not_best',
  'no_path',
] as const;
export type ExportReason = (typeof exportReasons)[number];
