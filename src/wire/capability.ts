import { families, familyOf } from './constants.ts';
import { readU16, readU32 } from './octets.ts';
import { characterBoundary, printableText } from './shutdown-text.ts';

/** An address family as on the wire; `familyOf` says whether it is supported. */
export interface AfiSafi {
  readonly afi: number;
  readonly safi: number;
}
export interface ExtendedNextHopTuple extends AfiSafi {
  readonly nextHopAfi: number;
}
export interface GracefulRestartFamily extends AfiSafi {
  /** F bit: forwarding state was kept. */
  readonly forwarding: boolean;
}
export interface LongLivedFamily extends GracefulRestartFamily {
  /** 24 bits. */
  readonly staleTimeSec: number;
}
export interface AddPathFamily extends AfiSafi {
  /** What the sender of the capability can do (RFC 7911 §4). */
  readonly mode: 'receive' | 'send' | 'both';
}

/** A capability of an OPEN (RFC 5492 §4), decoded. */
export type Capability =
  | ({ readonly kind: 'multiprotocol' } & AfiSafi)
  | { readonly kind: 'routeRefresh' }
  | { readonly kind: 'extendedNextHop'; readonly tuples: readonly ExtendedNextHopTuple[] }
  | { readonly kind: 'extendedMessage' }
  /** An index into `roles`; other values are unassigned (RFC 9234 §4.1). */
  | { readonly kind: 'role'; readonly value: number }
  | {
      readonly kind: 'gracefulRestart';
      /** R bit: the sender has restarted. */
      readonly restarting: boolean;
      /** N bit: routes are also kept after a NOTIFICATION and after the hold time expires (RFC 8538 §2). */
      readonly notification: boolean;
      /** 12 bits. */
      readonly restartTimeSec: number;
      readonly families: readonly GracefulRestartFamily[];
    }
  | { readonly kind: 'as4'; readonly asn: number }
  | { readonly kind: 'addPath'; readonly families: readonly AddPathFamily[] }
  | { readonly kind: 'enhancedRouteRefresh' }
  | { readonly kind: 'longLivedGracefulRestart'; readonly families: readonly LongLivedFamily[] }
  | { readonly kind: 'fqdn'; readonly host: string; readonly domain: string }
  | { readonly kind: 'softwareVersion'; readonly version: string }
  /** The code that was in use before capability 2 was assigned. */
  | { readonly kind: 'oldRouteRefresh' }
  | { readonly kind: 'unknown'; readonly code: number; readonly value: Uint8Array };

export type CapabilityKind = Capability['kind'];
export type CapabilityOf<Kind extends CapabilityKind> = Extract<
  Capability,
  { readonly kind: Kind }
>;

/** Values of the BGP Role capability, by number (RFC 9234 §4.1). */
export const roles = ['provider', 'rs', 'rs_client', 'customer', 'peer'] as const;

/** What is known of a kind of capability: its code, its value as octets, and both as JSON shows them. */
export interface CapabilityRow<Known extends Capability> {
  readonly code: number;
  readonly name: string;
  /**
   * Returns `undefined` if the value is malformed and the session cannot continue; what is only shown to people is then
   * an unknown capability.
   */
  decode(value: Uint8Array): Known | CapabilityOf<'unknown'> | undefined;
  encode(capability: Known): readonly number[];
  /** `undefined` if there is nothing but the name to show. */
  show(capability: Known): unknown;
}

