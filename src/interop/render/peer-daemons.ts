/** The daemons that the other side of a session may run. */
export const peerDaemons = ['exabgp', 'bird', 'frr', 'openbgpd', 'gobgp'] as const;
export type PeerDaemon = (typeof peerDaemons)[number];
