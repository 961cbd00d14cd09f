/**
 * Which address belongs to whom on the wire between the two namespaces. Both sides of the bench, the configurations of
 * the daemons and the load generator, take them from here.
 */

export type Family = 'ipv4' | 'ipv6';
export type Role = 'node' | 'router';

/** A speaker of the load generator, numbered from 0 within its role. */
export interface Speaker {
  readonly role: Role;
  readonly index: number;
  readonly name: string;
  readonly as: number;
  readonly routerId: number;
  readonly address: string;
}

export const nodeAs = 65001;
export const routeServerAs = 65002;
export const routerAs = 65003;
export const routeServerId = '9.9.9.9';
export const bgpPort = 179;

export const routeServerAddress: Readonly<Record<Family, string>> = {
  ipv4: '10.0.0.9',
  ipv6: '2001:db8:1::9',
};

/** The length of the one network that all speakers are on. */
export const networkLengthBits: Readonly<Record<Family, number>> = { ipv4: 8, ipv6: 64 };

/** The prefixes that nodes may announce, in BIRD's notation, which is also ours. */
export const allowedPrefixes: Readonly<Record<Family, AllowedPrefixes>> = {
  ipv4: { network: '16.0.0.0/4', fromBits: 22, toBits: 24 },
  ipv6: { network: '2001:db8:30::/64', fromBits: 128, toBits: 128 },
};

export interface AllowedPrefixes {
  readonly network: string;
  readonly fromBits: number;
  readonly toBits: number;
}

export function speaker(family: Family, role: Role, index: number): Speaker {
  const number = index + 1;
  const block = role === 'node' ? 1 : 2;
  return {
    role,
    index,
    name: `${role}${number}`,
    as: role === 'node' ? nodeAs : routerAs,
    routerId: ((block << 24) | (block << 16) | number) >>> 0,
    address:
      family === 'ipv6'
        ? `2001:db8:1::${block}:${number.toString(16)}`
        : `10.${block}.${number >> 8}.${number & 255}`,
  };
}

export function speakers(family: Family, role: Role, count: number): Speaker[] {
  return Array.from({ length: count }, (_, index) => speaker(family, role, index));
}

/** The octets of an address as it is written here: at most one `::`, no dotted tail. */
export function addressOctets(address: string): Uint8Array {
  return address.includes(':') ? ipv6Octets(address) : Uint8Array.from(address.split('.'), Number);
}

function ipv6Octets(address: string): Uint8Array {
  const [head, tail = ''] = address.split('::');
  const octets = new Uint8Array(16);
  const view = new DataView(octets.buffer);
  groups(head).forEach((group, at) => view.setUint16(at * 2, group));
  const last = groups(tail);
  last.forEach((group, at) => view.setUint16(16 - (last.length - at) * 2, group));
  return octets;
}

function groups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}
