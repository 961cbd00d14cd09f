/** The daemons whose configuration can be imported; Quagga's has the syntax of FRR's. */
export const importedFrom = ['bird', 'frr'] as const;
export type ImportedFrom = (typeof importedFrom)[number];
