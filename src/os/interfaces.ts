import { hostname, networkInterfaces } from 'node:os';

/** An address of this machine and the length of its network's prefix. */
export interface InterfaceAddress {
  /** As the kernel prints it, without a zone. */
  readonly text: string;
  readonly lengthBits: number;
}

/** The addresses of all interfaces as they are now. */
export function interfaceAddresses(): InterfaceAddress[] {
  const rows = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return rows.flatMap(({ address, cidr }) => {
    const lengthBits = Number(cidr?.split('/')[1] ?? Number.NaN);
    return Number.isNaN(lengthBits) ? [] : [{ text: address, lengthBits }];
  });
}

/** The name of this machine as it is now, with its domain if the kernel was given one. */
export function hostName(): string {
  return hostname();
}
