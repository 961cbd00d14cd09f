import { keepalive, MessageType } from '#support/raw-message.ts';
import type { RawMessage, RawSpeaker } from '#support/raw-speaker.ts';
import { waitFor } from '#support/wait.ts';
import { openMessage, type OpenParts } from './open-bytes.ts';

/** How UPDATEs of this side are written, according to the two OPENs. */
export interface Encoding {
  readonly asBytes: 2 | 4;
  readonly hasPathIds: boolean;
  readonly family: 'ipv4' | 'ipv6';
  readonly as: number;
}

const everyMs = 5;

/** One connection with the daemon, seen from our side. */
export class Speaker {
  readonly raw: RawSpeaker;
  readonly encoding: Encoding;
  private readonly seconds: number;

  /** `seconds` is how long a message that should come is waited for. */
  constructor(raw: RawSpeaker, encoding: Encoding, seconds: number) {
    this.raw = raw;
    this.encoding = encoding;
    this.seconds = seconds;
  }

  get isClosed(): boolean {
    return this.raw.isClosed;
  }

  get notification(): RawMessage | undefined {
    return this.raw.received.find(({ type }) => type === MessageType.notification);
  }

  send(...messages: readonly Uint8Array[]): void {
    this.raw.send(...messages);
  }

  close(): void {
    this.raw.close();
  }

  count(type: number): number {
    return this.raw.of(type).length;
  }

  /** Waits until `count` messages of the type have arrived; returns false if the connection ends before that. */
  async has(type: number, count = 1, seconds = this.seconds): Promise<boolean> {
    const isThere = (): boolean => this.count(type) >= count;
    return (await this.until(() => isThere() || this.hasEnded, seconds)) && isThere();
  }

  /** Waits for the daemon's OPEN. */
  hasOpen(): Promise<boolean> {
    return this.has(MessageType.open);
  }

  /** Sends an OPEN; returns `accepted` if a KEEPALIVE answers it, otherwise how the connection ended. */
  async open(parts: OpenParts): Promise<string> {
    return this.openWith(openMessage(parts));
  }

  async openWith(...bytes: readonly Uint8Array[]): Promise<string> {
    this.send(...bytes);
    return (await this.has(MessageType.keepalive)) ? 'accepted' : this.ending();
  }

  /** Exchanges OPENs and KEEPALIVEs; returns `established`, or else how the session ended. */
  async establish(parts: OpenParts): Promise<string> {
    const answer = await this.open(parts);
    if (answer !== 'accepted') return answer;
    this.send(keepalive());
    return 'established';
  }

  /** Returns `NOTIFICATION 2/1 0004`, `closed`, or `silence` if nothing ended it. */
  async ending(seconds = this.seconds): Promise<string> {
    await this.until(() => this.hasEnded, seconds);
    const { notification } = this;
    if (notification === undefined) return this.isClosed ? 'closed' : 'silence';
    await this.until(() => this.isClosed);
    return notificationText(notification) + (this.isClosed ? '' : ', not closed');
  }

  /** Returns false if the condition did not come true in time. */
  until(condition: () => boolean, seconds = this.seconds): Promise<boolean> {
    return comesTrue(condition, seconds);
  }

  private get hasEnded(): boolean {
    return this.isClosed || this.notification !== undefined;
  }
}

export async function comesTrue(condition: () => boolean, seconds: number): Promise<boolean> {
  try {
    await waitFor('a condition', condition, Boolean, { seconds, everyMs });
    return true;
  } catch {
    return false;
  }
}

export function notificationText({ body }: RawMessage): string {
  const data = body.subarray(2).toString('hex');
  return `NOTIFICATION ${body[0]}/${body[1]}${data === '' ? '' : ` ${data}`}`;
}
