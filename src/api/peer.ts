import { Type } from 'typebox';
import { directions, heldBy, peerKinds, staleStages } from './names.ts';
import { familyNames } from '#wire/constants.ts';
import { limitActions } from '#policy/policy.ts';
import { stateNames, updateErrorActions } from './names.ts';
import { asn, component, count, oneOf, optionalText, pageOf, ref } from './shapes.ts';
import { seconds, text, timestamp } from './shapes.ts';
import type { Component, Static } from './shapes.ts';

const countsOf = {
  received: count,
  accepted: count,
  rejected: count,
  blocked: count,
  best: count,
  advertised: count,
  stale: Type.Integer({
    minimum: 0,
    description:
      'paths among those received that are kept for the peer, which has not announced them again yet (RFC 4724, RFC 7313)',
  }),
};
const PrefixCountsSchema = component('PrefixCounts', countsOf);
export type PrefixCounts = Static<typeof PrefixCountsSchema>;

/** Routes of a family that have outlived a session (RFC 4724, RFC 9494). */
const StaleSchema = component('Stale', {
  stage: oneOf(
    staleStages,
    'restarting: the peer is awaited; long_lived: it has not come back in time, its routes are the last resort; resynchronizing: it is back, its End-of-RIB is awaited',
  ),
  stale: Type.Integer({ minimum: 0, description: 'paths that were not announced again yet' }),
  until: timestamp,
});
export type StaleView = Static<typeof StaleSchema>;

const LimitSchema = component('Limit', { limit: count, action: oneOf(limitActions), used: count });
export type LimitView = Static<typeof LimitSchema>;

const MessageCountsSchema = component('MessageCounts', {
  open: count,
  update: count,
  notification: count,
  keepalive: count,
  route_refresh: count,
});
export type MessageCounts = Static<typeof MessageCountsSchema>;

const CapabilitySchema = component('Capability', {
  code: count,
  name: text,
  value: Type.Optional(
    Type.Unknown({ description: 'decoded; its shape depends on the capability' }),
  ),
});
export type CapabilityView = Static<typeof CapabilitySchema>;

const ErrorSchema = component('SessionError', {
  at: timestamp,
  text,
  code: Type.Optional(count),
  subcode: Type.Optional(count),
  direction: Type.Optional(oneOf(directions)),
});
export type ErrorView = Static<typeof ErrorSchema>;

/** What was wrong with an UPDATE of a peer (RFC 7606). */
const UpdateErrorSchema = component('UpdateError', {
  at: timestamp,
  attribute: Type.String({
    description: 'as in malformed:…; update where it was none of one attribute',
  }),
  outcome: oneOf(updateErrorActions, 'RFC 7606'),
  text,
  bytes: Type.String({
    description:
      'hex; the path attributes that it came with, or the data of our NOTIFICATION; at most 4096 bytes',
  }),
  length: Type.Integer({ minimum: 0, description: 'octets of all of them' }),
  count: Type.Integer({ minimum: 0, description: 'how often it came in a row' }),
});
export type UpdateErrorView = Static<typeof UpdateErrorSchema>;

/** RFC 7606 §2, AFI/SAFI disable. */
const DisabledFamilySchema = component('DisabledFamily', {
  family: oneOf(familyNames),
  at: timestamp,
  text: Type.String({ description: 'what was wrong, and what the peer has probably done' }),
});
export type DisabledFamilyView = Static<typeof DisabledFamilySchema>;

export const PeerSchema = component('Peer', {
  name: text,
  description: optionalText,
  group: optionalText,
  address: text,
  range: Type.Optional(
    Type.String({ description: 'the peer range that it was made on demand from' }),
  ),
  port: count,
  peer_as: Type.Optional(asn),
  local_as: asn,
  kind: oneOf(
    peerKinds,
    'client: something is exported to it; source: it only announces; observer: compared, never used',
  ),
  state: oneOf(stateNames),
  enabled: Type.Boolean(),
  disabled: Type.Optional(Type.Object({ since: timestamp, reason: optionalText })),
  held: Type.Optional(
    Type.Object(
      {
        until: Type.Optional(
          Type.String({
            format: 'date-time',
            description: 'absent: until it is reset, or the limit changes',
          }),
        ),
        by: oneOf(heldBy),
      },
      { description: 'a limit has ended its session, and its calls are refused' },
    ),
  ),
  since: Type.String({ format: 'date-time', description: 'when its present state began' }),
  uptime_s: seconds,
  router_id: optionalText,
  local_address: optionalText,
  hold_time_s: Type.Optional(Type.Number()),
  keepalive_s: Type.Optional(Type.Number()),
  hold_remaining_s: Type.Optional(
    Type.Number({ description: 'seconds until the hold timer expires' }),
  ),
  capabilities: Type.Object({
    sent: Type.Array(ref(CapabilitySchema)),
    received: Type.Array(ref(CapabilitySchema)),
  }),
  families: Type.Array(oneOf(familyNames)),
  disabled_families: Type.Optional(
    Type.Array(ref(DisabledFamilySchema), {
      description:
        'of the session that stands: families whose routes the peer has spoilt, and which are ignored until the session is reset',
    }),
  ),
  import: text,
  export: text,
  prefixes: Type.Object({
    ...countsOf,
    per_family: Type.Object({
      ipv4_unicast: Type.Optional(ref(PrefixCountsSchema)),
      ipv6_unicast: Type.Optional(ref(PrefixCountsSchema)),
    }),
  }),
  limit: Type.Object({
    accepted: Type.Optional(ref(LimitSchema)),
    received: Type.Optional(ref(LimitSchema)),
  }),
  graceful_restart: Type.Optional(
    Type.Object(
      {
        ipv4_unicast: Type.Optional(ref(StaleSchema)),
        ipv6_unicast: Type.Optional(ref(StaleSchema)),
      },
      { description: 'routes that have outlived a session' },
    ),
  ),
  messages: Type.Object({ received: ref(MessageCountsSchema), sent: ref(MessageCountsSchema) }),
  flaps: count,
  last_error: Type.Optional(ref(ErrorSchema)),
  hints: Type.Optional(
    Type.Array(text, { description: 'what may keep it from coming up, where nothing was said' }),
  ),
  update_errors: Type.Optional(
    Type.Array(ref(UpdateErrorSchema), {
      description: 'the last 16, newest last; not in the list of peers',
    }),
  ),
  node: optionalText,
  site: optionalText,
  rack: optionalText,
});
export type PeerView = Static<typeof PeerSchema>;

export const PeerPageSchema = pageOf('PeerPage', ref(PeerSchema));

export const peerComponents: readonly Component[] = [
  UpdateErrorSchema,
  PrefixCountsSchema,
  StaleSchema,
  LimitSchema,
  MessageCountsSchema,
  CapabilitySchema,
  ErrorSchema,
  DisabledFamilySchema,
  PeerSchema,
  PeerPageSchema,
];
