import type { Clock } from '#clock.ts';
import { isWithoutCarrier } from '#os/carrier.ts';
import { interfaceAddresses } from '#os/interfaces.ts';
import { isInside } from '#policy/prefix-bits.ts';
import { parseAddress } from '#text/address.ts';
import { prefixOf } from '#text/prefix.ts';
import type { Prefix } from '#wire/nlri.ts';

/** How long an answer of the kernel stays valid, because hundreds of nodes may connect at the same moment. */
const goodForMs = 1000;

/** What is asked of the kernel; tests answer themselves. */
const kernel = { interfaceAddresses, isWithoutCarrier };

interface OwnNetwork {
  /** The name of the interface. */
  readonly name: string;
  readonly address: Uint8Array;
  readonly network: Prefix;
}

/**
 * The addresses of this machine, without zones, and the networks that they are in. Those of an interface whose cable is
 * pulled are kept, because its neighbours are no further away.
 */
export class OwnAddresses {
  private readonly clock: Clock;
  private readonly host: typeof kernel;
  private known: readonly OwnNetwork[] = [];
  private knownSinceMs = -Infinity;

  constructor(clock: Clock, host = kernel) {
    this.clock = clock;
    this.host = host;
  }

  list(): Uint8Array[] {
    return this.networks().map(({ address }) => address);
  }

  /** Returns whether the address is in a network of one of our interfaces, so that TTL 1 reaches it. */
  isConnected(address: Uint8Array): boolean {
    const host = prefixOf(address, address.length * 8);
    return this.networks().some(({ network }) => isInside(host, network));
  }

  private networks(): readonly OwnNetwork[] {
    const nowMs = this.clock.monotonic();
    if (nowMs - this.knownSinceMs < goodForMs) return this.known;
    const present = this.host.interfaceAddresses().map(({ name, text, lengthBits }) => {
      const address = parseAddress(text);
      return { name, address, network: prefixOf(address, lengthBits) };
    });
    const names = new Set(present.map(({ name }) => name));
    const silent = this.known.filter(
      ({ name }) => !names.has(name) && this.host.isWithoutCarrier(name),
    );
    this.known = [...present, ...silent];
    this.knownSinceMs = nowMs;
    return this.known;
  }
}
