import { readdirSync, readFileSync } from 'node:fs';

const folder = '/sys/class/net';

/** Returns the interfaces, except loopback, that have a carrier now. */
export function interfacesWithCarrier(): Set<string> {
  return new Set(interfaces().filter(hasCarrier));
}

/** Returns whether there is such an interface and its cable is unplugged or it is switched off. */
export function isWithoutCarrier(name: string): boolean {
  return interfaces().includes(name) && !hasCarrier(name);
}

function interfaces(): string[] {
  try {
    return readdirSync(folder).filter((name) => name !== 'lo');
  } catch {
    return [];
  }
}

/** Reading the file fails while the interface is switched off. */
function hasCarrier(name: string): boolean {
  try {
    return readFileSync(`${folder}/${name}/carrier`, 'latin1').startsWith('1');
  } catch {
    return false;
  }
}
