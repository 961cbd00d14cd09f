import { readU32, writeU32 } from '#wire/octets.ts';

/** The state of a session, by its code on the wire (RFC 5880 §4.1). */
export const bfdStates = ['admin_down', 'down', 'init', 'up'] as const;
export type BfdState = (typeof bfdStates)[number];

/** Why a session last left Up, by its code on the wire (RFC 5880 §4.1). */
export const bfdDiagnostics = [
  'none',
  'control_detection_time_expired',
  'echo_function_failed',
  'neighbor_signaled_session_down',
  'forwarding_plane_reset',
  'path_down',
  'concatenated_path_down',
  'administratively_down',
  'reverse_concatenated_path_down',
] as const;
export type BfdDiagnostic = (typeof bfdDiagnostics)[number];

/** A BFD Control packet without authentication (RFC 5880 §4.1). */
export interface BfdPacket {
  readonly state: BfdState;
  /** An unknown diagnostic is read as `none`. */
  readonly diagnostic: BfdDiagnostic;
  readonly poll: boolean;
  readonly final: boolean;
  /** The sender wants no periodic packets while both ends are Up (RFC 5880 §6.6). */
  readonly demand: boolean;
  /** 1..255 */
  readonly multiplier: number;
  /** Never 0. */
  readonly myDiscriminator: number;
  /** 0 while the sender has not heard the receiver. */
  readonly yourDiscriminator: number;
  /** Microseconds, as are the two that follow. */
  readonly desiredMinTxUs: number;
  /** 0 if the sender wants no periodic packets at all. */
  readonly requiredMinRxUs: number;
}

/** The length of a packet without an authentication section. */
const bfdPacketBytes = 24;

const version = 1;
const flag = { poll: 0x20, final: 0x10, authentication: 0x04, demand: 0x02, multipoint: 0x01 };

/** Returns the 24 bytes of a packet. We neither send nor accept echo packets: that interval is 0. */
export function encodeBfdPacket(packet: BfdPacket): Uint8Array {
  const bytes = new Uint8Array(bfdPacketBytes);
  bytes[0] = (version << 5) | bfdDiagnostics.indexOf(packet.diagnostic);
  bytes[1] =
    (bfdStates.indexOf(packet.state) << 6) |
    (packet.poll ? flag.poll : 0) |
    (packet.final ? flag.final : 0) |
    (packet.demand ? flag.demand : 0);
  bytes[2] = packet.multiplier;
  bytes[3] = bfdPacketBytes;
  writeU32(bytes, 4, packet.myDiscriminator);
  writeU32(bytes, 8, packet.yourDiscriminator);
  writeU32(bytes, 12, packet.desiredMinTxUs);
  writeU32(bytes, 16, packet.requiredMinRxUs);
  return bytes;
}

/**
 * Decodes a UDP payload. Returns `undefined` for a packet that "MUST be discarded" before a session is looked
 * up (RFC 5880 §6.8.6); that includes a packet with authentication, which no session here uses.
 */
export function decodeBfdPacket(bytes: Uint8Array): BfdPacket | undefined {
  if (bytes.length < bfdPacketBytes) return undefined;
  const [first, second, multiplier, length] = bytes;
  const state = bfdStates[second >> 6];
  const myDiscriminator = readU32(bytes, 4);
  const yourDiscriminator = readU32(bytes, 8);
  const isWellFormed =
    first >> 5 === version &&
    length >= bfdPacketBytes &&
    length <= bytes.length &&
    multiplier > 0 &&
    myDiscriminator > 0 &&
    (second & (flag.multipoint | flag.authentication)) === 0 &&
    (yourDiscriminator > 0 || state === 'down' || state === 'admin_down');
  if (!isWellFormed) return undefined;
  return {
    state,
    diagnostic: bfdDiagnostics[first & 0x1f] ?? 'none',
    poll: (second & flag.poll) !== 0,
    final: (second & flag.final) !== 0,
    demand: (second & flag.demand) !== 0,
    multiplier,
    myDiscriminator,
    yourDiscriminator,
    desiredMinTxUs: readU32(bytes, 12),
    requiredMinRxUs: readU32(bytes, 16),
  };
}
