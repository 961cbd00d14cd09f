import { type Static, type TSchema, Type } from 'typebox';
import { familyNames } from '#wire/constants.ts';
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
} from '#yaml/schema-values.ts';
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

const keys = {
  description: text({ description: 'Free text that is shown beside the name.' }),
  port: whole(1, 65535, {
    description: 'The TCP port to connect to. Incoming connections are matched by address only.',
    default: peerDefaults.port,
  }),
  peer_as: peerAs,
  local_as: asn({
    description: 'The AS number that we use with this peer. Absent: the global local_as.',
  }),
  local_address: notation('an IPv4 or IPv6 address', {
    description: 'The address that we use with this peer.',
  }),
  interface: text({ description: 'The interface of a peer with a link-local address.' }),
  passive: flag({
    description: 'Wait for the peer to connect (ExaBGP does not listen).',
    default: peerDefaults.passive,
  }),
  enabled: flag({ description: 'false keeps the session down.', default: peerDefaults.enabled }),
  shadow: flag({
    description:
      'The session comes up and everything is computed and shown, but nothing is advertised.',
    default: peerDefaults.shadow,
  }),
  observer: flag({
    description:
      'The peer is another route server; its routes are compared with ours and never used.',
    default: peerDefaults.observer,
  }),
  observe: flag({
    description:
      'The peer is a router that exports its best routes to us; they are compared with what it was sent, and never used.',
    default: peerDefaults.observe,
  }),
  next_hops: Type.Array(notation('an IPv4 or IPv6 address', { description: 'An address.' }), {
    description:
      'Further addresses of the node that its routes may have as next hop. The address of the peer is always one of them.',
    errorMessage: 'expected a list of addresses',
  }),
  send_graceful_shutdown: flag({
    description:
      'Before `shutdown --graceful` ends the session, all routes are sent once more with the community GRACEFUL_SHUTDOWN (RFC 8326).',
    default: peerDefaults.send_graceful_shutdown,
  }),
  hold_time: durationOrNever({
    description:
      'The hold time in whole seconds, 0 or at least 3. The smaller value of both sides is used.',
    default: peerDefaults.hold_time,
  }),
  keepalive: duration({
    description:
      'The time between two KEEPALIVE messages. Absent: a third of the negotiated hold time.',
  }),
  min_hold_time: durationOrNever({
    description:
      'A lower hold time offered by the peer is refused with 2/6, and so is 0 unless this key or hold_time is 0.',
    default: peerDefaults.min_hold_time,
  }),
  connect_retry: shortDuration('100ms', {
    description: 'How long a connection attempt may take.',
    default: peerDefaults.connect_retry,
  }),
  idle_hold: shortDuration('100ms', {
    description:
      'The wait before the next connection attempt after a failure; it doubles up to 60 s.',
    default: peerDefaults.idle_hold,
  }),
  send_hold_time: durationOrNever({
    description:
      'The session is closed if the peer accepts no data for this long (RFC 9687). ' +
      'Absent: 480 s, or twice hold_time if that is more. 0: never.',
  }),
  refresh_stale_time: duration({
    description:
      'The longest time between the BoRR and the EoRR of a route refresh; what the peer has not announced again ' +
      'by then is removed (RFC 7313).',
    default: peerDefaults.refresh_stale_time,
  }),
  multihop: whole(1, 255, {
    description:
      'The TTL of packets that are sent. Absent: 1 for a peer on a connected network, otherwise 64.',
  }),
  gtsm: flag({
    description: 'GTSM (RFC 5082): send TTL 255 and require at least 256 - multihop.',
    default: peerDefaults.gtsm,
  }),
  password: Type.String({
    minLength: 1,
    maxLength: 80,
    description: 'The TCP MD5 key (RFC 2385). Prefer password_file.',
    errorMessage: 'expected a text of 1 to 80 characters',
  }),
  password_file: text({ description: 'A file whose first line is the TCP MD5 key.' }),
  password_env: text({ description: 'An environment variable that holds the TCP MD5 key.' }),
  families: Type.Array(word([...familyNames], { description: 'An address family.' }), {
    minItems: 1,
    uniqueItems: true,
    description: 'The address families that are offered to the peer.',
    default: peerDefaults.families,
    errorMessage: 'expected a list of ipv4_unicast and ipv6_unicast',
  }),
  import: policyChoice('Which routes are accepted from the peer (RFC 8212).', peerDefaults.import),
  export: policyChoice('Which routes may be sent to the peer (RFC 8212).', peerDefaults.export),
  max_prefix: limits(
    limit(limitDefaults.accepted),
    'The maximum number of prefixes of a family that are accepted from the peer.',
  ),
  max_prefix_received: limits(
    limit(limitDefaults.received),
    'The maximum number of prefixes of a family that the peer may send, accepted or not. ' +
      'Absent: ten times max_prefix and at least 1000, action restart; without max_prefix no limit, but 100000 for an observer.',
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
    description:
      'interpret_well_known obeys well-known communities such as NO_EXPORT; pass only forwards them.',
    default: peerDefaults.communities,
  }),
  add_path: word(['off', 'receive', 'send', 'both'], {
    description: 'Several paths for a prefix (RFC 7911).',
    default: peerDefaults.add_path,
  }),
  max_paths_per_prefix: whole(1, 65535, {
    description:
      'The maximum number of paths of a prefix that are accepted from a peer that may send several.',
    default: peerDefaults.max_paths_per_prefix,
  }),
  max_attribute_bytes: size({
    description:
      'The maximum number of bytes in the attributes of its routes, equal ones counted once. More end the ' +
      'session (6/8) for a minute. 0: any number.',
    default: peerDefaults.max_attribute_bytes,
  }),
  graceful_restart: gracefulRestart,
  graceful_shutdown: word(['honour', 'ignore'], {
    description: 'How the community GRACEFUL_SHUTDOWN (65535:0) is treated (RFC 8326).',
    default: peerDefaults.graceful_shutdown,
  }),
  role: word(['provider', 'rs', 'rs_client', 'customer', 'peer'], {
    description: 'Our BGP role in the session with the peer (RFC 9234).',
  }),
  role_strict: flag({
    description:
      'Whether a peer that names no role is refused with 2/11 (RFC 9234, strict mode); needs `role`.',
    default: peerDefaults.role_strict,
  }),
  rs_client: flag({
    description:
      'true: routes are forwarded transparently (RFC 7947); false: our AS is prepended, the next hop is our address, and MED is removed.',
    default: peerDefaults.rs_client,
  }),
  blackhole: flag({
    description:
      'Whether routes that an export rule makes a blackhole (`set: { blackhole: … }`, RFC 7999) are sent to the peer; otherwise they are withheld from it.',
    default: peerDefaults.blackhole,
  }),
  bfd,
  node: name({
    description:
      'The node that the peer belongs to, used for services. Absent: the name of the peer.',
  }),
  site: name({ description: 'The site of the node.' }),
  rack: name({ description: 'The rack of the node.' }),
};

/**
 * Makes every key optional: a group gives some, the peer others; loading checks that no required key is
 * missing.
 */
function optional<Keys extends Record<string, TSchema>>(schemas: Keys) {
  return Type.Partial(Type.Object(schemas)).properties;
}

/** The keys that peers, groups and ranges share, each optional. */
export const sessionKeys = optional(keys);

const session = Type.Object(sessionKeys);
export type SessionSource = Static<typeof session>;
