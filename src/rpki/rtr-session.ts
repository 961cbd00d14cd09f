import { families } from '#wire/constants.ts';
import {
  decodePdu,
  encodeErrorReport,
  encodeResetQuery,
  encodeSerialQuery,
  maxPduBytes,
  type Pdu,
  pduLength,
  PduType,
  RtrError,
  RtrErrorCode,
  type RtrTimers,
  type RtrVersion,
} from './pdu.ts';
import type { ReceivedData } from './rpki-data.ts';
import { VrpColumns } from './vrp-columns.ts';

/** Up to which serial the data of a cache is in use: changes since then can be queried. */
export interface Position {
  readonly sessionId: number;
  readonly serial: number;
}

/** Everything that a cache sent after a query. */
export interface EndOfData extends ReceivedData {
  readonly position: Position;
  /** Absent in version 0. */
  readonly timers?: RtrTimers;
}

/** Why a session has ended. */
export interface SessionFailure {
  readonly text: string;
  /** The cache speaks this version. */
  readonly useVersion?: RtrVersion;
}

/** What a session requests; called synchronously. */
export interface SessionHost {
  send(bytes: Uint8Array): void;
  endOfData(data: EndOfData): void;
  /** The cache has newer data than we have. */
  notified(): void;
  /** The cache is available and has no data yet (RFC 8210 §8.4). */
  noData(): void;
  /** The connection has to be closed. Nothing is called after this. */
  failed(failure: SessionFailure): void;
}

export interface SessionTerms {
  readonly version: RtrVersion;
  /** The most VRPs and ASPAs in one answer; more end the session. */
  readonly maxRecords: number;
}

/** The answer that is being received. */
interface Answer {
  readonly isWhole: boolean;
  readonly sessionId: number;
  readonly vrps: readonly VrpColumns[];
  readonly aspas: Map<number, readonly number[]>;
  records: number;
}

/**
 * One connection to a cache, from the router's side (RFC 8210 §8). Bytes go in; queries, error reports and whole
 * answers come out. It does not know the time.
 */
export class RtrSession {
  private readonly host: SessionHost;
  private readonly maxRecords: number;
  private version: RtrVersion;
  private isNegotiated = false;
  private isOver = false;
  private position: Position | undefined;
  private asked: 'nothing' | 'changes' | 'everything' = 'nothing';
  private answer: Answer | undefined;
  /** The serial of a notification that arrived while an answer was awaited; it may be about later data. */
  private notifiedSerial: number | undefined;
  /** The beginning of a PDU that is not complete yet. */
  private rest: Uint8Array = new Uint8Array(0);

  constructor({ version, maxRecords }: SessionTerms, host: SessionHost) {
    this.version = version;
    this.maxRecords = maxRecords;
    this.host = host;
  }

  get usedVersion(): RtrVersion {
    return this.version;
  }

  get isAnswering(): boolean {
    return this.asked !== 'nothing';
  }

  /** Queries the changes since the position, or everything. */
  query(position: Position | undefined): void {
    this.position = position;
    this.asked = position === undefined ? 'everything' : 'changes';
    this.host.send(
      position === undefined
        ? encodeResetQuery(this.version)
        : encodeSerialQuery(this.version, position.sessionId, position.serial),
    );
  }

  /** The bytes are not kept. */
  receive(chunk: Uint8Array): void {
    if (this.isOver) return;
    const bytes = this.rest.length === 0 ? chunk : joined(this.rest, chunk);
    let at = 0;
    try {
      for (let end = at; ; at = end) {
        const length = pduLength(bytes, at, bytes.length);
        if (length === undefined || at + length > bytes.length) break;
        end = at + length;
        this.take(bytes.subarray(at, end));
        if (this.isOver) return;
      }
    } catch (error) {
      if (!(error instanceof RtrError)) throw error;
      return this.reject(error, bytes.subarray(at, at + maxPduBytes));
    }
    this.rest = bytes.slice(at);
  }

  /** Reports to the cache what is wrong with what it sent, and ends the session. */
  reject(error: RtrError, pdu: Uint8Array = new Uint8Array(0)): void {
    if (this.isOver) return;
    if (pdu[1] !== PduType.errorReport) {
      this.host.send(encodeErrorReport(this.version, error, pdu));
    }
    const text = `sent an error report: ${error.message} (code ${error.code})`;
    this.fail({ text });
  }

  private take(pdu: Uint8Array): void {
    this.takeVersion(pdu);
    this.handle(decodePdu(pdu), pdu[0]);
  }

