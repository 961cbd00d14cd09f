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

/** Values of the BGP Role capability, by number (RFC 9234 §4.1). */
export const roles = ['provider', 'rs', 'rs_client', 'customer', 'peer'] as const;

/** Capability Codes that are supported. */
export const CapabilityCode = {
  multiprotocol: 1,
  routeRefresh: 2,
  extendedNextHop: 5,
  extendedMessage: 6,
  role: 9,
  gracefulRestart: 64,
  as4: 65,
  addPath: 69,
  enhancedRouteRefresh: 70,
  longLivedGracefulRestart: 71,
  fqdn: 73,
  softwareVersion: 75,
  oldRouteRefresh: 128,
} as const;

type Decode = (value: Uint8Array) => Capability | undefined;

/** A decoder returns `undefined` if the value is malformed. */
const decoders: Readonly<Record<number, Decode>> = {
  [CapabilityCode.multiprotocol]: (value) =>
    value.length === 4 ? { kind: 'multiprotocol', ...afiSafi(value, 0, 3) } : undefined,
  [CapabilityCode.routeRefresh]: empty({ kind: 'routeRefresh' }),
  [CapabilityCode.extendedNextHop]: decodeExtendedNextHop,
  [CapabilityCode.extendedMessage]: empty({ kind: 'extendedMessage' }),
  [CapabilityCode.role]: (value) =>
    value.length === 1 ? { kind: 'role', value: value[0] } : undefined,
  [CapabilityCode.gracefulRestart]: decodeGracefulRestart,
  [CapabilityCode.as4]: (value) =>
    value.length === 4 ? { kind: 'as4', asn: readU32(value, 0) } : undefined,
  [CapabilityCode.addPath]: decodeAddPath,
  [CapabilityCode.enhancedRouteRefresh]: empty({ kind: 'enhancedRouteRefresh' }),
  [CapabilityCode.longLivedGracefulRestart]: decodeLongLived,
  [CapabilityCode.fqdn]: decodeFqdn,
  [CapabilityCode.softwareVersion]: decodeSoftwareVersion,
  [CapabilityCode.oldRouteRefresh]: empty({ kind: 'oldRouteRefresh' }),
};

/**
 * Decodes the value of one capability; one with an unknown code is kept as it is. Returns `undefined` if the
 * value is malformed and the session cannot continue; this never happens for 73 and 75, which are only shown to
 * people.
 */
export function decodeCapability(code: number, value: Uint8Array): Capability | undefined {
  const decode = decoders[code];
  return decode === undefined ? unknownCapability(code, value) : decode(value);
}

function unknownCapability(code: number, value: Uint8Array): Capability {
  return { kind: 'unknown', code, value: value.slice() };
}

function empty(capability: Capability): Decode {
  return (value) => (value.length === 0 ? capability : undefined);
}

function afiSafi(value: Uint8Array, at: number, safiAt: number): AfiSafi {
  return { afi: readU16(value, at), safi: value[safiAt] };
}

/** RFC 8950 §4: AFI, SAFI in two octets, next hop AFI. */
function decodeExtendedNextHop(value: Uint8Array): Capability | undefined {
  if (value.length % 6 !== 0) return undefined;
  const tuples: ExtendedNextHopTuple[] = [];
  for (let at = 0; at < value.length; at += 6) {
    tuples.push({ ...afiSafi(value, at, at + 3), nextHopAfi: readU16(value, at + 4) });
  }
  return { kind: 'extendedNextHop', tuples };
}

/** RFC 4724 §3. */
function decodeGracefulRestart(value: Uint8Array): Capability | undefined {
  if (value.length % 4 !== 2) return undefined;
  const families: GracefulRestartFamily[] = [];
  for (let at = 2; at < value.length; at += 4) {
    families.push({ ...afiSafi(value, at, at + 2), forwarding: (value[at + 3] & 0x80) !== 0 });
  }
  return {
    kind: 'gracefulRestart',
    restarting: (value[0] & 0x80) !== 0,
    notification: (value[0] & 0x40) !== 0,
    restartTimeSec: readU16(value, 0) & 0xfff,
    families,
  };
}

/** RFC 7911 §4: an entry with another Send/Receive than 1, 2 or 3 "SHOULD be ignored". */
function decodeAddPath(value: Uint8Array): Capability | undefined {
  if (value.length % 4 !== 0) return undefined;
  const families: AddPathFamily[] = [];
  for (let at = 0; at < value.length; at += 4) {
    const mode = addPathModes[value[at + 3]];
    if (mode !== undefined) families.push({ ...afiSafi(value, at, at + 2), mode });
  }
  return { kind: 'addPath', families };
}

