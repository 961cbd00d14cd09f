import { Type } from 'typebox';
import { limitActions } from '#policy/limit.ts';
import { familyNames } from '#wire/constants.ts';
import {
  directions,
  heldBy,
  peerKinds,
  staleStages,
  stateNames,
  updateErrorActions,
} from '../names.ts';
import {
  asn,
  component,
  type Component,
  count,
  oneOf,
  optionalText,
  pageOf,
  ref,
  seconds,
  type Static,
  text,
  timestamp,
} from '../shapes.ts';
import { BfdSchema } from './bfd.ts';

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
      'received paths that are stale: the peer has not announced them again yet (RFC 4724, RFC 7313)',
  }),
};
const PrefixCountsSchema = component('PrefixCounts', countsOf);
export type PrefixCounts = Static<typeof PrefixCountsSchema>;

const refusedFor = Type.Array(text, {
  description:
    'why routes of this session were refused, as the reason of a path: in the order of the checks',
});

/** Routes of a family that have outlived a session (RFC 4724, RFC 9494). */
const StaleSchema = component('Stale', {
  stage: oneOf(
    staleStages,
    'restarting: waiting for the peer; long_lived: the peer has not come back in time and its routes are used only as a last resort; resynchronizing: the peer is back and its End-of-RIB is awaited',
  ),
  stale: Type.Integer({ minimum: 0, description: 'paths that have not been announced again yet' }),
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

const OpenSchema = component('Open', {
  as: asn,
  hold_time_s: count,
  router_id: text,
});
export type OpenView = Static<typeof OpenSchema>;

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
    description:
      'the attribute as in malformed:…; update if the error is in no particular attribute',
  }),
  outcome: oneOf(updateErrorActions, 'RFC 7606'),
  text,
  bytes: Type.String({
    description:
      'hex; the path attributes of the UPDATE, or the data of our NOTIFICATION; at most 4096 bytes',
  }),
  length: Type.Integer({ minimum: 0, description: 'total length in octets' }),
  count: Type.Integer({ minimum: 0, description: 'how many times in a row it occurred' }),
});
export type UpdateErrorView = Static<typeof UpdateErrorSchema>;

/** RFC 7606 §2, AFI/SAFI disable. */
const DisabledFamilySchema = component('DisabledFamily', {
  family: oneOf(familyNames),
  at: timestamp,
  text: Type.String({ description: 'what was wrong, and the probable cause' }),
});

export const PeerSchema = component('Peer', {
  name: text,
  description: optionalText,
  group: optionalText,
  address: text,
  range: Type.Optional(
    Type.String({ description: 'the peer range from which this peer was created on demand' }),
  ),
  port: count,
  peer_as: Type.Optional(asn),
  local_as: asn,
  kind: oneOf(
    peerKinds,
    'client: routes are exported to it; source: it only announces routes; observer: its routes are compared and never used',
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
            description: 'absent: until the peer is reset or the limit changes',
          }),
        ),
        by: oneOf(heldBy),
      },
      { description: 'a limit ended the session, and incoming connections are refused' },
    ),
  ),
  since: Type.String({
    format: 'date-time',
    description: 'when the session entered its present state',
  }),
  down_since: Type.Optional(
    Type.String({
      format: 'date-time',
      description:
        'when the last session ended; absent while one is up and if there was none since the start',
    }),
  ),
  uptime_s: seconds,
  router_id: optionalText,
  local_address: optionalText,
  hold_time_s: Type.Optional(Type.Number()),
  keepalive_s: Type.Optional(Type.Number()),
  hold_remaining_s: Type.Optional(
    Type.Number({ description: 'seconds until the hold timer expires' }),
  ),
  open: Type.Optional(
    Type.Object(
      { sent: ref(OpenSchema), received: ref(OpenSchema) },
      { description: 'the OPEN messages of the session, beside their capabilities' },
    ),
  ),
  capabilities: Type.Object({
    sent: Type.Array(ref(CapabilitySchema)),
    received: Type.Array(ref(CapabilitySchema)),
  }),
  families: Type.Array(oneOf(familyNames)),
  disabled_families: Type.Optional(
    Type.Array(ref(DisabledFamilySchema), {
      description:
        'families that are ignored until the session is reset, because of malformed routes',
    }),
  ),
  bfd: Type.Optional(ref(BfdSchema)),
  import: text,
  export: text,
  prefixes: Type.Object({
    ...countsOf,
    per_family: Type.Object({
      ipv4_unicast: Type.Optional(ref(PrefixCountsSchema)),
      ipv6_unicast: Type.Optional(ref(PrefixCountsSchema)),
    }),
  }),
  refused_for: Type.Optional(refusedFor),
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
      { description: 'routes kept after the session was lost' },
    ),
  ),
  output_queue_bytes: Type.Integer({
    minimum: 0,
    description: 'written to the peer, and not yet taken by its connection',
  }),
  messages: Type.Object({ received: ref(MessageCountsSchema), sent: ref(MessageCountsSchema) }),
  flaps: count,
  last_error: Type.Optional(ref(ErrorSchema)),
  hints: Type.Optional(
    Type.Array(text, {
      description: 'what may keep the session from coming up, where no error was reported',
    }),
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

/** Which node, site and rack a peer belongs to. */
export type SourceView = Pick<PeerView, 'name' | 'node' | 'site' | 'rack'>;

export const PeerPageSchema = pageOf('PeerPage', ref(PeerSchema));

export const peerComponents: readonly Component[] = [
  UpdateErrorSchema,
  PrefixCountsSchema,
  StaleSchema,
  LimitSchema,
  MessageCountsSchema,
  CapabilitySchema,
  OpenSchema,
  ErrorSchema,
  DisabledFamilySchema,
  PeerSchema,
  PeerPageSchema,
];
