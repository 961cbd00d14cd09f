import { Type } from 'typebox';
import type { Static, TSchema } from 'typebox';
import { prefixPattern } from './schema-policy.ts';
import {
  asn,
  duration,
  flag,
  list,
  name,
  notation,
  oneOrMany,
  text,
  whole,
  word,
} from './schema-values.ts';

/** The defaults of a peer: the only place where they stand. */
export const peerDefaults = {
  port: 179,
  passive: false,
  enabled: true,
  shadow: false,
  observer: false,
  hold_time: 90,
  min_hold_time: 3,
  connect_retry: '5s',
  idle_hold: '5s',
  gtsm: false,
  families: ['ipv4_unicast', 'ipv6_unicast'],
  import: 'none',
  export: 'none',
  med: { missing: 'zero' },
  accept_next_hop: 'peer',
  enforce_first_as: true,
  allow_as_sets: false,
  communities: 'pass',
  add_path: 'off',
  graceful_restart: 'notify_only',
  graceful_shutdown: 'honour',
  rs_client: true,
  bfd: false,
} as const;

export const limitDefaults = {
  accepted: { action: 'block', restart_after: '60s' },
  received: { action: 'restart', restart_after: '60s' },
} as const;

export const gracefulRestartDefaults = {
  helper: true,
  restarter: false,
  restart_time: '120s',
  eor_grace: '5s',
} as const;

export const bfdDefaults = { interval: '300ms', multiplier: 3 } as const;
export const peerRangeDefaults = { max_peers: 100 } as const;

function limit(defaults: { readonly action: string; readonly restart_after: string }) {
  return Type.Object(
    {
      limit: whole(1, 0xffff_ffff, { description: 'How many prefixes of a family.' }),
      action: Type.Optional(
        word(['block', 'warning', 'restart', 'shutdown'], {
          description:
            'block keeps the session and refuses the surplus; warning only tells; restart closes ' +
            'the session with Cease 6/1 and takes the peer back; shutdown waits for an operator.',
          default: defaults.action,
        }),
      ),
      restart_after: Type.Optional(
        duration({
          description: 'How long the session stays down after restart.',
          default: defaults.restart_after,
        }),
      ),
    },
    {
      additionalProperties: false,
      description: 'A limit of each family.',
      errorMessage: 'expected a limit as { limit: 10, action: block }',
    },
  );
}

function limits(one: ReturnType<typeof limit>, description: string) {
  return Type.Union(
    [
      one,
      Type.Object(
        { ipv4_unicast: Type.Optional(one), ipv6_unicast: Type.Optional(one) },
        { additionalProperties: false, description: 'A limit for each family.' },
      ),
    ],
    { description, errorMessage: 'expected a limit as { limit: 10, action: block }' },
  );
}

const policyChoice = (description: string, fallback: string) =>
  oneOrMany(notation('none, all, the name of a policy', { description: 'A policy.' }), {
    description,
    default: fallback,
  });

const peerAs = Type.Union(
  [
    asn({ description: 'An AS.' }),
    word(['any'], { description: 'Every AS.' }),
    list(asn({ description: 'An AS.' }), { description: 'These ASes.' }),
  ],
  {
    description: 'The AS of the peer: a number, a list of them, or any.',
    errorMessage: 'expected an AS number, a list of AS numbers or any',
  },
);

const gracefulRestart = Type.Union(
  [
    word(['notify_only', 'off'], { description: 'notify_only: capability 64 without families.' }),
    Type.Object(
      {
        helper: Type.Optional(
          flag({
            description: 'Keep the routes of a peer that restarts.',
            default: gracefulRestartDefaults.helper,
          }),
        ),
        restarter: Type.Optional(
          flag({
            description: 'Ask peers to keep our routes while we restart.',
            default: gracefulRestartDefaults.restarter,
          }),
        ),
        restart_time: Type.Optional(
          duration({
            description: 'The restart time announced.',
            default: gracefulRestartDefaults.restart_time,
          }),
        ),
        long_lived: Type.Optional(
          duration({ description: 'Long-lived stale time (RFC 9494). Absent: not announced.' }),
        ),
        eor_grace: Type.Optional(
          duration({
            description: 'How long stale routes stay after an End-of-RIB that came before routes.',
            default: gracefulRestartDefaults.eor_grace,
          }),
        ),
      },
      { additionalProperties: false, description: 'Graceful restart with our families.' },
    ),
  ],
  {
    description: 'RFC 4724. A route server that keeps the routes of a dead node attracts traffic.',
    default: peerDefaults.graceful_restart,
    errorMessage: 'expected notify_only, off or { helper, restarter, restart_time, … }',
  },
);

