/**
 * Returns whom an address is counted for: an IPv4 address for itself, whichever socket it came through; an IPv6 address
 * for its /64, of which one host may use as many addresses as it likes.
 */
export function remoteHost(address: string): string {
  const [plain] = address.split('%');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1];
  if (mapped !== undefined || !plain.includes(':')) return mapped ?? plain;
  const [before, after = ''] = plain.split('::');
  const head = before.split(':').filter((group) => group !== '');
  const tail = after.split(':').filter((group) => group !== '');
  const zeros = Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => '0');
  const groups = [...head, ...zeros, ...tail].slice(0, 4);
  return `${groups.map((group) => group.toLowerCase()).join(':')}::/64`;
}