/** One row a capability, in the order of the codes. */
export const capabilityRows: {
  readonly [Kind in Exclude<CapabilityKind, 'unknown'>]: CapabilityRow<CapabilityOf<Kind>>;
} = {
  multiprotocol: {
    code: 1,
    name: 'multiprotocol',
    decode: (value) =>
      value.length === 4 ? { kind: 'multiprotocol', ...afiSafi(value, 0, 3) } : undefined,
    encode: ({ afi, safi }) => [...u16(afi), 0, safi],
    show: familyText,
  },
  routeRefresh: empty(2, 'route_refresh', { kind: 'routeRefresh' }),
  extendedNextHop: {
    code: 5,
    name: 'extended_next_hop',
    decode: decodeExtendedNextHop,
    encode: ({ tuples }) =>
      tuples.flatMap((tuple) => [...u16(tuple.afi), ...u16(tuple.safi), ...u16(tuple.nextHopAfi)]),
    show: ({ tuples }) =>
      tuples.map((tuple) => ({ family: familyText(tuple), next_hop_afi: tuple.nextHopAfi })),
  },
  extendedMessage: empty(6, 'extended_message', { kind: 'extendedMessage' }),
  role: {
    code: 9,
    name: 'role',
    decode: (value) => (value.length === 1 ? { kind: 'role', value: value[0] } : undefined),
    encode: ({ value }) => [value],
    show: ({ value }) => roles.at(value) ?? value,
  },
  gracefulRestart: {
    code: 64,
    name: 'graceful_restart',
    decode: decodeGracefulRestart,
    encode: gracefulRestartValue,
    show: ({ restarting, notification, restartTimeSec, families: kept }) => ({
      restarting,
      notification,
      restart_time_s: restartTimeSec,
      families: kept.map((family) => ({
        family: familyText(family),
        forwarding: family.forwarding,
      })),
    }),
  },
  as4: {
    code: 65,
    name: 'as4',
    decode: (value) => (value.length === 4 ? { kind: 'as4', asn: readU32(value, 0) } : undefined),
    encode: ({ asn }) => u32(asn),
    show: ({ asn }) => asn,
  },
  addPath: {
    code: 69,
    name: 'add_path',
    decode: decodeAddPath,
    encode: ({ families: offered }) =>
      offered.flatMap(({ afi, safi, mode }) => [...u16(afi), safi, addPathModes.indexOf(mode)]),
    show: ({ families: offered }) =>
      offered.map((family) => ({ family: familyText(family), mode: family.mode })),
  },
  enhancedRouteRefresh: empty(70, 'enhanced_route_refresh', { kind: 'enhancedRouteRefresh' }),
  longLivedGracefulRestart: {
    code: 71,
    name: 'long_lived_graceful_restart',
    decode: decodeLongLived,
    encode: ({ families: kept }) =>
      kept.flatMap(({ afi, safi, forwarding, staleTimeSec }) => [
        ...u16(afi),
        safi,
        forwarding ? 0x80 : 0,
        ...u32(staleTimeSec).slice(1),
      ]),
    show: ({ families: kept }) =>
      kept.map((family) => ({
        family: familyText(family),
        forwarding: family.forwarding,
        stale_time_s: family.staleTimeSec,
      })),
  },
  fqdn: {
    code: 73,
    name: 'fqdn',
    decode: decodeFqdn,
    encode: ({ host, domain }) => [...textOf(host, 126), ...textOf(domain, 126)],
    show: ({ host, domain }) => ({ host, domain }),
  },
  softwareVersion: {
    code: 75,
    name: 'software_version',
    decode: decodeSoftwareVersion,
    encode: ({ version }) => textOf(version, 64),
    show: ({ version }) => version,
  },
  oldRouteRefresh: empty(128, 'old_route_refresh', { kind: 'oldRouteRefresh' }),
};

export function unknownCapability(code: number, value: Uint8Array): CapabilityOf<'unknown'> {
  return { kind: 'unknown', code, value: value.slice() };
}

/** A capability whose value is empty. */
function empty<Known extends Capability>(
  code: number,
  name: string,
  capability: Known,
): CapabilityRow<Known> {
  return {
    code,
    name,
    decode: (value) => (value.length === 0 ? capability : undefined),
    encode: () => [],
    show: () => undefined,
  };
}

/** Returns `ipv6_unicast`; AFI and SAFI as numbers, `25/65`, for a family that is not supported. */
function familyText({ afi, safi }: AfiSafi): string {
  const family = familyOf(afi, safi);
  return family === undefined ? `${afi}/${safi}` : families[family].name;
}

function afiSafi(value: Uint8Array, at: number, safiAt: number): AfiSafi {
  return { afi: readU16(value, at), safi: value[safiAt] };
}

/** RFC 8950 §4: AFI, SAFI in two octets, next hop AFI. */
function decodeExtendedNextHop(value: Uint8Array): CapabilityOf<'extendedNextHop'> | undefined {
  if (value.length % 6 !== 0) return undefined;
  const tuples: ExtendedNextHopTuple[] = [];
  for (let at = 0; at < value.length; at += 6) {
    tuples.push({ ...afiSafi(value, at, at + 3), nextHopAfi: readU16(value, at + 4) });
  }
  return { kind: 'extendedNextHop', tuples };
}

