import type { OctetWriter } from '#wire/octet-writer.ts';
import { bmpVersion, PeerFlag, PeerType } from './constants.ts';

/** The peer whose routes or session a message is about. */
export interface MonitoredPeer {
  /** One of `PeerType`. */
  readonly type: number;
  /** 4 or 16 bytes; none for a Loc-RIB. */
  readonly address: Uint8Array;
  readonly peerAs: number;
  /** BGP Identifier, unsigned 32 bits. */
  readonly routerId: number;
}

/** The fields of the per-peer header other than the peer. */
export interface PeerHeader {
  readonly peer: MonitoredPeer;
  /** Any of `PeerFlag` except V, which follows from the address. */
  readonly flags: number;
  /** Unix ms; `undefined` if the time is not known. */
  readonly wallMs: number | undefined;
}

/** The length of an address in BMP: IPv4 addresses are preceded by zeros. */
const addressBytes = 16;
const noAddress = new Uint8Array(addressBytes);

/** Begins a message; `endMessage` ends it. */
export function beginMessage(out: OctetWriter, type: number): void {
  out.begin();
  out.u8(bmpVersion);
  out.u32(0);
  out.u8(type);
}

export function endMessage(out: OctetWriter): void {
  out.end(1, out.recordBytes);
}

/** Writes the per-peer header (RFC 7854 §4.2). The distinguisher is 0, since there is one instance (RFC 9069 §4.1). */
export function writePeerHeader(out: OctetWriter, { peer, flags, wallMs = 0 }: PeerHeader): void {
  const isIpv6 = peer.type === PeerType.globalInstance && peer.address.length === addressBytes;
  out.u8(peer.type);
  out.u8(isIpv6 ? flags | PeerFlag.ipv6 : flags);
  out.u32(0);
  out.u32(0);
  writeAddress(out, peer.address);
  out.u32(peer.peerAs);
  out.u32(peer.routerId);
  const seconds = Math.floor(wallMs / 1000);
  out.u32(seconds);
  out.u32(Math.floor((wallMs - seconds * 1000) * 1000));
}

export function writeAddress(out: OctetWriter, address: Uint8Array): void {
  out.octets(noAddress, address.length);
  out.octets(address);
}

/** Writes a TLV (RFC 7854 §4.4). A value is cut after 65,535 bytes. */
export function writeTlv(out: OctetWriter, type: number, value: Uint8Array): void {
  const length = Math.min(value.length, 0xffff);
  out.u16(type);
  out.u16(length);
  out.octets(value, 0, length);
}