  /** The first answer may lower the version; after that it stays (RFC 8210 §7). */
  private takeVersion(pdu: Uint8Array): void {
    const [version, type] = pdu;
    if (version === this.version || type === PduType.errorReport) return;
    // What a cache sends before it knows our version cannot be used (RFC 8210 §7).
    if (!this.isNegotiated && type === PduType.serialNotify) return;
    if (this.isNegotiated || version > this.version) {
      const text = `version ${version} in a session of version ${this.version}`;
      const code = this.isNegotiated
        ? RtrErrorCode.unexpectedVersion
        : RtrErrorCode.unsupportedVersion;
      throw new RtrError(code, text);
    }
    this.version = version as RtrVersion;
  }

  private handle(pdu: Pdu, version: number): void {
    switch (pdu.kind) {
      case 'serial_notify':
        return this.handleNotify(pdu.sessionId, pdu.serial);
      case 'cache_response':
        return this.beginAnswer(pdu.sessionId);
      case 'prefix': {
        const answer = this.answerFor('a prefix');
        answer.vrps[pdu.vrp.family].add(pdu.vrp, pdu.isAnnounced);
        return;
      }
      case 'aspa': {
        const { customer, providers } = pdu.aspa;
        this.answerFor('an ASPA').aspas.set(customer, providers);
        return;
      }
      case 'router_key':
        this.answerFor('a router key');
        return;
      case 'end_of_data':
        return this.endAnswer(pdu);
      case 'cache_reset':
        return this.handleCacheReset();
      case 'error_report':
        return this.handleError(pdu.code, pdu.text, version);
    }
  }

  private handleNotify(sessionId: number, serial: number): void {
    const known = this.answer ?? this.position;
    if (!this.isNegotiated || known === undefined) return;
    this.checkSession(sessionId, known.sessionId);
    if (this.asked !== 'nothing') this.notifiedSerial = serial;
    else if (serial !== this.position?.serial) this.host.notified();
  }

  private beginAnswer(sessionId: number): void {
    if (this.asked === 'nothing' || this.answer !== undefined) throw outOfContext('a response');
    if (this.asked === 'changes' && this.position !== undefined) {
      this.checkSession(sessionId, this.position.sessionId);
    }
    this.isNegotiated = true;
    this.answer = {
      isWhole: this.asked === 'everything',
      sessionId,
      vrps: families.map(({ family }) => new VrpColumns(family)),
      aspas: new Map(),
      records: 0,
    };
  }

  private answerFor(what: string): Answer {
    const { answer } = this;
    if (answer === undefined) throw outOfContext(what);
    if (++answer.records > this.maxRecords) {
      const text = `more than ${this.maxRecords} records in one answer`;
      throw new RtrError(RtrErrorCode.internalError, text);
    }
    return answer;
  }

  private endAnswer(end: Extract<Pdu, { kind: 'end_of_data' }>): void {
    const { answer } = this;
    if (answer === undefined) throw outOfContext('an end of data');
    this.checkSession(end.sessionId, answer.sessionId);
    const { isWhole, vrps, aspas, sessionId } = answer;
    this.position = { sessionId, serial: end.serial };
    this.answer = undefined;
    this.asked = 'nothing';
    const { position } = this;
    const { timers } = end;
    this.host.endOfData({
      isWhole,
      vrps,
      aspas,
      position,
      ...(timers !== undefined && { timers }),
    });
    const { notifiedSerial } = this;
    this.notifiedSerial = undefined;
    if (notifiedSerial !== undefined && notifiedSerial !== end.serial) this.host.notified();
  }

  /** The cache cannot tell what has changed since our position (RFC 8210 §5.9). */
  private handleCacheReset(): void {
    if (this.asked !== 'changes' || this.answer !== undefined) throw outOfContext('a cache reset');
    this.isNegotiated = true;
    this.query(undefined);
  }

  private handleError(code: number, text: string, version: number): void {
    if (code === RtrErrorCode.noDataAvailable && this.asked !== 'nothing') {
      this.asked = 'nothing';
      this.answer = undefined;
      return this.host.noData();
    }
    const said = text === '' ? '' : `: ${text}`;
    const failure = { text: `the cache reports an error (code ${code})${said}` };
    if (code !== RtrErrorCode.unsupportedVersion || this.isNegotiated) return this.fail(failure);
    const lower = Math.min(version, this.version - 1);
    if (lower < 0) return this.fail(failure);
    const useVersion = lower as RtrVersion;
    this.fail({ text: `the cache does not speak version ${this.version}`, useVersion });
  }

  private checkSession(given: number, expected: number): void {
    if (given === expected) return;
    const text = `session id ${given} instead of ${expected}`;
    throw new RtrError(RtrErrorCode.corruptData, text);
  }

  private fail(failure: SessionFailure): void {
    this.isOver = true;
    this.host.failed(failure);
  }
}

function outOfContext(what: string): RtrError {
  return new RtrError(RtrErrorCode.corruptData, `${what} that was not requested`);
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(a.length + b.length);
  bytes.set(a);
  bytes.set(b, a.length);
  return bytes;
}
