import { Type, type Static, type TProperties, type TSchema } from 'typebox';

/**
 * The shapes of the API as JSON Schema: what is validated on the way in, and what the OpenAPI
 * document promises on the way out. A test keeps each equal to its type in watch.ts.
 */
export type { Static, TSchema };

/** A shape with a name of its own in the OpenAPI document. */
export function component<Properties extends TProperties>($id: string, properties: Properties) {
  return Object.assign(Type.Object(properties), { $id });
}

/** Where another component is used. */
export function ref<Schema extends TSchema & { $id: string }>(schema: Schema) {
  return Type.Unsafe<Static<Schema>>({ $ref: schema.$id });
}

/** A union of literals as JSON Schema's `enum`, which every generator of clients understands. */
export function oneOf<const Word extends string>(words: readonly Word[], description?: string) {
  return Type.Unsafe<Word>({
    type: 'string',
    enum: [...words],
    ...(description !== undefined && { description }),
  });
}

const timestamp = Type.String({ format: 'date-time', description: 'RFC 3339, UTC, milliseconds' });
export const count = Type.Integer({ minimum: 0 });
const asn = Type.Integer({ minimum: 0, maximum: 4294967295 });

const familyNames = ['ipv4_unicast', 'ipv6_unicast'] as const;
const family = oneOf(familyNames);
const stateNames = [
  'idle',
  'connect',
  'active',
  'open_sent',
  'open_confirm',
  'established',
] as const;
const direction = oneOf(['sent', 'received']);

export const PathSchema = component('Path', {
  prefix: Type.String(),
  peer: Type.String(),
  node: Type.Optional(Type.String()),
  best: Type.Boolean(),
  rank: Type.Optional(Type.Integer({ minimum: 1, description: '1 = best; accepted paths only' })),
  accepted: Type.Boolean(),
  reason: Type.Optional(Type.String({ description: 'why it was rejected' })),
  drained: Type.Optional(Type.Boolean()),
  stale: Type.Optional(Type.Boolean({ description: 'the peer may no longer stand by it' })),
  next_hop: Type.String(),
  as_path: Type.Array(
    Type.Unsafe<number | number[]>({
      anyOf: [asn, { type: 'array', items: asn, description: 'an AS_SET' }],
    }),
  ),
  origin: oneOf(['igp', 'egp', 'incomplete']),
  med: Type.Optional(count),
  local_pref: Type.Optional(count),
  atomic_aggregate: Type.Optional(Type.Boolean()),
  aggregator: Type.Optional(Type.Object({ asn, address: Type.String() })),
  communities: Type.Array(Type.String()),
  large_communities: Type.Array(Type.String()),
  ext_communities: Type.Array(Type.String()),
  otc: Type.Optional(asn),
  unknown_attributes: Type.Array(
    Type.Object({ type: count, flags: count, value: Type.String({ description: 'hex' }) }),
  ),
  received_at: timestamp,
  path_id: Type.Optional(count),
});

const countsOf = {
  received: count,
  accepted: count,
  rejected: count,
  blocked: count,
  best: count,
  advertised: count,
  stale: Type.Integer({ minimum: 0, description: 'kept, and not announced again yet' }),
};
const PrefixCountsSchema = component('PrefixCounts', countsOf);

const StaleSchema = component('Stale', {
  stage: oneOf(['restarting', 'long_lived', 'resynchronizing']),
  stale: count,
  until: timestamp,
});

const LimitSchema = component('Limit', {
  limit: count,
  action: oneOf(['block', 'warning', 'restart', 'shutdown']),
  used: count,
});

const MessageCountsSchema = component('MessageCounts', {
  open: count,
  update: count,
  notification: count,
  keepalive: count,
  route_refresh: count,
});

const CapabilitySchema = component('Capability', {
  code: count,
  name: Type.String(),
  value: Type.Optional(Type.Unknown()),
});

