import type { Config, PeerConfig } from '#config/config.ts';
import type { PrefixPattern } from '#policy/patterns.ts';
import { formatAddress } from '#text/address.ts';
import { formatPrefix, formatPrefixPattern } from '#text/prefix.ts';

/** The session as the other side must configure it: `their` names the values of the other side. */
export interface RenderTarget {
  /** The name of the peer in our configuration. */
  readonly name: string;
  readonly ourAddress: string;
  readonly ourAs: number;
  readonly ourPort: number;
  readonly theirAddress: string;
  /** The family of the addresses of the session, and so of the next hops that it can name. */
  readonly theirFamily: RenderFamily;
  readonly theirAs: number;
  readonly theirRouterId: string;
  /** Seconds; the hold time that we configured for this peer. */
  readonly holdTimeSec: number;
  readonly families: readonly RenderFamily[];
  /** Whether we accept routes from it: a node, or a member of an exchange. */
  readonly announces: boolean;
  /** Whether we send it routes: a router, or a member of an exchange. */
  readonly listens: boolean;
  /** Whether it sends us its best routes, which name the next hop that it uses: an observed router. */
  readonly showsBest: boolean;
  /** Whether we never dial it. */
  readonly weArePassive: boolean;
  /** The number of hops between us; absent on a common network. */
  readonly multihop?: number;
  readonly gtsm: boolean;
  /** Absent: no BFD. */
  readonly bfd?: RenderedBfd;
  /** Whether a TCP MD5 key is configured; the key itself is never rendered. */
  readonly hasPassword: boolean;
  readonly addPathToThem: boolean;
  /**
   * Those of the session's own family: for the others the node would have to name a next hop that is not known here.
   */
  readonly addressesToAnnounce: readonly Announced[];
}

/** The timers of the other side that agree with ours. */
export interface RenderedBfd {
  /** How often it may send, in milliseconds: how often we are ready to receive. */
  readonly txMs: number;
  readonly rxMs: number;
  readonly multiplier: number;
}

export type RenderFamily = 'ipv4' | 'ipv6';

/** A service address, and the MED that this node should announce while it is healthy. */
export interface Announced {
  readonly prefix: string;
  readonly med: number;
}

/** A peer cannot be rendered; the message says what is missing and where to add it. */
export class RenderError extends Error {}

/** Reads from the configuration everything that the other side of the session must know. */
export function renderTarget(config: Config, peer: PeerConfig): RenderTarget {
  const family: RenderFamily = peer.address.length === 4 ? 'ipv4' : 'ipv6';
  return {
    name: peer.name,
    ...ourSide(config, peer, family),
    theirAddress: peer.addressText,
    theirFamily: family,
    theirAs: theirAs(peer),
    theirRouterId: routerIdFor(peer.address),
    holdTimeSec: peer.holdTimeSec,
    families: peer.families.map((each) => (each === 0 ? 'ipv4' : 'ipv6')),
    announces: peer.import !== 'none',
    listens: peer.export !== 'none',
    showsBest: peer.observe,
    weArePassive: peer.passive,
    ...(peer.multihop !== undefined && { multihop: peer.multihop }),
    gtsm: peer.gtsm,
    ...(peer.bfd !== undefined && { bfd: bfdOf(peer.bfd, peer.multihop) }),
    hasPassword: peer.password !== undefined,
    addPathToThem: peer.addPath.send,
    addressesToAnnounce: peer.import === 'none' ? [] : announcedBy(config, peer, family),
  };
}

function bfdOf(
  { singleHop, multihop }: NonNullable<PeerConfig['bfd']>,
  hops: number | undefined,
): RenderedBfd {
  const { minTxMs, minRxMs, multiplier } = hops === undefined || hops === 1 ? singleHop : multihop;
  return { txMs: minRxMs, rxMs: minTxMs, multiplier };
}

function ourSide(config: Config, peer: PeerConfig, family: RenderFamily) {
  const bytes = family === 'ipv4' ? 4 : 16;
  const listen = config.listen.find(({ address }) => address.length === bytes);
  const given = peer.localAddress ?? listen?.address;
  if (given === undefined || given.every((byte) => byte === 0)) {
    throw new RenderError(
      `${peer.name}: the configuration does not say which address of ours the peer connects to; ` +
        `give \`listen\` an ${family === 'ipv4' ? 'IPv4' : 'IPv6'} address, or the peer a local_address`,
    );
  }
  return { ourAddress: formatAddress(given), ourAs: peer.localAs, ourPort: listen?.port ?? 179 };
}

function theirAs({ name, peerAs }: PeerConfig): number {
  const as = peerAs.kind === 'list' ? peerAs.asns[0] : undefined;
  if (as === undefined) {
    throw new RenderError(`${name}: peer_as is any, so the AS of the other side is not known`);
  }
  return as;
}

/**
 * Returns a BGP Identifier to begin with: an IPv4 address itself; for an IPv6 address 10.0 and its last two
 * octets, which differ among the hosts of a network.
 */
function routerIdFor(address: Uint8Array): string {
  if (address.length === 4) return formatAddress(address);
  return `10.0.${address[14]}.${address[15] || 1}`;
}

const firstMed = 100;

/**
 * Returns the addresses of all services that have this family, those at home on the peer's node first: the k-th has
 * MED 100 + k, as ExaBGP's health check counts. Addresses that only a pattern names are not known here.
 */
function announcedBy(
  { services }: Config,
  { node }: PeerConfig,
  family: RenderFamily,
): readonly Announced[] {
  const addresses = services
    .flatMap(({ prefixes, home }) => [
      ...home,
      ...prefixes
        .filter((pattern) => isOneAddress(pattern))
        .map((pattern) => ({ prefix: formatPrefix(pattern), node: undefined }))
        .filter(({ prefix }) => !home.some((row) => row.prefix === prefix)),
    ])
    .filter(({ prefix }) => familyOf(prefix) === family);
  const first = Math.max(
    0,
    addresses.findIndex((row) => row.node === node),
  );
  const turned = [...addresses.slice(first), ...addresses.slice(0, first)];
  const ordered = [
    ...turned.filter((row) => row.node === node),
    ...turned.filter((row) => row.node !== node),
  ];
  return ordered.map(({ prefix }, index) => ({ prefix, med: firstMed + index }));
}

function familyOf(prefix: string): RenderFamily {
  return prefix.includes(':') ? 'ipv6' : 'ipv4';
}

function isOneAddress(pattern: PrefixPattern): boolean {
  const widest = pattern.family === 0 ? 32 : 128;
  return pattern.lengthBits === widest && !formatPrefixPattern(pattern).includes('{');
}
