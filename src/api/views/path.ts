import { Type } from 'typebox';
import { originNames } from '../names.ts';
import {
  asn,
  component,
  type Component,
  count,
  oneOf,
  optionalText,
  pageOf,
  ref,
  type Static,
  text,
  timestamp,
} from '../shapes.ts';
import { drainedBy, keptUntil } from './service.ts';

/** An attribute that this server does not know may be as long as an UPDATE; a list shows this many octets of it. */
export const listedOctets = 32;

/** Which rule decided; present only if the request asked for it. */
export const RuleSchema = component('Rule', {
  policy: text,
  name: optionalText,
  file: text,
  line: Type.Integer({ minimum: 1 }),
});
export type RuleView = Static<typeof RuleSchema>;

/** A path of one peer; what does not apply is left out. */
export const PathSchema = component('Path', {
  prefix: text,
  peer: text,
  node: optionalText,
  best: Type.Boolean(),
  rank: Type.Optional(Type.Integer({ minimum: 1, description: '1 = best; accepted paths only' })),
  accepted: Type.Boolean(),
  reason: Type.Optional(Type.String({ description: 'why it was rejected, or is withheld' })),
  rule: Type.Optional(ref(RuleSchema)),
  drained: Type.Optional(Type.Boolean()),
  drained_by: Type.Optional(drainedBy),
  stale: Type.Optional(
    Type.Boolean({
      description:
        'stale: the session was lost, or the peer is sending all its routes again and has not sent this one yet',
    }),
  ),
  kept_until: keptUntil,
  next_hop: text,
  as_path: Type.Array(
    Type.Unsafe<number | number[]>({
      anyOf: [asn, { type: 'array', items: asn, description: 'an AS_SET' }],
    }),
  ),
  origin: oneOf(originNames),
  med: Type.Optional(count),
  local_pref: Type.Optional(count),
  atomic_aggregate: Type.Optional(Type.Boolean()),
  aggregator: Type.Optional(Type.Object({ asn, address: text })),
  communities: Type.Array(text),
  large_communities: Type.Array(text),
  ext_communities: Type.Array(text),
  otc: Type.Optional(asn),
  unknown_attributes: Type.Array(
    Type.Object({
      type: count,
      flags: count,
      value: Type.String({
        description: `hex; the first ${listedOctets} octets of it, except for the candidates of explain`,
      }),
      length: Type.Integer({ minimum: 0, description: 'octets of the whole value' }),
    }),
  ),
  received_at: timestamp,
  path_id: Type.Optional(count),
});
export type PathView = Static<typeof PathSchema>;

export const PathPageSchema = pageOf('PathPage', ref(PathSchema));

export const pathComponents: readonly Component[] = [RuleSchema, PathSchema, PathPageSchema];