const UpdateErrorSchema = component('UpdateError', {
  at: timestamp,
  attribute: Type.String(),
  outcome: oneOf(['treat_as_withdraw', 'attribute_discard', 'session_reset'], 'RFC 7606'),
  text: Type.String(),
  bytes: Type.String({ description: 'hex; at most 4096 bytes' }),
  length: count,
  count,
});

export const PeerSchema = component('Peer', {
  name: Type.String(),
  description: Type.Optional(Type.String()),
  group: Type.Optional(Type.String()),
  address: Type.String(),
  range: Type.Optional(Type.String()),
  port: count,
  peer_as: Type.Optional(asn),
  local_as: asn,
  kind: oneOf(
    ['client', 'source', 'observer'],
    'client: something is exported to it; source: it only announces; observer: compared, never used',
  ),
  state: oneOf(stateNames),
  enabled: Type.Boolean(),
  disabled: Type.Optional(Type.Object({ since: timestamp, reason: Type.Optional(Type.String()) })),
  since: timestamp,
  uptime_s: Type.Number({ minimum: 0 }),
  router_id: Type.Optional(Type.String()),
  local_address: Type.Optional(Type.String()),
  hold_time_s: Type.Optional(Type.Number()),
  keepalive_s: Type.Optional(Type.Number()),
  hold_remaining_s: Type.Optional(Type.Number()),
  capabilities: Type.Object({
    sent: Type.Array(ref(CapabilitySchema)),
    received: Type.Array(ref(CapabilitySchema)),
  }),
  families: Type.Array(family),
  import: Type.String(),
  export: Type.String(),
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
  last_error: Type.Optional(
    Type.Object({
      at: timestamp,
      text: Type.String(),
      code: Type.Optional(count),
      subcode: Type.Optional(count),
      direction: Type.Optional(direction),
    }),
  ),
  hints: Type.Optional(Type.Array(Type.String())),
  update_errors: Type.Optional(
    Type.Array(ref(UpdateErrorSchema), { description: 'the last 16; not in the list of peers' }),
  ),
  node: Type.Optional(Type.String()),
  site: Type.Optional(Type.String()),
  rack: Type.Optional(Type.String()),
});

export const StatusSchema = component('Status', {
  version: Type.String(),
  router_id: Type.String(),
  local_as: asn,
  started_at: timestamp,
  uptime_s: Type.Number({ minimum: 0 }),
  ready: Type.Boolean(),
  degraded: Type.Optional(Type.Array(Type.String())),
  config: Type.Object({
    file: Type.String(),
    hash: Type.String(),
    loaded_at: timestamp,
    last_reload_ok: Type.Boolean(),
    confirm_by: Type.Optional(timestamp),
  }),
  peers: Type.Object({ configured: count, established: count }),
  rib: Type.Object({ version: count, prefixes: count, paths: count }),
  listening: Type.Array(Type.String()),
  unknown_sources: count,
  without_effect: Type.Optional(Type.Array(Type.String())),
});

export const ReadySchema = component('Ready', {
  ready: Type.Boolean(),
  reasons: Type.Array(Type.String()),
  degraded: Type.Optional(Type.Array(Type.String())),
});

const RuleSchema = component('Rule', {
  policy: Type.String(),
  name: Type.Optional(Type.String()),
  file: Type.String(),
  line: Type.Integer({ minimum: 1 }),
});

const stepValue = Type.Unsafe<string | number>({ type: ['string', 'number'] });
export const CandidateSchema = component('Candidate', {
  ...PathSchema.properties,
  lost_at: Type.Optional(Type.String({ description: 'the decision step, RFC 4271 §9.1.2.2' })),
  ours: Type.Optional(stepValue),
  winners: Type.Optional(stepValue),
  would_win_if: Type.Optional(Type.String()),
  rule: Type.Optional(ref(RuleSchema)),
});