const bfd = Type.Union(
  [
    Type.Boolean(),
    Type.Object(
      {
        interval: Type.Optional(
          duration({ description: 'Between two packets.', default: bfdDefaults.interval }),
        ),
        multiplier: Type.Optional(
          whole(1, 255, {
            description: 'Packets missed until the peer is down.',
            default: bfdDefaults.multiplier,
          }),
        ),
      },
      { additionalProperties: false, description: 'BFD with these timers.' },
    ),
  ],
  {
    description: 'Bidirectional Forwarding Detection (RFC 5880).',
    default: peerDefaults.bfd,
    errorMessage: 'expected true, false or { interval, multiplier }',
  },
);

const med = Type.Object(
  {
    missing: Type.Optional(
      Type.Union(
        [
          word(['zero', 'reject'], { description: 'Counts as 0, or is refused.' }),
          whole(0, 0xffff_ffff, { description: 'Written into the route.' }),
        ],
        {
          description: 'A route without MED: zero, reject, or a number that is written into it.',
          default: peerDefaults.med.missing,
          errorMessage: 'expected zero, reject or a number',
        },
      ),
    ),
  },
  {
    additionalProperties: false,
    description: 'MULTI_EXIT_DISC on import.',
    default: peerDefaults.med,
    errorMessage: 'expected { missing: zero }',
  },
);

const acceptNextHop = Type.Union(
  [
    word(['peer', 'any'], { description: 'peer or any.' }),
    list(prefixPattern, { description: 'Prefixes.' }),
  ],
  {
    description:
      'Next hops that are accepted: peer is the address of the peer itself; a list names ' +
      'networks, and an address anywhere in one of them is accepted.',
    default: peerDefaults.accept_next_hop,
    errorMessage: 'expected peer, any or a list of prefixes',
  },
);

const keys = {
  description: text({ description: 'Free text, shown beside the name.' }),
  port: whole(1, 65535, {
    description: 'Where we connect to; a call from the peer is matched by address.',
    default: peerDefaults.port,
  }),
  peer_as: peerAs,
  local_as: asn({ description: 'Our AS toward this peer. Absent: the global local_as.' }),
  local_address: notation('an IPv4 or IPv6 address', {
    description: 'Our address toward this peer.',
  }),
  interface: text({ description: 'The interface of a peer with a link-local address.' }),
  passive: flag({
    description: 'Wait for the peer to call (ExaBGP does not listen).',
    default: peerDefaults.passive,
  }),
  enabled: flag({ description: 'false: no session.', default: peerDefaults.enabled }),
  shadow: flag({
    description: 'Session up, everything computed and shown, nothing advertised.',
    default: peerDefaults.shadow,
  }),
  observer: flag({
    description: 'A sibling route server: its routes are compared and never used.',
    default: peerDefaults.observer,
  }),
  hold_time: duration({
    description: 'Hold time in whole seconds: 0 or at least 3; the smaller of both sides counts.',
    default: peerDefaults.hold_time,
  }),
  keepalive: duration({
    description: 'Between two KEEPALIVEs. Absent: a third of the negotiated hold time.',
  }),
  min_hold_time: duration({
    description:
      'An offer below is refused with 2/6; an offered 0 too, unless this or hold_time is 0.',
    default: peerDefaults.min_hold_time,
  }),
  connect_retry: duration({
    description: 'How long a connection attempt may take.',
    default: peerDefaults.connect_retry,
  }),
  idle_hold: duration({
    description: 'Before we dial again after a failure; doubles up to 60 s.',
    default: peerDefaults.idle_hold,
  }),
  send_hold_time: duration({
    description:
      'A peer that takes nothing for so long is dropped (RFC 9687). ' +
      'Absent: 480 s, or twice hold_time if that is more. 0: never.',
  }),
  multihop: whole(1, 255, {
    description: 'The TTL sent. Absent: 1 to a peer on a connected network, else 64.',
  }),
  gtsm: flag({
    description: 'RFC 5082: send TTL 255 and require at least 256 - multihop.',
    default: peerDefaults.gtsm,
  }),
  password: Type.String({
    minLength: 1,
    maxLength: 80,
    description: 'TCP MD5 key (RFC 2385). Better in a file: password_file.',
    errorMessage: 'expected a text of 1 to 80 characters',
  }),
  password_file: text({ description: 'A file whose first line is the TCP MD5 key.' }),
  password_env: text({ description: 'An environment variable that holds the TCP MD5 key.' }),
  families: Type.Array(
    word(['ipv4_unicast', 'ipv6_unicast'], { description: 'An address family.' }),
    {
      minItems: 1,
      uniqueItems: true,
      description: 'The address families offered.',
      default: peerDefaults.families,
      errorMessage: 'expected a list of ipv4_unicast and ipv6_unicast',
    },
  ),
  import: policyChoice('What is accepted from the peer (RFC 8212).', peerDefaults.import),
  export: policyChoice('What the peer may be sent (RFC 8212).', peerDefaults.export),
  max_prefix: limits(
    limit(limitDefaults.accepted),
    'How many prefixes of a family are accepted from the peer.',
  ),
  max_prefix_received: limits(
    limit(limitDefaults.received),
    'How many prefixes of a family the peer may send, accepted or not.',
  ),
  med,
  accept_next_hop: acceptNextHop,
  enforce_first_as: flag({
    description: 'Refuse a route whose first AS is not the AS of the peer.',
    default: peerDefaults.enforce_first_as,
  }),
  allow_as_sets: flag({
    description: 'Accept AS_SET in AS_PATH (RFC 9774 says not to).',
    default: peerDefaults.allow_as_sets,
  }),
  communities: word(['pass', 'interpret_well_known'], {
    description: 'interpret_well_known acts on NO_EXPORT and the like; pass hands them on.',
    default: peerDefaults.communities,
  }),
  add_path: word(['off', 'receive', 'send', 'both'], {
    description: 'Several paths for a prefix (RFC 7911).',
    default: peerDefaults.add_path,
  }),
  graceful_restart: gracefulRestart,
  graceful_shutdown: word(['honour', 'ignore'], {
    description: 'What the community 65535:0 does (RFC 8326).',
    default: peerDefaults.graceful_shutdown,
  }),
  role: word(['provider', 'rs', 'rs_client', 'customer', 'peer'], {
    description: 'Our role toward the peer (RFC 9234).',
  }),
  rs_client: flag({
    description: 'true: transparent (RFC 7947); false: own AS prepended, next hop self, no MED.',
    default: peerDefaults.rs_client,
  }),
  bfd,
  node: name({ description: 'The node that the peer is, for services. Absent: its name.' }),
  site: name({ description: 'The site of the node.' }),
  rack: name({ description: 'The rack of the node.' }),
};

