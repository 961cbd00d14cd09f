/** The daemons that a second route server may run. */
export const siblingDaemons = ['bird', 'bird1.6', 'frr'] as const;
export type SiblingDaemon = (typeof siblingDaemons)[number];
