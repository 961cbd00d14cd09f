import { hostname, networkInterfaces } from 'node:os';

/** An address of this machine and the length of its network's prefix. */
export interface InterfaceAddress {
  /** The name of the interface. */
  readonly name: string;
  /** As the kernel prints it, without a zone. */
  readonly text: string;
  readonly lengthBits: number;
}

/** Returns the addresses of all interfaces that are up and have a carrier. */
export function interfaceAddresses(): InterfaceAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses.flatMap(({ address, cidr }) => {
      const lengthBits = Number(cidr?.split('/')[1] ?? Number.NaN);
      return Number.isNaN(lengthBits) ? [] : [{ name, text: address, lengthBits }];
    }),
  );
}

/** Returns the current name of this machine, with its domain if the kernel was given one. */
export function hostName(): string {
  return hostname();
}
