import type { Config, PeerConfig } from '#config/config.ts';
import { peerWithAddress } from '#config/peer-range.ts';
import { parseZonedAddress } from '#text/address.ts';
import { nearest } from '#text/nearest.ts';
import { parsePrefix } from '#text/prefix.ts';
import { TextError } from '#text/text-error.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { Places } from '#yaml/places.ts';
import { parsedList, type Scope } from '#yaml/scope.ts';
import type { Place } from '#yaml/source.ts';
import type { CasePlace } from './cases.ts';

/** The value by which an expectation says that there must be none. */
export const nothing = 'none';

/**
 * Finds what a case names in the configuration under test. If something is not found, a problem is added to those of
 * the file that was read, and `undefined` is returned.
 */
export class CaseScope {
  /** The values that were read, and their places. */
  readonly read: Scope;
  private readonly config: Config;
  private readonly nodes: ReadonlySet<string>;

  constructor(scope: Scope, config: Config) {
    this.read = scope;
    this.config = config;
    this.nodes = new Set(config.peers.map(({ node }) => node));
  }

  get places(): Places {
    return this.read.places;
  }

  prefixes(source: object, key: string, value: string | readonly string[]): Prefix[] {
    return parsedList(this.read, source, key, value, (text) => parsePrefix(text));
  }

  /** Returns the name of the peer, or `nothing`. */
  peerOrNone(source: object, key: string, name: string): string | undefined {
    return name === nothing ? nothing : this.peer(source, key, name)?.name;
  }

  /** Finds the peer that is the value of a key. */
  peer(source: object, key: string, name: string): PeerConfig | undefined {
    return this.peerAt(this.places.ofValue(source, key), key, name);
  }

  /** Finds a peer by name, otherwise by address, which may be in the range of a peer. */
  peerAt(place: Place, key: string, name: string): PeerConfig | undefined {
    const { peers } = this.config;
    const found = peers.find((peer) => peer.name === name) ?? this.peerWithAddress(name);
    if (found !== undefined) return found;
    const hint = hintOf(
      name,
      peers.map((peer) => peer.name),
    );
    return this.fault(place, `${key}: the configuration has no peer ${name}${hint}`);
  }

  node(source: object, key: string, name: string): string | undefined {
    if (this.nodes.has(name)) return name;
    const place = this.places.ofValue(source, key);
    return this.fault(
      place,
      `${key}: no peer belongs to the node ${name}${hintOf(name, [...this.nodes])}`,
    );
  }

  /** Returns the index of the service in the configuration. */
  service(source: object, name: string): number | undefined {
    const names = this.config.services.map((service) => service.name);
    const index = names.indexOf(name);
    if (index >= 0) return index;
    const place = this.places.ofValue(source, 'service');
    return this.fault(
      place,
      `service: the configuration has no service ${name}${hintOf(name, names)}`,
    );
  }

  /** Adds the problem that a key is missing. */
  missing(source: object, key: string): undefined {
    return this.fault(this.places.ofContainer(source), `${key} is missing`);
  }

  /** Adds a problem. */
  fault(place: Place, message: string): undefined {
    this.read.problems.add(place, message);
  }

  /** Returns the place of a key. */
  ofKey(source: object, key: string): CasePlace {
    return this.placed(this.places.ofKey(source, key));
  }

  placed({ source, offset }: Place): CasePlace {
    return { file: source.file, ...source.position(offset) };
  }

  private peerWithAddress(text: string): PeerConfig | undefined {
    try {
      const { address, zone } = parseZonedAddress(text);
      return peerWithAddress(this.config, address, zone);
    } catch (error) {
      if (error instanceof TextError) return undefined;
      throw error;
    }
  }
}

/** Returns the nearest of what is known, as the end of a message. */
export function hintOf(given: string, known: readonly string[]): string {
  const near = nearest(given, known);
  return near === undefined ? '' : `; did you mean ${near}?`;
}
