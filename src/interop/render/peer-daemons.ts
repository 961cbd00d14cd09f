/** The daemons that the other side of a session may run. */
export const peerDaemons = ['exabgp', 'bird', 'bird1.6', 'frr', 'openbgpd', 'gobgp'] as const;
export type PeerDaemon = (typeof peerDaemons)[number];
