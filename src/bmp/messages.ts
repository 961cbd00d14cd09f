import { encodeNotification, type Notification } from '#wire/notification.ts';
import type { OctetWriter } from '#wire/octet-writer.ts';
import { encodeOpen, type Open } from '#wire/open.ts';
import {
  InitiationTlv,
  MessageType,
  PeerDownReason,
  PeerUpTlv,
  terminationReasonTlv,
} from './constants.ts';
import {
  beginMessage,
  endMessage,
  type PeerHeader,
  writeAddress,
  writePeerHeader,
  writeTlv,
} from './message-writer.ts';

const encoder = new TextEncoder();

export interface Initiation {
  readonly sysDescr: string;
  readonly sysName: string;
}

/** Writes the first message of a connection (RFC 7854 §4.3). */
export function writeInitiation(out: OctetWriter, { sysDescr, sysName }: Initiation): void {
  beginMessage(out, MessageType.initiation);
  writeTlv(out, InitiationTlv.sysDescr, encoder.encode(sysDescr));
  writeTlv(out, InitiationTlv.sysName, encoder.encode(sysName));
  endMessage(out);
}

/** Writes the last message of a connection (RFC 7854 §4.5); `reason` is one of `TerminationReason`. */
export function writeTermination(out: OctetWriter, reason: number): void {
  beginMessage(out, MessageType.termination);
  writeTlv(out, terminationReasonTlv, Uint8Array.of(0, reason));
  endMessage(out);
}

/** A session that is Established, or a Loc-RIB that is monitored. */
export interface PeerUp {
  /** 4 or 16 bytes; empty if it is not known. */
  readonly localAddress: Uint8Array;
  readonly localPort: number;
  readonly remotePort: number;
  readonly sentOpen: Open;
  readonly receivedOpen: Open;
  /** The name of a Loc-RIB (RFC 9069 §5.2.1). */
  readonly tableName?: string;
  /** The operator's name of the peer (RFC 8671 §6.3.1). */
  readonly adminLabel?: string;
}

/** Writes a Peer Up Notification (RFC 7854 §4.10). */
export function writePeerUp(out: OctetWriter, header: PeerHeader, up: PeerUp): void {
  beginMessage(out, MessageType.peerUp);
  writePeerHeader(out, header);
  writeAddress(out, up.localAddress);
  out.u16(up.localPort);
  out.u16(up.remotePort);
  out.octets(encodeOpen(up.sentOpen));
  out.octets(encodeOpen(up.receivedOpen));
  const { tableName, adminLabel } = up;
  if (tableName !== undefined) writeTlv(out, PeerUpTlv.tableName, encoder.encode(tableName));
  if (adminLabel !== undefined) writeTlv(out, PeerUpTlv.adminLabel, encoder.encode(adminLabel));
  endMessage(out);
}

/** How a session ended. */
export type PeerDown =
  | {
      readonly kind: 'notification';
      readonly by: 'local' | 'remote';
      readonly notification: Notification;
    }
  /** We closed it; `event` is the number of the FSM event that made us do so (RFC 4271 §8.1). */
  | { readonly kind: 'closed'; readonly event: number }
  /** The peer or the network in between closed it. */
  | { readonly kind: 'lost' };

/** Writes a Peer Down Notification (RFC 7854 §4.9). */
export function writePeerDown(out: OctetWriter, header: PeerHeader, down: PeerDown): void {
  beginMessage(out, MessageType.peerDown);
  writePeerHeader(out, header);
  switch (down.kind) {
    case 'notification': {
      const { localNotification, remoteNotification } = PeerDownReason;
      out.u8(down.by === 'local' ? localNotification : remoteNotification);
      out.octets(encodeNotification(down.notification));
      break;
    }
    case 'closed':
      out.u8(PeerDownReason.localWithout);
      out.u16(down.event);
      break;
    case 'lost':
      out.u8(PeerDownReason.remoteWithout);
      break;
    default:
      return down satisfies never;
  }
  endMessage(out);
}

/** A statistic of a peer; a `gauge` has 64 bits, a `counter` 32. */
export interface Statistic {
  readonly type: number;
  readonly kind: 'counter' | 'gauge';
  readonly value: number;
  /** For statistics of one address family. */
  readonly family?: { readonly afi: number; readonly safi: number };
}

/** Writes a Statistics Report (RFC 7854 §4.8). */
export function writeStatistics(
  out: OctetWriter,
  header: PeerHeader,
  statistics: readonly Statistic[],
): void {
  beginMessage(out, MessageType.statisticsReport);
  writePeerHeader(out, header);
  out.u32(statistics.length);
  for (const { type, kind, value, family } of statistics) {
    out.u16(type);
    out.u16((kind === 'counter' ? 4 : 8) + (family === undefined ? 0 : 3));
    if (family !== undefined) {
      out.u16(family.afi);
      out.u8(family.safi);
    }
    if (kind === 'gauge') out.u32(Math.floor(value / 2 ** 32));
    out.u32(value);
  }
  endMessage(out);
}