/** Every key optional: a group gives some, the peer others; load checks that nothing needed is missing. */
function optional<Keys extends Record<string, TSchema>>(schemas: Keys) {
  return Type.Partial(Type.Object(schemas)).properties;
}

/** The keys that peers, groups and ranges share, each optional. */
export const sessionKeys = optional(keys);
const closed = { additionalProperties: false } as const;

export const peerGroups = Type.Record(
  Type.String({ pattern: '^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,63}$' }),
  Type.Object(sessionKeys, {
    ...closed,
    description: 'Keys that the peers of the group inherit and may override.',
    errorMessage: 'expected the keys of a peer group',
  }),
  {
    ...closed,
    description: 'Peer groups by name.',
    errorMessage: 'expected peer groups by name',
    nameMessage: 'expected a group name: letters, digits and _ . : -',
  },
);

const group = Type.Optional(text({ description: 'The peer group whose keys are inherited.' }));

export const peer = Type.Object(
  {
    name: Type.Optional(name({ description: 'Unique. Absent: the address.' })),
    address: notation('an IPv4 or IPv6 address', {
      description: 'The address of the peer; fe80::1%eth0 for a link-local one.',
    }),
    group,
    ...sessionKeys,
  },
  {
    ...closed,
    description: 'A peer.',
    errorMessage: 'expected a peer as { name: W1, address: … }',
  },
);

export const peerRange = Type.Object(
  {
    range: notation('a prefix', { description: 'Calls from this range make a passive peer.' }),
    max_peers: Type.Optional(
      whole(1, 100_000, {
        description: 'How many peers at the same time.',
        default: peerRangeDefaults.max_peers,
      }),
    ),
    group,
    ...sessionKeys,
  },
  { ...closed, description: 'Peers on demand.', errorMessage: 'expected { range: …, group: … }' },
);

const session = Type.Object(sessionKeys);
export type SessionSource = Static<typeof session>;
export type PeerSource = Static<typeof peer>;
export type PeerRangeSource = Static<typeof peerRange>;
export type LimitSource = Static<ReturnType<typeof limit>>;
