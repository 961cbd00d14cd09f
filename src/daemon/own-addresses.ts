import { interfaceAddresses } from '../net/interfaces.ts';
import { parseAddress, prefixOf } from '../text.ts';

/** The addresses of this machine, without zones; read anew at each call. */
export function ownAddresses(): Uint8Array[] {
  return interfaceAddresses().map(({ text }) => parseAddress(text));
}

/** Whether the address is in a network of one of our interfaces, so that TTL 1 reaches it. */
export function isConnected(address: Uint8Array): boolean {
  return interfaceAddresses().some(({ text, lengthBits }) => {
    const own = parseAddress(text);
    if (own.length !== address.length) return false;
    const network = prefixOf(own, lengthBits);
    const theirs = prefixOf(address, lengthBits);
    return (
      network.word0 === theirs.word0 &&
      network.word1 === theirs.word1 &&
      network.word2 === theirs.word2 &&
      network.word3 === theirs.word3
    );
  });
}
