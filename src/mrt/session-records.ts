import { type State, states } from '#session/fsm.ts';
import { Bgp4mp, MrtType } from './constants.ts';
import { MrtError, type RecordReader } from './record-reader.ts';
import type { RecordWriter } from './record-writer.ts';

/** The two ends of a session; addresses of 4 or 16 bytes, both of one family. */
export interface SessionEnds {
  readonly peerAs: number;
  readonly localAs: number;
  readonly peerAddress: Uint8Array;
  readonly localAddress: Uint8Array;
}

/** A BGP message as it was received, header included. */
export interface RecordedMessage {
  readonly kind: 'message';
  readonly bytes: Uint8Array;
  /** The width of the AS numbers in its AS_PATH. */
  readonly asnBytes: 2 | 4;
  /** Whether its NLRI have path identifiers (RFC 8050). */
  readonly addPath: boolean;
  /** Whether the collector sent it, not the peer. */
  readonly isLocal: boolean;
}

export interface RecordedStateChange {
  readonly kind: 'state';
  readonly from: State;
  readonly to: State;
}

export type SessionRecord = SessionEnds & { readonly wallMs: number } & (
    RecordedMessage | RecordedStateChange
  );

/** Writes a BGP4MP_ET record with AS numbers of four octets in the header (RFC 6396 §4.4.3). */
export function writeMessage(
  writer: RecordWriter,
  wallMs: number,
  ends: SessionEnds,
  message: Pick<RecordedMessage, 'asnBytes' | 'addPath'> & {
    readonly bytes: Uint8Array;
    readonly start: number;
    readonly end: number;
  },
): void {
  const { asnBytes, addPath, bytes, start, end } = message;
  const isWide = asnBytes === 4;
  const plain = isWide ? Bgp4mp.messageAs4 : Bgp4mp.message;
  const withPaths = isWide ? Bgp4mp.messageAs4AddPath : Bgp4mp.messageAddPath;
  writer.begin(MrtType.bgp4mpEt, addPath ? withPaths : plain, wallMs);
  writeEnds(writer, ends, isWide);
  writer.octets(bytes, start, end);
  writer.end();
}

/** Writes a BGP4MP_ET record (RFC 6396 §4.4.4). */
export function writeStateChange(
  writer: RecordWriter,
  wallMs: number,
  ends: SessionEnds,
  { from, to }: Pick<RecordedStateChange, 'from' | 'to'>,
): void {
  writer.begin(MrtType.bgp4mpEt, Bgp4mp.stateChangeAs4, wallMs);
  writeEnds(writer, ends, true);
  writer.u16(numberOf(from));
  writer.u16(numberOf(to));
  writer.end();
}

/** AS_TRANS stands for a number that two octets cannot hold (RFC 6793 §9). */
const asTrans = 23_456;

function writeEnds(
  writer: RecordWriter,
  { peerAs, localAs, peerAddress, localAddress }: SessionEnds,
  isWide: boolean,
): void {
  for (const asn of [peerAs, localAs]) {
    if (isWide) writer.u32(asn);
    else writer.u16(asn > 0xffff ? asTrans : asn);
  }
  writer.u16(0);
  writer.u16(peerAddress.length === 4 ? 1 : 2);
  writer.octets(peerAddress);
  writer.octets(localAddress);
}

const messages: Readonly<
  Record<number, Pick<RecordedMessage, 'asnBytes' | 'addPath' | 'isLocal'>>
> = {
  [Bgp4mp.message]: { asnBytes: 2, addPath: false, isLocal: false },
  [Bgp4mp.messageAs4]: { asnBytes: 4, addPath: false, isLocal: false },
  [Bgp4mp.messageLocal]: { asnBytes: 2, addPath: false, isLocal: true },
  [Bgp4mp.messageAs4Local]: { asnBytes: 4, addPath: false, isLocal: true },
  [Bgp4mp.messageAddPath]: { asnBytes: 2, addPath: true, isLocal: false },
  [Bgp4mp.messageAs4AddPath]: { asnBytes: 4, addPath: true, isLocal: false },
  [Bgp4mp.messageLocalAddPath]: { asnBytes: 2, addPath: true, isLocal: true },
  [Bgp4mp.messageAs4LocalAddPath]: { asnBytes: 4, addPath: true, isLocal: true },
};

/**
 * Reads a BGP4MP or BGP4MP_ET record. Returns `undefined` for a subtype that neither RFC 6396 nor RFC 8050 defines.
 * Throws MrtError.
 */
export function readSessionRecord(record: RecordReader): SessionRecord | undefined {
  const { subtype, wallMs } = record;
  const isStateChange = subtype === Bgp4mp.stateChange || subtype === Bgp4mp.stateChangeAs4;
  const message = messages[subtype];
  if (!isStateChange && message === undefined) return undefined;
  const ends = readEnds(record, subtype === Bgp4mp.stateChangeAs4 || message?.asnBytes === 4);
  if (message !== undefined)
    return { wallMs, ...ends, kind: 'message', ...message, bytes: record.octets(record.rest) };
  return { wallMs, ...ends, kind: 'state', from: readState(record), to: readState(record) };
}

function readEnds(record: RecordReader, isWide: boolean): SessionEnds {
  const peerAs = isWide ? record.u32() : record.u16();
  const localAs = isWide ? record.u32() : record.u16();
  record.u16();
  const afi = record.u16();
  if (afi !== 1 && afi !== 2)
    throw new MrtError(`a session has addresses of the unknown AFI ${afi}`);
  const length = afi === 1 ? 4 : 16;
  const peerAddress = record.octets(length);
  return { peerAs, localAs, peerAddress, localAddress: record.octets(length) };
}

/** Returns the number of the FSM state, from 1 (RFC 6396 §4.4.1). */
function numberOf(state: State): number {
  return states.indexOf(state) + 1;
}

/** FRR numbers two states of its own after Established: 7 Clearing and 8 Deleted. A session in either has no routes. */
const clearing = 7;
const deleted = 8;

function readState(record: RecordReader): State {
  const number = record.u16();
  if (number === clearing || number === deleted) return 'Idle';
  const name = states[number - 1];
  if (name === undefined) throw new MrtError(`a session is in the unknown state ${number}`);
  return name;
}