const addPathModes: readonly (AddPathFamily['mode'] | undefined)[] = [
  undefined,
  'receive',
  'send',
  'both',
];

/** RFC 9494 §3. */
function decodeLongLived(value: Uint8Array): Capability | undefined {
  if (value.length % 7 !== 0) return undefined;
  const families: LongLivedFamily[] = [];
  for (let at = 0; at < value.length; at += 7) {
    families.push({
      ...afiSafi(value, at, at + 2),
      forwarding: (value[at + 3] & 0x80) !== 0,
      staleTimeSec: (value[at + 4] << 16) | readU16(value, at + 5),
    });
  }
  return { kind: 'longLivedGracefulRestart', families };
}

/** draft-walton-bgp-hostname-capability: two texts, each after its length. */
function decodeFqdn(value: Uint8Array): Capability {
  const host = textAt(value, 0);
  const domain = host === undefined ? undefined : textAt(value, 1 + value[0]);
  if (host === undefined) return unknownCapability(CapabilityCode.fqdn, value);
  return { kind: 'fqdn', host, domain: domain ?? '' };
}

/** draft-abraitis-bgp-version-capability: a text after its length. */
function decodeSoftwareVersion(value: Uint8Array): Capability {
  const version = textAt(value, 0);
  if (version === undefined) return unknownCapability(CapabilityCode.softwareVersion, value);
  return { kind: 'softwareVersion', version };
}

function textAt(value: Uint8Array, at: number): string | undefined {
  const end = at + 1 + value[at];
  return end <= value.length ? printableText(value.subarray(at + 1, end)) : undefined;
}

/**
 * Encodes code, length and value of each capability, back to back (RFC 5492 §4); this is also the data of a 2/7
 * (§5).
 */
export function encodeCapabilities(capabilities: readonly Capability[]): Uint8Array {
  return Uint8Array.from(
    capabilities.flatMap((capability) => {
      const value = capabilityValue(capability);
      return [capabilityCode(capability), value.length, ...value];
    }),
  );
}

export function capabilityCode(capability: Capability): number {
  return capability.kind === 'unknown' ? capability.code : CapabilityCode[capability.kind];
}

function capabilityValue(capability: Capability): readonly number[] {
  switch (capability.kind) {
    case 'routeRefresh':
    case 'oldRouteRefresh':
    case 'extendedMessage':
    case 'enhancedRouteRefresh':
      return [];
    case 'multiprotocol':
      return [...u16(capability.afi), 0, capability.safi];
    case 'extendedNextHop':
      return capability.tuples.flatMap((tuple) => [
        ...u16(tuple.afi),
        ...u16(tuple.safi),
        ...u16(tuple.nextHopAfi),
      ]);
    case 'role':
      return [capability.value];
    case 'gracefulRestart':
      return gracefulRestartValue(capability);
    case 'as4':
      return u32(capability.asn);
    case 'addPath':
      return capability.families.flatMap(({ afi, safi, mode }) => [
        ...u16(afi),
        safi,
        addPathModes.indexOf(mode),
      ]);
    case 'longLivedGracefulRestart':
      return capability.families.flatMap(({ afi, safi, forwarding, staleTimeSec }) => [
        ...u16(afi),
        safi,
        forwarding ? 0x80 : 0,
        ...u32(staleTimeSec).slice(1),
      ]);
    case 'fqdn':
      return [...textOf(capability.host, 126), ...textOf(capability.domain, 126)];
    case 'softwareVersion':
      return textOf(capability.version, 64);
    case 'unknown':
      return [...capability.value];
    default:
      return capability satisfies never;
  }
}

function gracefulRestartValue(
  capability: Extract<Capability, { readonly kind: 'gracefulRestart' }>,
): readonly number[] {
  const { restarting, notification, restartTimeSec, families } = capability;
  const flags = (restarting ? 0x80 : 0) | (notification ? 0x40 : 0);
  return [
    flags | (restartTimeSec >>> 8),
    restartTimeSec & 0xff,
    ...families.flatMap((family) => [
      ...u16(family.afi),
      family.safi,
      family.forwarding ? 0x80 : 0,
    ]),
  ];
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
