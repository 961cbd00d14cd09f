import { Type } from 'typebox';
import { causeKinds } from '#api/events/causes.ts';
import { eventKinds } from '#api/events/event-view.ts';
import { domainNames, lookups } from '#api/names.ts';
import { asn, oneOf } from '#api/shapes.ts';
import { familyNames } from '#wire/constants.ts';

/** The shapes of requests: parameters of the path, queries and bodies. Anything that is not named here is refused. */
const strict = { additionalProperties: false };

export const NoInput = Type.Object({}, strict);
export const PeerParams = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 64, description: 'name or address' }) },
  strict,
);
export const PrefixParams = Type.Object(
  { prefix: Type.String({ maxLength: 80, description: 'CIDR, URL-encoded' }) },
  strict,
);

const paging = {
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
  cursor: Type.Optional(
    Type.String({ minLength: 1, maxLength: 256, description: 'next_cursor of the previous page' }),
  ),
};
export const PagingQuery = Type.Object(paging, strict);
export const RoutesQuery = Type.Object(
  {
    ...paging,
    prefix: Type.Optional(
      Type.String({ maxLength: 80, description: 'a prefix in CIDR notation, or an address' }),
    ),
    lookup: Type.Optional(oneOf(lookups, 'default: exact')),
    peer: Type.Optional(Type.String({ maxLength: 64 })),
    community: Type.Optional(
      Type.String({
        maxLength: 80,
        description: 'a community, large community or extended community',
      }),
    ),
    large_community: Type.Optional(
      Type.String({ maxLength: 80, description: 'such as 65000:1:2; each part is a number or *' }),
    ),
    as: Type.Optional({ ...asn, description: 'an AS anywhere in AS_PATH' }),
    best: Type.Optional(Type.Boolean()),
    family: Type.Optional(oneOf(familyNames)),
  },
  strict,
);
const moment = Type.Optional(
  Type.String({ maxLength: 40, description: 'RFC 3339, or a duration before now: 2h' }),
);
export const EventsQuery = Type.Object(
  {
    ...paging,
    since: moment,
    until: moment,
    peer: Type.Optional(Type.String({ maxLength: 64, description: 'name or address' })),
    prefix: Type.Optional(
      Type.String({ maxLength: 80, description: 'a prefix in CIDR notation, or an address' }),
    ),
    service: Type.Optional(Type.String({ maxLength: 64 })),
    kind: Type.Optional(oneOf(eventKinds)),
  },
  strict,
);
export const TroubleQuery = Type.Object(
  {
    since: Type.String({
      maxLength: 40,
      default: '1h',
      description:
        'changes by operators are listed from this time on: RFC 3339, or a duration before now',
    }),
  },
  strict,
);
export const FailoversQuery = Type.Object(
  {
    ...paging,
    since: moment,
    until: moment,
    peer: Type.Optional(
      Type.String({ maxLength: 64, description: 'name or address of the peer that was the cause' }),
    ),
    prefix: Type.Optional(
      Type.String({ maxLength: 80, description: 'a prefix in CIDR notation, or an address' }),
    ),
    service: Type.Optional(Type.String({ maxLength: 64 })),
    kind: Type.Optional(oneOf(causeKinds, 'the kind of the cause')),
    group: Type.Optional(oneOf(['cause'], 'one item for each cause, not for each address')),
  },
  strict,
);
export const NoteBody = Type.Object(
  { text: Type.String({ minLength: 1, maxLength: 1000 }) },
  strict,
);
export const ExplainQuery = Type.Object(
  {
    prefix: Type.String({
      minLength: 1,
      maxLength: 80,
      description: 'a prefix in CIDR notation, or an address',
    }),
    peer: Type.Optional(
      Type.String({ maxLength: 64, description: 'only what this client is sent' }),
    ),
  },
  strict,
);
export const DoctorQuery = Type.Object(
  {
    peer: Type.Optional(
      Type.String({ maxLength: 64, description: 'name or address; absent: everything' }),
    ),
  },
  strict,
);
export const ReasonBody = Type.Object(
  {
    reason: Type.Optional(
      Type.String({ maxLength: 255, description: 'reason that is sent to the peer (RFC 9003)' }),
    ),
  },
  strict,
);
export const RefreshBody = Type.Object(
  {
    direction: Type.Optional(oneOf(['in', 'out', 'both'], 'default: both')),
    reason: Type.Optional(
      Type.String({ maxLength: 255, description: 'reason that is kept in the history' }),
    ),
  },
  strict,
);
export const ReloadBody = Type.Object(
  {
    confirm_s: Type.Optional(
      Type.Number({
        minimum: 1,
        maximum: 86_400,
        description: 'seconds after which the reload is reverted unless it is confirmed',
      }),
    ),
    force: Type.Optional(
      Type.Boolean({
        description:
          'reload even if a service address goes dark, or if all or most sources or clients are removed',
      }),
    ),
    rollback: Type.Optional(
      Type.Boolean({ description: 'restore the last confirmed configuration at once' }),
    ),
    volatile: Type.Optional(
      Type.Boolean({
        description:
          'reload even if a daemon that crashes could not return to the confirmed configuration',
      }),
    ),
  },
  { ...strict, description: 'rollback cannot be combined with confirm_s or force' },
);
export const ConfirmBody = Type.Object(
  {
    volatile: Type.Optional(
      Type.Boolean({
        description:
          'confirm even if the confirmation cannot be stored, and would be lost by a restart',
      }),
    ),
  },
  strict,
);
export const ShutdownBody = Type.Object(
  {
    graceful: Type.Optional(
      Type.Boolean({
        description:
          'clients with send_graceful_shutdown: true are first sent every route once more with GRACEFUL_SHUTDOWN (RFC 8326)',
      }),
    ),
    wait_s: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 3600,
        description: 'with graceful: seconds until the sessions end [30]',
      }),
    ),
    force: Type.Optional(
      Type.Boolean({
        description:
          'with graceful: even if a sibling is unknown, or no sibling has a route to an address',
      }),
    ),
  },
  strict,
);
/** The text of a configuration file. */
export const ConfigText = Type.String();
/** A configuration with its own keys; the schema of the configuration describes them. */
export const RunningConfig = Type.Unknown();