export const ExplainSchema = component('Explain', {
  prefix: Type.String(),
  best: Type.Optional(ref(PathSchema)),
  candidates: Type.Array(ref(CandidateSchema)),
  exports: Type.Array(
    Type.Object({
      peer: Type.String(),
      sent: Type.Optional(ref(PathSchema)),
      reason: Type.String(),
      rule: Type.Optional(ref(RuleSchema)),
    }),
  ),
});

function pageOf<Item extends TSchema>($id: string, item: Item) {
  return component($id, {
    items: Type.Array(item),
    next_cursor: Type.Optional(Type.String({ description: 'opaque; stable under change' })),
    rib_version: count,
  });
}
export const PathPageSchema = pageOf('PathPage', ref(PathSchema));
export const PeerPageSchema = pageOf('PeerPage', ref(PeerSchema));

export const ConfigProblemSchema = component('ConfigProblem', {
  file: Type.String(),
  line: count,
  column: count,
  message: Type.String(),
  excerpt: Type.Optional(Type.String()),
});

export const DoneSchema = component('Done', { ok: Type.Literal(true), message: Type.String() });

/** RFC 9457; `kind` is stable, the texts are for people. */
export const ProblemSchema = component('Problem', {
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  kind: Type.String(),
  problems: Type.Optional(Type.Array(ref(ConfigProblemSchema))),
  ready: Type.Optional(Type.Boolean()),
  reasons: Type.Optional(Type.Array(Type.String())),
});

/** Every shape with a name of its own in the OpenAPI document. */
export const components: readonly (TSchema & { $id: string })[] = [
  UpdateErrorSchema,
  PathSchema,
  PrefixCountsSchema,
  StaleSchema,
  LimitSchema,
  MessageCountsSchema,
  CapabilitySchema,
  PeerSchema,
  StatusSchema,
  ReadySchema,
  RuleSchema,
  CandidateSchema,
  ExplainSchema,
  PathPageSchema,
  PeerPageSchema,
  ConfigProblemSchema,
  DoneSchema,
  ProblemSchema,
];

export const strict = { additionalProperties: false };

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
    Type.String({ minLength: 1, maxLength: 256, description: 'next_cursor of the page before' }),
  ),
};
export const PagingQuery = Type.Object(paging, strict);
export const RoutesQuery = Type.Object(
  {
    ...paging,
    prefix: Type.Optional(Type.String({ maxLength: 80, description: 'CIDR, or an address' })),
    lookup: Type.Optional(oneOf(['exact', 'longest', 'longer', 'shorter'], 'default: exact')),
    peer: Type.Optional(Type.String({ maxLength: 64 })),
    community: Type.Optional(Type.String({ maxLength: 80, description: 'of any kind' })),
    best: Type.Optional(Type.Boolean()),
    family: Type.Optional(family),
  },
  strict,
);
export const ExplainQuery = Type.Object(
  {
    prefix: Type.String({ minLength: 1, maxLength: 80, description: 'CIDR, or an address' }),
    peer: Type.Optional(Type.String({ maxLength: 64, description: 'exports to this one only' })),
  },
  strict,
);
export const ReasonBody = Type.Object(
  {
    reason: Type.Optional(
      Type.String({ maxLength: 255, description: 'told to the peer (RFC 9003)' }),
    ),
  },
  strict,
);
export const RefreshBody = Type.Object(
  { direction: Type.Optional(oneOf(['in', 'out', 'both'], 'default: both')) },
  strict,
);
export const ReloadBody = Type.Object(
  {
    confirm_s: Type.Optional(
      Type.Number({
        minimum: 1,
        maximum: 86_400,
        description: 'seconds after which it goes back unless confirmed',
      }),
    ),
  },
  strict,
);
/** A configuration file's text. */
export const ConfigText = Type.String();
/** The configuration with its own keys, which configuration's own schema describes. */
export const RunningConfig = Type.Unknown();
