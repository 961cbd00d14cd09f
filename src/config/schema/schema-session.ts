import { familyNames } from '#wire/constants.ts';
import { Type } from 'typebox';
import type { Static, TSchema } from 'typebox';
import { limitDefaults, peerDefaults } from './defaults.ts';
import {
  acceptNextHop,
  bfd,
  gracefulRestart,
  limit,
  limits,
  med,
  peerAs,
  policyChoice,
} from './schema-session-values.ts';
import {
  asn,
  duration,
  durationOrNever,
  flag,
  name,
  notation,
  shortDuration,
  size,
  text,
  whole,
  word,
} from './schema-values.ts';

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
  hold_time: durationOrNever({
    description: 'Hold time in whole seconds: 0 or at least 3; the smaller of both sides counts.',
    default: peerDefaults.hold_time,
  }),
  keepalive: duration({
    description: 'Between two KEEPALIVEs. Absent: a third of the negotiated hold time.',
  }),
  min_hold_time: durationOrNever({
    description:
      'An offer below is refused with 2/6; an offered 0 too, unless this or hold_time is 0.',
    default: peerDefaults.min_hold_time,
  }),
  connect_retry: shortDuration('100ms', {
    description: 'How long a connection attempt may take.',
    default: peerDefaults.connect_retry,
  }),
  idle_hold: shortDuration('100ms', {
    description: 'Before we dial again after a failure; doubles up to 60 s.',
    default: peerDefaults.idle_hold,
  }),
  send_hold_time: durationOrNever({
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
  families: Type.Array(word([...familyNames], { description: 'An address family.' }), {
    minItems: 1,
    uniqueItems: true,
    description: 'The address families offered.',
    default: peerDefaults.families,
    errorMessage: 'expected a list of ipv4_unicast and ipv6_unicast',
  }),
  import: policyChoice('What is accepted from the peer (RFC 8212).', peerDefaults.import),
  export: policyChoice('What the peer may be sent (RFC 8212).', peerDefaults.export),
  max_prefix: limits(
    limit(limitDefaults.accepted),
    'How many prefixes of a family are accepted from the peer.',
  ),
  max_prefix_received: limits(
    limit(limitDefaults.received),
    'How many prefixes of a family the peer may send, accepted or not. ' +
      'Absent: ten times max_prefix and at least 1000, action restart; without max_prefix no limit.',
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
  max_paths_per_prefix: whole(1, 65535, {
    description: 'How many paths of a prefix are accepted from a peer that may send several.',
    default: peerDefaults.max_paths_per_prefix,
  }),
  max_attribute_bytes: size({
    description:
      'How many bytes the attributes of its routes may have, equal ones counted once; more end the ' +
      'session (6/8) for a minute. 0: any number.',
    default: peerDefaults.max_attribute_bytes,
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

const session = Type.Object(sessionKeys);
export type SessionSource = Static<typeof session>;