const limit = Type.Integer({
  minimum: 0,
  maximum: 10_000,
  default: 100,
  description: 'maximum number of changes listed for each scenario',
});

const name = Type.Optional(Type.String({ minLength: 1, maxLength: 64 }));

export const PlanQuery = Type.Object(
  {
    limit,
    against: Type.Optional(
      Type.String({
        pattern: '^[0-9a-f]{8,16}$',
        description: 'a configuration that ran before, by at least 8 digits of its hash',
      }),
    ),
    rollback: Type.Optional(
      Type.Boolean({ description: 'what a rollback to the last confirmed configuration would do' }),
    ),
  },
  strict,
);

/** Exactly one of them, which the handler checks. */
export const SimulateBody = Type.Object(
  {
    node: name,
    site: name,
    rack: name,
    peer: name,
    each: Type.Optional(oneOf(domainNames)),
    config: Type.Optional(Type.String({ description: 'YAML' })),
    limit: Type.Optional(limit),
  },
  { ...strict, description: 'what fails, or the configuration that is applied; give exactly one' },
);

/** Exactly one of the targets, which the handler checks. */
export const DrainBody = Type.Object(
  {
    node: name,
    site: name,
    rack: name,
    peer: name,
    ttl_s: Type.Optional(
      Type.Number({
        minimum: 1,
        maximum: 31_536_000,
        description: 'seconds after which the drain ends by itself',
      }),
    ),
    comment: Type.Optional(Type.String({ maxLength: 255 })),
    force: Type.Optional(
      Type.Boolean({ description: 'drain even if a service is left with too few healthy nodes' }),
    ),
    volatile: Type.Optional(
      Type.Boolean({
        description: 'drain even if the drain cannot be stored, and would be lost by a restart',
      }),
    ),
  },
  { ...strict, description: 'what is drained: give exactly one of node, site, rack and peer' },
);

export const DrainParams = Type.Object(
  { id: Type.String({ minLength: 1, maxLength: 16, description: 'id of the drain, such as d1' }) },
  strict,
);

const isVolatile = Type.Optional(
  Type.Boolean({
    description: 'end the drain even if that cannot be stored, and would be lost by a restart',
  }),
);
export const VolatileQuery = Type.Object({ volatile: isVolatile }, strict);

/** At most one of the targets; none means all drains. */
export const UndrainQuery = Type.Object(
  { node: name, site: name, rack: name, peer: name, volatile: isVolatile },
  strict,
);

export const NodeParams = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 64 }) },
  strict,
);

/** Exactly one of the names, which the handler checks. */
export const WhatIfQuery = Type.Object(
  { node: name, site: name, rack: name, peer: name, limit },
  strict,
);

export const ServiceParams = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 64 }) },
  strict,
);
