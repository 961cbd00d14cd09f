/**
 * The configuration file as one TypeBox schema: types, checks, defaults, editor help and the published JSON
 * Schema all come from here (and from the modules it is made of).
 */
import { type Static, Type } from 'typebox';
import {
  asn,
  closed,
  duration,
  endpoint,
  flag,
  list,
  name,
  notation,
  oneOrMany,
  text,
  whole,
} from '#yaml/schema-values.ts';
import { globalDefaults } from './defaults.ts';
import { bmp } from './schema-bmp.ts';
import { announce, bfd, coherence, decision, history, log, startGate } from './schema-global.ts';
import { control, http } from './schema-http.ts';
import { mrt } from './schema-mrt.ts';
import { peer, peerGroups, peerRange } from './schema-peer.ts';
import { policies } from './schema-policy.ts';
import { rpki } from './schema-rpki.ts';
import { service } from './schema-service.ts';

const includePattern = Type.Union(
  [
    text({
      description:
        'A file name, in which * stands for any characters. At least one file must match.',
    }),
    Type.Object(
      {
        glob: text({ description: 'A file name, in which * stands for any characters.' }),
        optional: Type.Optional(
          flag({ description: 'Whether it is allowed that no file matches.', default: false }),
        ),
      },
      closed,
    ),
  ],
  { errorMessage: 'expected a file, or { glob: "peers.d/*.yaml", optional: true }' },
);
/** Keys that an included file may have too; lists are joined, and names must stay unique. */
const mergeable = {
  policies: Type.Optional(policies),
  peer_groups: Type.Optional(peerGroups),
  peers: Type.Optional(list(peer, { description: 'The peers.' })),
  peer_ranges: Type.Optional(
    list(peerRange, {
      description: 'Ranges of addresses from which passive peers are created on demand.',
    }),
  ),
  services: Type.Optional(
    list(service, {
      description: 'Services and their addresses, whose redundancy is then audited.',
    }),
  ),
};

/** The file given to `--config`. */
export const configSchema = Type.Object(
  {
    router_id: notation('a router id such as 192.0.2.1', {
      description: 'BGP Identifier (RFC 6286).',
    }),
    local_as: asn({ description: 'Our AS.' }),
    listen: Type.Optional(
      oneOrMany(endpoint('Address and port.'), {
        description: 'The addresses on which BGP connections are accepted.',
        default: globalDefaults.listen,
      }),
    ),
    http: Type.Optional(http),
    control: Type.Optional(control),
    state_dir: Type.Optional(
      text({
        description:
          'A directory for state that outlives a restart, such as the peers that were up. Absent: in memory only.',
      }),
    ),
    log: Type.Optional(log),
    include: Type.Optional(
      oneOrMany(includePattern, {
        description:
          'More files, relative to this one; their lists are appended to those of this file.',
      }),
    ),
    ...mergeable,
    start_gate: Type.Optional(startGate),
    ready_max_wait: Type.Optional(
      duration({
        description: 'How long /readyz waits for the peers that were up before the restart.',
        default: globalDefaults.ready_max_wait,
      }),
    ),
    max_paths: Type.Optional(
      whole(1, 0xffff_ffff, {
        description:
          'The maximum number of paths of all peers together. If it is exceeded, the session of the peer that most ' +
          'exceeds its max_prefix_received or, without one, max_prefix is closed (6/8, for a minute): give ' +
          'peers with large tables a limit.',
        default: globalDefaults.max_paths,
      }),
    ),
    user: Type.Optional(
      text({ description: 'The user that the daemon switches to after the ports are bound.' }),
    ),
    history: Type.Optional(history),
    announce: Type.Optional(announce),
    bfd: Type.Optional(bfd),
    bmp: Type.Optional(
      list(bmp, {
        description: 'BMP collectors. The daemon connects to all of them at the same time.',
      }),
    ),
    mrt: Type.Optional(mrt),
    rpki: Type.Optional(rpki),
    decision: Type.Optional(decision),
    siblings: Type.Optional(
      list(name({ description: 'An observer.' }), {
        description:
          'The other route servers that the routers use: peers with `observer: true`, all of which must have sent their routes before a drain counts as effective.',
        default: globalDefaults.siblings,
      }),
    ),
    sole_route_server: Type.Optional(
      flag({
        description: 'Routers use no other route server, so no sibling needs to be observed.',
        default: globalDefaults.sole_route_server,
      }),
    ),
    coherence: Type.Optional(coherence),
  },
  { ...closed, errorMessage: 'expected the keys of a configuration, router_id first' },
);
export type ConfigSource = Static<typeof configSchema>;

/** A file named by `include`. */
export const includedSchema = Type.Object(mergeable, {
  ...closed,
  unknownKeyMessage:
    'an included file has only policies, peer_groups, peers, peer_ranges and services',
  errorMessage: 'expected policies, peer_groups, peers, peer_ranges or services',
});
export type IncludedSource = Static<typeof includedSchema>;
export const mergeableLists = ['peers', 'peer_ranges', 'services'] as const;
export const mergeableMaps = ['policies', 'peer_groups'] as const;
