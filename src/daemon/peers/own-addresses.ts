import type { Clock } from '#clock.ts';
import { interfaceAddresses } from '#os/interfaces.ts';
import { isInside } from '#policy/prefix-bits.ts';
import { parseAddress } from '#text/address.ts';
import { prefixOf } from '#text/prefix.ts';
import type { Prefix } from '#wire/nlri.ts';

/** How long an answer of the kernel is good: hundreds of nodes may connect in the same moment. */
const goodForMs = 1000;

interface OwnNetwork {
  readonly address: Uint8Array;
  readonly network: Prefix;
}

/** The addresses of this machine, without zones, and the networks that they are in. */
export class OwnAddresses {
  private readonly clock: Clock;
  private known: readonly OwnNetwork[] = [];
  private knownSinceMs = -Infinity;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  list(): Uint8Array[] {
    return this.networks().map(({ address }) => address);
  }

  /** Whether the address is in a network of one of our interfaces, so that TTL 1 reaches it. */
  isConnected(address: Uint8Array): boolean {
    const host = prefixOf(address, address.length * 8);
    return this.networks().some(({ network }) => isInside(host, network));
  }

  private networks(): readonly OwnNetwork[] {
    const nowMs = this.clock.monotonic();
    if (nowMs - this.knownSinceMs < goodForMs) return this.known;
    this.known = interfaceAddresses().map(({ text, lengthBits }) => {
      const address = parseAddress(text);
      return { address, network: prefixOf(address, lengthBits) };
    });
    this.knownSinceMs = nowMs;
    return this.known;
  }
}