/** RFC 4724 §3. */
function decodeGracefulRestart(value: Uint8Array): CapabilityOf<'gracefulRestart'> | undefined {
  if (value.length % 4 !== 2) return undefined;
  const offered: GracefulRestartFamily[] = [];
  for (let at = 2; at < value.length; at += 4) {
    offered.push({ ...afiSafi(value, at, at + 2), forwarding: (value[at + 3] & 0x80) !== 0 });
  }
  return {
    kind: 'gracefulRestart',
    restarting: (value[0] & 0x80) !== 0,
    notification: (value[0] & 0x40) !== 0,
    restartTimeSec: readU16(value, 0) & 0xfff,
    families: offered,
  };
}

function gracefulRestartValue(capability: CapabilityOf<'gracefulRestart'>): readonly number[] {
  const { restarting, notification, restartTimeSec, families: kept } = capability;
  const flags = (restarting ? 0x80 : 0) | (notification ? 0x40 : 0);
  return [
    flags | (restartTimeSec >>> 8),
    restartTimeSec & 0xff,
    ...kept.flatMap((family) => [...u16(family.afi), family.safi, family.forwarding ? 0x80 : 0]),
  ];
}

/** RFC 7911 §4: an entry with another Send/Receive than 1, 2 or 3 "SHOULD be ignored". */
function decodeAddPath(value: Uint8Array): CapabilityOf<'addPath'> | undefined {
  if (value.length % 4 !== 0) return undefined;
  const offered: AddPathFamily[] = [];
  for (let at = 0; at < value.length; at += 4) {
    const mode = addPathModes[value[at + 3]];
    if (mode !== undefined) offered.push({ ...afiSafi(value, at, at + 2), mode });
  }
  return { kind: 'addPath', families: offered };
}

const addPathModes: readonly (AddPathFamily['mode'] | undefined)[] = [
  undefined,
  'receive',
  'send',
  'both',
];

/** RFC 9494 §3. */
function decodeLongLived(value: Uint8Array): CapabilityOf<'longLivedGracefulRestart'> | undefined {
  if (value.length % 7 !== 0) return undefined;
  const offered: LongLivedFamily[] = [];
  for (let at = 0; at < value.length; at += 7) {
    offered.push({
      ...afiSafi(value, at, at + 2),
      forwarding: (value[at + 3] & 0x80) !== 0,
      staleTimeSec: (value[at + 4] << 16) | readU16(value, at + 5),
    });
  }
  return { kind: 'longLivedGracefulRestart', families: offered };
}

/** draft-walton-bgp-hostname-capability: two texts, each after its length. */
function decodeFqdn(value: Uint8Array): CapabilityOf<'fqdn' | 'unknown'> {
  const host = textAt(value, 0);
  const domain = host === undefined ? undefined : textAt(value, 1 + value[0]);
  if (host === undefined) return unknownCapability(capabilityRows.fqdn.code, value);
  return { kind: 'fqdn', host, domain: domain ?? '' };
}

/** draft-abraitis-bgp-version-capability: a text after its length. */
function decodeSoftwareVersion(value: Uint8Array): CapabilityOf<'softwareVersion' | 'unknown'> {
  const version = textAt(value, 0);
  if (version === undefined) return unknownCapability(capabilityRows.softwareVersion.code, value);
  return { kind: 'softwareVersion', version };
}

function textAt(value: Uint8Array, at: number): string | undefined {
  const end = at + 1 + value[at];
  return end <= value.length ? printableText(value.subarray(at + 1, end)) : undefined;
}

/** Encodes a text after its length, cut to `maxBytes`. */
function textOf(text: string, maxBytes: number): readonly number[] {
  const encoded = new TextEncoder().encode(text);
  const length = characterBoundary(encoded, maxBytes);
  return [length, ...encoded.subarray(0, length)];
}

function u16(value: number): readonly number[] {
  return [value >>> 8, value & 0xff];
}

function u32(value: number): readonly number[] {
  return [...u16(value >>> 16), ...u16(value & 0xffff)];
}
