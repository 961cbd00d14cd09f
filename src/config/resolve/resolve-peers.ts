import type { Policy } from '#policy/policy.ts';
import {
  formatAddress,
  isHost,
  isIpv4Mapped,
  isLinkLocal,
  isUnspecified,
  mappedText,
  parseZonedAddress,
  type ZonedAddress,
} from '#text/address.ts';
import { nearest } from '#text/nearest.ts';
import { formatPrefix, parsePrefix } from '#text/prefix.ts';
import { TextError } from '#text/text-error.ts';
import { mayBeGiven, parsed, type Scope, withoutAbsent } from '#yaml/scope.ts';
import type { Place } from '#yaml/source.ts';
import type { Config, PeerConfig, PeerRangeConfig } from '../config.ts';
import { rangeOf } from '../peer-range.ts';
import { peerRangeDefaults } from '../schema/defaults.ts';
import type { PeerRangeSource, PeerSource } from '../schema/schema-peer.ts';
import type { SessionSource } from '../schema/schema-session.ts';
import type { ConfigSource } from '../schema/schema.ts';
import { checkSession } from './consistency.ts';
import { Layers } from './layers.ts';
import type { NamedPolicies } from './resolve-policy.ts';
import { resolveSession, type SessionContext } from './resolve-session.ts';
import type { Secret } from './secret.ts';

/**
 * Resolves peers and ranges with their groups. It also reads groups that no peer uses, so that their errors are
 * reported.
 */
export function resolvePeers(
  scope: Scope,
  source: Partial<ConfigSource>,
  policies: readonly Policy[],
): { readonly peers: PeerConfig[]; readonly peerRanges: PeerRangeConfig[] } {
  const resolver = new PeerResolver(scope, source, policies);
  resolver.readGroups();
  const peers = (source.peers ?? []).flatMap((peer) => resolver.peer(peer) ?? []);
  const peerRanges = (source.peer_ranges ?? []).flatMap((range) => resolver.range(range) ?? []);
  resolver.checkNames({ peers, peerRanges });
  return { peers, peerRanges };
}

class PeerResolver {
  private readonly scope: Scope;
  private readonly source: Partial<ConfigSource>;
  private readonly groups: Readonly<Record<string, SessionSource>>;
  private readonly localAs: number;
  private readonly policies: NamedPolicies;
  private readonly names = new Map<string, Claim>();
  private readonly addresses = new Map<string, Claim>();
  private readonly ranges = new Map<string, Place>();
  private readonly linkLocalKeys = new Map<string, { readonly key: Secret | undefined }>();

  constructor(scope: Scope, source: Partial<ConfigSource>, policies: readonly Policy[]) {
    this.scope = scope;
    this.source = source;
    this.groups = source.peer_groups ?? {};
    this.localAs = source.local_as ?? 0;
    this.policies = {
      valid: new Map(policies.map((policy) => [policy.name, policy])),
      mayBeInvalid: (name) => mayBeGiven(scope, source, 'policies', name),
    };
  }

  readGroups(): void {
    for (const [name, group] of Object.entries(this.groups)) {
      const layers = new Layers(this.scope.places, group, undefined);
      resolveSession(this.scope, layers, this.context(name));
    }
  }

  peer(source: PeerSource): PeerConfig | undefined {
    const { scope } = this;
    const zoned = parsed(scope, source, 'address', () => peerAddress(source.address));
    const layers = this.layersOf(source);
    const session = resolveSession(scope, layers, this.context(source.group));
    checkSession(scope, layers, session, zoned?.address);
    if (zoned !== undefined) this.claimAddress(source, zoned, layers);
    if (zoned !== undefined) this.claimKey(source, zoned.address, session.password);
    const zone = withoutAbsent({ interface: session.interface ?? zoned?.zone });
    const addressText = zoned === undefined ? '' : formatAddress(zoned.address, zone.interface);
    const name = source.name ?? addressText;
    if (name !== '') this.claimName(source, name);
    if (zoned === undefined) return undefined;
    const node = layers.values.node ?? name;
    return { ...session, ...zone, name, address: zoned.address, addressText, node };
  }

  range(source: PeerRangeSource): PeerRangeConfig | undefined {
    const { scope } = this;
    const layers = this.layersOf(source);
    const session = resolveSession(scope, layers, this.context(source.group));
    checkSession(scope, layers, session, undefined);
    const prefix = parsed(scope, source, 'range', () => parsePrefix(source.range));
    if (prefix === undefined) return undefined;
    const { lengthBits } = prefix;
    const rangeText = formatPrefix(prefix);
    this.claimRange(source, rangeText, layers);
    return {
      ...session,
      ...withoutAbsent({ node: layers.values.node }),
      passive: true,
      range: { ...prefix, minBits: lengthBits, maxBits: lengthBits },
      rangeText,
      maxPeers: source.max_peers ?? peerRangeDefaults.max_peers,
    };
  }

  private context(group: string | undefined): SessionContext {
    return { group, localAs: this.localAs, policies: this.policies };
  }

  private layersOf(source: PeerSource | PeerRangeSource): Layers {
    const { group } = source;
    const keys =
      group !== undefined && Object.hasOwn(this.groups, group) ? this.groups[group] : undefined;
    if (group !== undefined && keys === undefined) this.missingGroup(source, group);
    return new Layers(this.scope.places, source, keys);
  }

