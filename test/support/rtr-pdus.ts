import { parsePrefix } from '#text/prefix.ts';
import { families } from '#wire/constants.ts';
import { writeNlri } from '#wire/nlri.ts';

/** What a cache sends, written by hand from the figures of RFC 8210 §5 and draft-ietf-sidrops-8210bis-27 §5.12. */
export class CachePdus {
  readonly version: number;

  constructor(version = 1) {
    this.version = version;
  }

  notify(sessionId: number, serial: number): Uint8Array {
    return this.pdu(0, sessionId, u32(serial));
  }

  response(sessionId: number): Uint8Array {
    return this.pdu(3, sessionId);
  }

  /** Takes `192.0.2.0/24-28 AS64500`. */
  prefix(text: string, isAnnounced = true): Uint8Array {
    const { prefix, maxLengthBits, asn } = vrpOf(text);
    const nlri = new Uint8Array(17);
    writeNlri(nlri, 0, prefix);
    const address = nlri.subarray(1, 1 + families[prefix.family].addressBytes);
    const flags = [isAnnounced ? 1 : 0, prefix.lengthBits, maxLengthBits, 0];
    return this.pdu(prefix.family === 0 ? 4 : 6, 0, [...flags, ...address, ...u32(asn)]);
  }

  endOfData(sessionId: number, serial: number, timers = [3600, 600, 7200]): Uint8Array {
    const body = this.version === 0 ? [] : timers.flatMap(u32);
    return this.pdu(7, sessionId, [...u32(serial), ...body]);
  }

  cacheReset(): Uint8Array {
    return this.pdu(8, 0);
  }

  routerKey(): Uint8Array {
    return this.pdu(
      9,
      0x0100,
      Array.from({ length: 24 + 91 }, () => 7),
    );
  }

  error(code: number, text: string, about: readonly number[] = []): Uint8Array {
    const words = [...new TextEncoder().encode(text)];
    return this.pdu(10, code, [...u32(about.length), ...about, ...u32(words.length), ...words]);
  }

  aspa(customer: number, providers: readonly number[], isAnnounced = true): Uint8Array {
    return this.pdu(11, isAnnounced ? 0x0100 : 0, [customer, ...providers].flatMap(u32));
  }

  private pdu(type: number, field: number, body: readonly number[] | Uint8Array = []): Uint8Array {
    const head = [this.version, type, field >> 8, field & 0xff, ...u32(8 + body.length)];
    return Uint8Array.from([...head, ...body]);
  }
}

/** Reads `192.0.2.0/24-28 AS64500`; without `-28` the maximum length is that of the prefix. */
export function vrpOf(text: string) {
  const [range, as] = text.split(' AS');
  const [network, most] = range.split(/-(?=\d+$)/);
  const prefix = parsePrefix(network);
  const maxLengthBits = most === undefined ? prefix.lengthBits : Number(most);
  return { prefix, maxLengthBits, asn: Number(as) };
}

export function u32(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
