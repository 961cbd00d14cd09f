import { Type } from 'typebox';
import { connectionStates } from '../names.ts';
import {
  component,
  type Component,
  count,
  oneOf,
  ref,
  type Static,
  text,
  timestamp,
} from '../shapes.ts';

const RpkiCacheSchema = component('RpkiCache', {
  name: text,
  address: text,
  preference: Type.Integer({ minimum: 0, description: 'the lowest is tried first' }),
  state: oneOf(
    connectionStates,
    'idle: not connected; synchronizing: connected, and its data is not in use yet; established: its data is in use',
  ),
  in_use: Type.Boolean({ description: 'its data is in use, even if the connection is lost' }),
  version: Type.Integer({ minimum: 0, description: 'the version of the protocol, RFC 8210 §7' }),
  session_id: Type.Optional(Type.Integer({ minimum: 0, description: 'RFC 8210 §5.1' })),
  serial: Type.Optional(Type.Integer({ minimum: 0, description: 'of the data in use' })),
  updated_at: Type.Optional(timestamp),
  last_error: Type.Optional(Type.Object({ at: timestamp, text })),
});
export type RpkiCacheView = Static<typeof RpkiCacheSchema>;

/** A validated ROA payload (RFC 6811 §2). */
export const VrpSchema = component('Vrp', {
  prefix: text,
  max_length: Type.Integer({ minimum: 0, maximum: 128 }),
  asn: Type.Integer({ minimum: 0 }),
});
export type VrpView = Static<typeof VrpSchema>;

export const RpkiSchema = component('Rpki', {
  items: Type.Array(ref(RpkiCacheSchema), { description: 'the caches, by preference' }),
  vrps: Type.Object({ ipv4_unicast: count, ipv6_unicast: count }),
  aspas: count,
  refresh_s: Type.Optional(Type.Number({ description: 'as the cache in use has it' })),
  retry_s: Type.Optional(Type.Number()),
  expire_s: Type.Optional(Type.Number()),
  expires_at: Type.Optional(
    Type.String({
      format: 'date-time',
      description: 'when the data is dropped unless a cache confirms it',
    }),
  ),
  has_expired: Type.Optional(
    Type.Literal(true, { description: 'the last data was dropped, and no other has come yet' }),
  ),
  dropped: Type.Optional(
    Type.Object(
      { at: timestamp, before: count, after: count },
      { description: 'more than half of the VRPs vanished at once and are not back' },
    ),
  ),
  rib_version: count,
});
export type RpkiView = Omit<Static<typeof RpkiSchema>, 'rib_version'>;

export const rpkiComponents: readonly Component[] = [RpkiCacheSchema, VrpSchema, RpkiSchema];