  /** A missing group must not also be reported as missing keys, nor an invalid one as missing. */
  private missingGroup(source: PeerSource | PeerRangeSource, group: string): void {
    const { places, problems } = this.scope;
    places.drop(source, 'peer_as');
    if (mayBeGiven(this.scope, this.source, 'peer_groups', group)) return;
    const near = nearest(group, Object.keys(this.groups));
    const hint = near === undefined ? '' : `; did you mean ${near}?`;
    problems.add(places.ofValue(source, 'group'), `group: there is no peer group ${group}${hint}`);
  }

  private claimAddress(source: PeerSource, zoned: ZonedAddress, layers: Layers): void {
    const { places, problems } = this.scope;
    const interfaceName = layers.values.interface;
    const place = places.ofValue(source, 'address');
    if (isLinkLocal(zoned.address)) this.checkLinkLocal(source, zoned, interfaceName);
    else if (interfaceName !== undefined) {
      problems.add(
        layers.place('interface'),
        'interface: only a link-local address needs one; remove this key',
      );
    }
    const key = formatAddress(zoned.address, zoned.zone ?? interfaceName);
    const taken = this.addresses.get(key);
    if (taken === undefined) this.addresses.set(key, { place, source });
    else
      problems.add(place, `address: ${key} is also the address of the peer ${where(taken.place)}`);
  }

  private checkLinkLocal(
    source: PeerSource,
    zoned: ZonedAddress,
    interfaceName: string | undefined,
  ): void {
    const { places, problems } = this.scope;
    const place = places.ofValue(source, 'address');
    if (zoned.zone === undefined && interfaceName === undefined) {
      problems.add(
        place,
        'address: a link-local address needs an interface; write fe80::1%eth0, or give interface',
      );
    } else if (zoned.zone !== undefined && (interfaceName ?? zoned.zone) !== zoned.zone) {
      problems.add(place, `address: %${zoned.zone} contradicts interface: ${interfaceName}`);
    }
  }

  /** The kernel identifies TCP MD5 keys by address alone, whatever the interface. */
  private claimKey(source: PeerSource, address: Uint8Array, key: Secret | undefined): void {
    if (!isLinkLocal(address)) return;
    const { places, problems } = this.scope;
    const text = formatAddress(address);
    const known = this.linkLocalKeys.get(text);
    if (known === undefined) this.linkLocalKeys.set(text, { key });
    else if (known.key !== key && known.key?.equals(key) !== true) {
      const message = `${text} is also a peer on another interface: both need the same password`;
      problems.add(places.ofValue(source, 'address'), `address: ${message}`);
    }
  }

  private claimRange(source: PeerRangeSource, text: string, layers: Layers): void {
    const { places, problems } = this.scope;
    const place = places.ofValue(source, 'range');
    const taken = this.ranges.get(text);
    if (taken === undefined) this.ranges.set(text, place);
    else problems.add(place, `range: ${text} is also the range ${where(taken)}`);
    const isLinkLocalRange = isLinkLocal(parseZonedAddress(text.split('/')[0]).address);
    if (layers.values.interface !== undefined && !isLinkLocalRange) {
      problems.add(
        layers.place('interface'),
        'interface: only a link-local range needs one; remove this key',
      );
    }
  }

  private claimName(source: PeerSource, name: string): void {
    const { places, problems } = this.scope;
    const place = places.ofValue(source, source.name === undefined ? 'address' : 'name');
    const taken = this.names.get(name);
    if (taken === undefined) this.names.set(name, { place, source });
    else if (source.name !== undefined) {
      problems.add(place, `name: ${name} is already the name of the peer ${where(taken.place)}`);
    }
  }

  /**
   * A peer can be given by name or by address everywhere: the name of one must not be the address of another.
   */
  checkNames(config: Pick<Config, 'peers' | 'peerRanges'>): void {
    for (const [name, { place, source }] of this.names) {
      const other = this.addresses.get(name);
      const isOthers = other !== undefined && other.source !== source;
      if (!isOthers && !isOfRange(config, name)) continue;
      this.scope.problems.add(place, `name: ${name} is the address of another peer`);
    }
  }
}

interface Claim {
  readonly place: Place;
  readonly source: PeerSource;
}

/** Returns whether a peer that is created on demand could have this name. */
function isOfRange(config: Pick<Config, 'peers' | 'peerRanges'>, name: string): boolean {
  try {
    const { address, zone } = parseZonedAddress(name);
    return rangeOf(config, address, zone) !== undefined;
  } catch (error) {
    if (error instanceof TextError) return false;
    throw error;
  }
}

/** Parses an address that a BGP speaker can have. */
function peerAddress(text: string): ZonedAddress {
  const zoned = parseZonedAddress(text);
  const octets = zoned.address;
  if (isUnspecified(octets)) {
    throw new TextError('bad_address', `${text}: the unspecified address cannot be a peer`);
  }
  if (!isHost(octets))
    throw new TextError('bad_address', `${text}: not the address of a single host`);
  if (isIpv4Mapped(octets)) throw new TextError('bad_address', mappedText(text));
  return zoned;
}

function where(place: Place): string {
  return `on line ${place.source.position(place.offset).line} of ${place.source.file}`;
}
