import {
  addressOctets,
  bgpPort,
  type Family,
  routeServerAddress,
  type Speaker,
} from '../addresses.ts';
import * as libc from './libc.ts';
import { endOfRib, headerBytes, keepalive, open } from './messages.ts';
import type { RouterTable } from './router-table.ts';
import type { UpdateReader } from './update-reader.ts';

export type SessionState = 'closed' | 'connecting' | 'openSent' | 'established';

/** What all sessions of a run share. */
export interface SessionContext {
  readonly family: Family;
  readonly holdTimeSec: number;
  readonly isExchange: boolean;
  readonly epoll: libc.Epoll;
  readonly reader: UpdateReader;
}

const maxMessageBytes = 4096;
const inboxBytes = 256 << 10;
/** One buffer for all sessions: an incomplete message is kept before the window of the next read. */
const inbox = Buffer.alloc(maxMessageBytes + inboxBytes);
const inboxWindow = inbox.subarray(maxMessageBytes);
const keepaliveOctets = keepalive();

const OPEN = 1;
const UPDATE = 2;
const NOTIFICATION = 3;
const KEEPALIVE = 4;

/**
 * The session of one speaker: it connects, sends OPEN and the messages that it is given, and reads what a router is
 * sent.
 */
export class LoadSession {
  readonly speaker: Speaker;
  /** For a router; a node is to receive no routes except at an exchange. */
  readonly table: RouterTable | undefined;
  state: SessionState = 'closed';
  /** Whether the session should be up. */
  isWanted = false;
  lost = 0;
  lastNotification = '';
  dialledMs = 0;
  keepaliveDueMs = 0;
  /** The longest time between two KEEPALIVEs of the daemon. */
  longestSilenceMs = 0;
  private readonly context: SessionContext;
  private readonly tag: number;
  private fd = -1;
  private hasOpen = false;
  private lastKeepaliveMs = 0;
  private readonly rest = Buffer.alloc(maxMessageBytes);
  private restLength = 0;
  private queue: Buffer[] = [];
  private isWaitingToWrite = false;

  constructor(context: SessionContext, tag: number, speaker: Speaker, table?: RouterTable) {
    this.context = context;
    this.tag = tag;
    this.speaker = speaker;
    this.table = table;
  }

  get hasUnsent(): boolean {
    return this.queue.length > 0;
  }

  connect(): void {
    const { family, epoll } = this.context;
    const source = addressOctets(this.speaker.address);
    const target = addressOctets(routeServerAddress[family]);
    this.fd = libc.dial(family, source, target, bgpPort);
    this.state = 'connecting';
    this.isWanted = true;
    this.dialledMs = performance.now();
    this.hasOpen = false;
    this.restLength = 0;
    this.queue = [];
    this.isWaitingToWrite = false;
    epoll.add(this.fd, this.tag, libc.Epoll.writable);
  }

  /** An orderly FIN. */
  close(): void {
    this.isWanted = false;
    this.drop();
  }

  /** There is no answer: the daemon's backlog was full, and TCP retries ever more rarely. */
  redial(): void {
    this.drop();
    this.connect();
  }

  send(octets: Buffer): void {
    this.queue.push(octets);
    if (this.queue.length === 1) this.flush();
  }

  sendKeepalive(): void {
    if (!this.hasUnsent) this.send(keepaliveOctets);
  }

  forgetSilence(): void {
    this.longestSilenceMs = 0;
    this.lastKeepaliveMs = 0;
  }

  /** To be called when epoll reports something for this session. */
  handle(ready: number): void {
    if (this.state === 'connecting') {
      this.finishConnect();
      return;
    }
    if ((ready & libc.Epoll.writable) !== 0) this.flush();
    if ((ready & ~libc.Epoll.writable) !== 0 && this.state !== 'closed') this.receive();
  }

  private finishConnect(): void {
    if (libc.connectionError(this.fd) !== 0) {
      this.drop();
      return;
    }
    const { family, holdTimeSec, epoll } = this.context;
    this.state = 'openSent';
    epoll.change(this.fd, this.tag, libc.Epoll.readable);
    this.send(open(family, this.speaker.as, holdTimeSec, this.speaker.routerId));
  }

  private flush(): void {
    while (this.queue.length > 0) {
      const octets = this.queue[0];
      const sent = libc.transmit(this.fd, octets);
      if (sent < octets.length) {
        this.queue[0] = octets.subarray(sent);
        this.waitToWrite(true);
        return;
      }
      this.queue.shift();
    }
    this.waitToWrite(false);
  }

  private waitToWrite(isWaiting: boolean): void {
    if (isWaiting === this.isWaitingToWrite) return;
    this.isWaitingToWrite = isWaiting;
    const { readable, writable } = libc.Epoll;
    this.context.epoll.change(this.fd, this.tag, isWaiting ? readable | writable : readable);
  }

  private receive(): void {
    const count = libc.receive(this.fd, inboxWindow);
    if (count < 0) return;
    if (count === 0) {
      this.drop();
      return;
    }
    const start = maxMessageBytes - this.restLength;
    this.rest.copy(inbox, start, 0, this.restLength);
    if (this.table !== undefined) this.table.bytes += count;
    this.readMessages(start, maxMessageBytes + count);
  }

  private readMessages(start: number, end: number): void {
    let at = start;
    while (end - at >= headerBytes) {
      const length = (inbox[at + 16] << 8) | inbox[at + 17];
      if (end - at < length) break;
      this.readMessage(at, at + length);
      if (this.state === 'closed') return;
      at += length;
    }
    inbox.copy(this.rest, 0, at, end);
    this.restLength = end - at;
  }

  private readMessage(start: number, end: number): void {
    const type = inbox[start + 18];
    if (this.table !== undefined) this.table.messages++;
    if (type === UPDATE) this.readUpdate(start, end);
    else if (type === KEEPALIVE) this.readKeepalive();
    else if (type === OPEN) this.readOpen();
    else if (type === NOTIFICATION) this.readNotification(start);
  }

  private readUpdate(start: number, end: number): void {
    if (this.table !== undefined) this.context.reader.read(inbox, start, end, this.table);
    else if (!this.context.isExchange && end - start > headerBytes + 11) {
      throw new Error(`${this.speaker.name} is told routes: ${inbox.toString('hex', start, end)}`);
    }
  }

  private readOpen(): void {
    this.hasOpen = true;
    this.send(keepaliveOctets);
  }

  private readKeepalive(): void {
    const now = performance.now();
    if (this.state === 'established' && this.lastKeepaliveMs > 0) {
      const silence = now - this.lastKeepaliveMs;
      if (silence > this.longestSilenceMs) this.longestSilenceMs = silence;
    }
    this.lastKeepaliveMs = now;
    if (this.state !== 'openSent' || !this.hasOpen) return;
    this.state = 'established';
    this.keepaliveDueMs = now + (this.context.holdTimeSec * 1000) / 3;
    if (this.speaker.role === 'router') this.send(endOfRib(this.context.family));
  }

  private readNotification(start: number): void {
    this.lastNotification = `${inbox[start + 19]}/${inbox[start + 20]}`;
  }

  private drop(): void {
    if (this.state === 'closed') return;
    if (this.state === 'established' && this.isWanted) this.lost++;
    libc.close(this.fd);
    this.state = 'closed';
    this.table?.clear();
  }
}
