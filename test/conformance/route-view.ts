import { MessageType } from '#support/raw-message.ts';
import type { RawMessage, RawSpeaker } from '#support/raw-speaker.ts';
import type { Family } from './case.ts';

export interface SeenAttribute {
  readonly flags: number;
  readonly value: Buffer;
}

/** By type, in the order in which they were sent. */
export type SeenAttributes = ReadonlyMap<number, SeenAttribute>;

/** What a client was sent, in order. A route is named by its NLRI in hex, without the path identifier. */
export type SeenEvent =
  | {
      readonly kind: 'announced';
      readonly nlri: string;
      readonly pathId: number;
      readonly attributes: SeenAttributes;
      /** Of the whole UPDATE. */
      readonly messageBytes: number;
    }
  | { readonly kind: 'withdrawn'; readonly nlri: string; readonly pathId: number }
  | { readonly kind: 'endOfRib'; readonly family: Family }
  | { readonly kind: 'refresh'; readonly body: string };

export type Announced = Extract<SeenEvent, { readonly kind: 'announced' }>;

/** Reads what the daemon sends to one client: every event, and which routes the client holds now. */
export class RouteView {
  readonly events: SeenEvent[] = [];
  readonly speaker: RawSpeaker;
  private readonly hasPathIds: boolean;
  private readonly held = new Map<string, Map<number, Announced>>();
  private readonly read: (message: RawMessage) => void;
  private next = 0;

  constructor(speaker: RawSpeaker, hasPathIds = false) {
    this.speaker = speaker;
    this.hasPathIds = hasPathIds;
    this.read = (message) => this.take(message);
  }

  /** Returns the route as it was last announced, or `undefined` if it is withdrawn or was never sent. */
  route(nlri: Uint8Array): Announced | undefined {
    return [...this.paths(nlri).values()].at(-1);
  }

  /** By path identifier. */
  paths(nlri: Uint8Array): ReadonlyMap<number, Announced> {
    this.catchUp();
    return this.held.get(nameOf(nlri)) ?? new Map();
  }

  /** Returns what was sent about one route. */
  historyOf(nlri: Uint8Array): SeenEvent[] {
    this.catchUp();
    const name = nameOf(nlri);
    return this.events.filter((event) => 'nlri' in event && event.nlri === name);
  }

  /** Returns everything that was sent from the `from`th event on. */
  since(from: number): SeenEvent[] {
    this.catchUp();
    return this.events.slice(from);
  }

  private catchUp(): void {
    const { received } = this.speaker;
    while (this.next < received.length) this.read(received[this.next++]);
  }

  private take({ type, body, bytes }: RawMessage): void {
    if (type === MessageType.routeRefresh) {
      this.events.push({ kind: 'refresh', body: body.toString('hex') });
    }
    if (type !== MessageType.update) return;
    const withdrawnEnd = 2 + body.readUInt16BE(0);
    const attributesEnd = withdrawnEnd + 2 + body.readUInt16BE(withdrawnEnd);
    const attributes = readAttributes(body.subarray(withdrawnEnd + 2, attributesEnd));
    const reach = attributes.get(14)?.value;
    const unreach = attributes.get(15)?.value;
    this.withdraw('ipv4', body.subarray(2, withdrawnEnd));
    if (unreach !== undefined) this.withdraw(familyOf(unreach), unreach.subarray(3));
    const messageBytes = bytes.length;
    this.announce('ipv4', body.subarray(attributesEnd), attributes, messageBytes);
    if (reach !== undefined) {
      this.announce(familyOf(reach), reach.subarray(5 + reach[3]), attributes, messageBytes);
    }
    if (body.length === 4) this.events.push({ kind: 'endOfRib', family: 'ipv4' });
    if (attributes.size === 1 && unreach?.length === 3) {
      this.events.push({ kind: 'endOfRib', family: familyOf(unreach) });
    }
  }

  private withdraw(family: Family, nlri: Buffer): void {
    for (const { name, pathId } of this.split(family, nlri)) {
      this.events.push({ kind: 'withdrawn', nlri: name, pathId });
      this.held.get(name)?.delete(pathId);
    }
  }

  private announce(
    family: Family,
    nlri: Buffer,
    attributes: SeenAttributes,
    messageBytes: number,
  ): void {
    for (const { name, pathId } of this.split(family, nlri)) {
      const event = { kind: 'announced', nlri: name, pathId, attributes, messageBytes } as const;
      this.events.push(event);
      const paths = this.held.get(name) ?? new Map<number, Announced>();
      paths.delete(pathId);
      this.held.set(name, paths.set(pathId, event));
    }
  }

  /** The family distinguishes the two default routes: both are `00`. */
  private *split(family: Family, nlri: Buffer): Generator<{ name: string; pathId: number }> {
    for (let at = 0; at < nlri.length;) {
      const pathId = this.hasPathIds ? nlri.readUInt32BE(at) : 0;
      const start = this.hasPathIds ? at + 4 : at;
      const end = start + 1 + ((nlri[start] + 7) >> 3);
      const isDefault = family === 'ipv6' && end === start + 1;
      yield { name: isDefault ? 'ipv6 default' : nameOf(nlri.subarray(start, end)), pathId };
      at = end;
    }
  }
}

function nameOf(nlri: Uint8Array): string {
  return Buffer.from(nlri).toString('hex');
}

function familyOf(attribute: Buffer): Family {
  return attribute.readUInt16BE(0) === 2 ? 'ipv6' : 'ipv4';
}

function readAttributes(block: Buffer): Map<number, SeenAttribute> {
  const attributes = new Map<number, SeenAttribute>();
  for (let at = 0; at < block.length;) {
    const flags = block[at];
    const isExtended = (flags & 0x10) !== 0;
    const start = at + (isExtended ? 4 : 3);
    const end = start + (isExtended ? block.readUInt16BE(at + 2) : block[at + 2]);
    attributes.set(block[at + 1], { flags, value: block.subarray(start, end) });
    at = end;
  }
  return attributes;
}
