import { type Static, Type } from 'typebox';
import { closed, name, namePattern, notation, text, whole } from '#yaml/schema-values.ts';
import { peerRangeDefaults } from './defaults.ts';
import { sessionKeys } from './schema-session.ts';

export const peerGroups = Type.Record(
  Type.String({ pattern: namePattern }),
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

const group = Type.Optional(text({ description: 'The peer group whose keys the peer inherits.' }));

export const peer = Type.Object(
  {
    name: Type.Optional(name({ description: 'A unique name. Absent: the address.' })),
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
    range: notation('a prefix', {
      description: 'A connection from an address in this range creates a passive peer.',
    }),
    max_peers: Type.Optional(
      whole(1, 100_000, {
        description: 'The maximum number of peers that exist at the same time.',
        default: peerRangeDefaults.max_peers,
      }),
    ),
    group,
    ...sessionKeys,
  },
  {
    ...closed,
    description: 'Peers that are created on demand.',
    errorMessage: 'expected { range: …, group: … }',
  },
);

export type PeerSource = Static<typeof peer>;
export type PeerRangeSource = Static<typeof peerRange>;
