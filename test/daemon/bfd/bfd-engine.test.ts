import { constants } from 'node:os';
import { beforeEach, describe, expect, it } from 'vitest';
import { type BfdPacket, decodeBfdPacket, encodeBfdPacket } from '#bfd/packet.ts';
import { BfdSession, type BfdTerms } from '#bfd/session.ts';
import { BfdEngine } from '#daemon/bfd/bfd-engine.ts';
import type { BfdReport, BfdSessionSettings } from '#daemon/bfd/bfd-messages.ts';
import type { BfdReceived } from '#daemon/bfd/bfd-sockets.ts';
import { SocketError } from '#os/libc.ts';
import { ManualClock } from '#support/manual-clock.ts';

const terms: BfdTerms = { minTxMs: 100, minRxMs: 100, multiplier: 3 };
const detectMs = 300;
const brake = { maxShare: 0.5, withinMs: 1000, atLeast: 3 };

const settingsOf = (peer: string, more: Partial<BfdSessionSettings> = {}): BfdSessionSettings => ({
  peer,
  address: Uint8Array.of(192, 0, 2, Number(peer.slice(1))),
  addressText: `192.0.2.${peer.slice(1)}`,
  isMultihop: false,
  minTtl: 255,
  isAdminDown: false,
  terms,
  ...more,
});

/** The other end of one session, which is an independent speaker. */
class FarEnd {
  readonly received: BfdPacket[] = [];
  readonly session: BfdSession;
  isCut = false;

  constructor(stage: Stage, address: string, discriminator: number) {
    this.session = new BfdSession(
      discriminator,
      terms,
      { send: (packet) => this.isCut || stage.deliver(packet, address), moved: () => undefined },
      () => 0.5,
      stage.clock.monotonic(),
    );
    const tick = (): void => {
      const now = stage.clock.monotonic();
      if (now >= this.session.nextDeadline()) this.session.tick(now);
    };
    stage.clock.every(5, tick);
  }

  take(packet: BfdPacket, now: number): void {
    if (this.isCut) return;
    this.received.push(packet);
    this.session.receive(packet, now);
  }
}

/** The engine on a clock and a network that the test controls. */
class Stage {
  readonly clock = new ManualClock();
  readonly reports: BfdReport[] = [];
  readonly far = new Map<string, FarEnd>();
  /** By address: whether a socket to it can be opened. */
  readonly unreachable = new Set<string>();
  earFailures: readonly string[] = [];
  carriers = new Set(['eth0', 'eth1']);
  mouths = 0;
  areEarsOpen = true;
  /** Packets that arrive wait in a socket until the next turn of the event loop; a flood never ends. */
  readsLate: 'never' | 'in the next turn' | 'all the time' = 'never';
  private readonly unread: (() => void)[] = [];
  readonly engine: BfdEngine;
  private received: BfdReceived = () => undefined;
  private randoms = 0;

  constructor() {
    const hasUnread = (): boolean => this.turn();
    this.engine = new BfdEngine({
      clock: this.clock,
      random: () => (++this.randoms % 97) / 97,
      carriers: () => new Set(this.carriers),
      openEars: (received) => {
        this.received = received;
        return {
          serve: () => [...this.earFailures],
          get hasUnread() {
            return hasUnread();
          },
          close: () => (this.areEarsOpen = false),
        };
      },
      openMouth: ({ addressText }) => {
        if (this.unreachable.has(addressText)) {
          throw new SocketError('bind', constants.errno.EADDRNOTAVAIL);
        }
        this.mouths++;
        return {
          send: (bytes, _port, to) => {
            const packet = decodeBfdPacket(bytes);
            if (packet !== undefined) this.far.get(to)?.take(packet, this.clock.monotonic());
          },
          close: () => this.mouths--,
        };
      },
      report: (report) => this.reports.push(report),
    });
  }

  deliver(packet: BfdPacket, from: string, isMultihop = false): void {
    const bytes = encodeBfdPacket(packet);
    const read = (): void => this.received(bytes, from, isMultihop);
    this.clock.after(1, () => {
      if (this.readsLate === 'in the next turn') this.unread.push(read);
      else read();
    });
  }

  /** Whether packets wait, which are then read in the next turn. A flood takes a millisecond of each turn. */
  private turn(): boolean {
    if (this.readsLate === 'all the time') this.clock.nowMs += 1;
    const has = this.unread.length > 0;
    if (has) this.clock.soon(() => this.unread.splice(0).forEach((read) => read()));
    return has || this.readsLate === 'all the time';
  }

  configure(...sessions: readonly BfdSessionSettings[]): void {
    this.engine.handle({ kind: 'sessions', sessions, brake });
  }

  /** Sessions W1, W2, … that are up. */
  up(count: number, own: BfdTerms = terms): FarEnd[] {
    const sessions = Array.from({ length: count }, (_, at) =>
      settingsOf(`W${at + 1}`, { terms: own }),
    );
    const ends = sessions.map(({ addressText }, at) => {
      const end = new FarEnd(this, addressText, 1000 + at);
      this.far.set(addressText, end);
      return end;
    });
    this.configure(...sessions);
    this.clock.advance(5000);
    expect(ends.map(({ session }) => session.state)).toEqual(sessions.map(() => 'up'));
    this.reports.length = 0;
    return ends;
  }

  /** Sessions that have left Up, in order, each with the answer of the brake. */
  get lost(): string[] {
    return this.reports.flatMap((report) =>
      report.kind === 'moved' && report.move.from === 'up'
        ? [`${report.peer} ${report.move.by} ${report.brake ?? 'ends BGP'}`]
        : [],
    );
  }
}

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});

describe('a session', () => {
  it('comes up, and what was agreed is reported', () => {
    stage.far.set('192.0.2.1', new FarEnd(stage, '192.0.2.1', 7));
    stage.configure(settingsOf('W1'));
    stage.clock.advance(5000);
    const states = stage.reports.flatMap((report) =>
      report.kind === 'moved' ? [report.move.to] : [],
    );
    expect(states.at(-1)).toBe('up');
    expect(stage.reports.findLast(({ kind }) => kind === 'heard')).toMatchObject({
      peer: 'W1',
      heard: { remoteState: 'up', txMs: 100, rxMs: 100, detectMs },
    });
  });

  it('is lost when the other end has been silent for its detection time, and not before', () => {
    const [first] = stage.up(4);
    first.isCut = true;
    stage.clock.advance(detectMs - 110);
    expect(stage.lost).toEqual([]);
    stage.clock.advance(110);
    expect(stage.lost).toEqual(['W1 timeout ends BGP']);
  });

  it('is not lost while a packet of its other end waits to be read', () => {
    stage.up(4);
    stage.readsLate = 'in the next turn';
    stage.clock.advance(2 * detectMs);
    expect(stage.lost).toEqual([]);
  });

  it('is not starved by packets that never end', () => {
    const ends = stage.up(4);
    stage.readsLate = 'all the time';
    stage.clock.advance(2000);
    expect(ends.map(({ session }) => session.state)).toEqual(ends.map(() => 'up'));
    expect(stage.lost).toEqual([]);
  });

  it('that the other end takes down does not ask the brake', () => {
    const [first] = stage.up(4);
    stage.carriers.delete('eth0');
    first.session.setAdminDown(true, stage.clock.monotonic());
    stage.clock.advance(10);
    expect(stage.lost).toEqual(['W1 peer ends BGP']);
  });

  it('that is removed says AdminDown three times and closes its socket', () => {
    const [first] = stage.up(2);
    first.received.length = 0;
    stage.configure(settingsOf('W2'));
    expect(first.received.map(({ state }) => state)).toEqual([
      'admin_down',
      'admin_down',
      'admin_down',
    ]);
    expect(stage.mouths).toBe(1);
  });

  it('is replaced if its address changes, and stays if only its timers change', () => {
    const [first] = stage.up(1);
    stage.configure(settingsOf('W1', { terms: { ...terms, minTxMs: 200 } }));
    stage.clock.advance(2000);
    expect(stage.lost).toEqual([]);
    expect(first.received.at(-1)?.desiredMinTxUs).toBe(200_000);
    stage.configure(
      settingsOf('W1', { address: Uint8Array.of(192, 0, 2, 9), addressText: '192.0.2.9' }),
    );
    expect(stage.lost).toEqual(['W1 operator ends BGP']);
    expect(first.received.at(-1)?.state).toBe('admin_down');
  });

  const strangers = [
    { what: 'from the address of another peer', from: '192.0.2.2', isMultihop: false },
    { what: 'from an address that has no session', from: '192.0.2.77', isMultihop: false },
    { what: 'of the right peer on the port of multihop', from: '192.0.2.1', isMultihop: true },
  ];
  it.each(strangers)(
    'ignores a packet $what, whatever session it names',
    ({ from, isMultihop }) => {
      const [first] = stage.up(2);
      const { session } = first;
      const packet = first.received.at(-1);
      if (packet === undefined) throw new Error('nothing was sent');
      stage.deliver(
        {
          ...packet,
          state: 'down',
          myDiscriminator: session.discriminator,
          yourDiscriminator: packet.myDiscriminator,
        },
        from,
        isMultihop,
      );
      stage.clock.advance(2);
      expect(stage.lost).toEqual([]);
    },
  );
});

describe('the brake', () => {
  const carrierRows = [
    { what: 'seen by the regular look', aheadMs: 1100, lost: 'W1 timeout carrier' },
    { what: 'that nobody has looked at yet', aheadMs: 0, lost: 'W1 timeout carrier' },
    { what: 'that was long ago', aheadMs: 5000, lost: 'W1 timeout ends BGP' },
  ];
  it.each(carrierRows)(
    'notices that an interface of ours has lost its carrier, $what',
    ({ aheadMs, lost }) => {
      const [first] = stage.up(8);
      stage.carriers.delete('eth1');
      stage.clock.advance(aheadMs);
      first.isCut = true;
      stage.clock.advance(detectMs + 20);
      expect(stage.lost).toEqual([lost]);
    },
  );

  it('remembers a lost carrier until the session with the longest detection time has been lost by it', () => {
    const [first] = stage.up(8, { minTxMs: 1000, minRxMs: 1000, multiplier: 3 });
    stage.carriers.delete('eth1');
    first.isCut = true;
    stage.clock.advance(3100);
    expect(stage.lost).toEqual(['W1 timeout carrier']);
  });

  it('is not applied when a carrier comes up', () => {
    const [first] = stage.up(8);
    stage.carriers.add('eth2');
    stage.clock.advance(1100);
    first.isCut = true;
    stage.clock.advance(detectMs + 20);
    expect(stage.lost).toEqual(['W1 timeout ends BGP']);
  });

  it('treats many losses at once as a fault of our own, from the first of them on', () => {
    const ends = stage.up(6);
    for (const end of ends.slice(0, 3)) end.isCut = true;
    stage.clock.advance(detectMs + 20);
    expect(stage.lost).toEqual(['W1 timeout share', 'W2 timeout share', 'W3 timeout share']);
  });

  it('lets losses that are few, or far apart, end BGP', () => {
    const ends = stage.up(6);
    for (const end of ends.slice(0, 3)) {
      end.isCut = true;
      stage.clock.advance(brake.withinMs + detectMs);
    }
    expect(stage.lost).toEqual(['W1', 'W2', 'W3'].map((name) => `${name} timeout ends BGP`));
  });

  it('ignores losses after a stall of our own, which by itself ends no session', () => {
    const ends = stage.up(8);
    // Nothing runs meanwhile, and then everything runs at once; the other ends have longer timers.
    stage.clock.nowMs += 2000;
    for (const { session } of ends) session.forgive(2000);
    stage.clock.advance(50);
    expect(stage.lost).toEqual([]);
    ends[0].isCut = true;
    stage.clock.advance(detectMs + 20);
    expect(stage.lost).toEqual(['W1 timeout stall']);
    ends[1].isCut = true;
    stage.clock.advance(5000);
    expect(stage.lost).toHaveLength(2);
    ends[2].isCut = true;
    stage.clock.advance(5000);
    expect(stage.lost.at(-1)).toBe('W3 timeout ends BGP');
  });
});

describe('a socket', () => {
  it('that cannot be opened is reported once, and opened when that is possible', () => {
    stage.unreachable.add('192.0.2.1');
    stage.earFailures = ['BFD cannot listen'];
    stage.far.set('192.0.2.1', new FarEnd(stage, '192.0.2.1', 7));
    stage.configure(settingsOf('W1'));
    stage.clock.advance(5000);
    const texts = stage.reports.flatMap((report) =>
      report.kind === 'failed' ? [report.text] : [],
    );
    expect(texts).toEqual([
      'BFD cannot listen',
      expect.stringContaining('BFD cannot send to W1: bind: '),
    ]);
    stage.unreachable.clear();
    stage.earFailures = [];
    stage.clock.advance(5000);
    expect(stage.far.get('192.0.2.1')?.session.state).toBe('up');
  });
});

it('an engine that stops says AdminDown to all, closes what it has open, and asks for no more time', () => {
  const ends = stage.up(3);
  stage.engine.handle({ kind: 'stop' });
  expect(ends.map(({ received }) => received.at(-1)?.state)).toEqual(ends.map(() => 'admin_down'));
  expect(stage).toMatchObject({ mouths: 0, areEarsOpen: false });
  // The remaining timers are those of the other ends.
  for (const end of ends) end.isCut = true;
  stage.clock.advance(10);
  expect(stage.clock.pendingTimers).toBe(3);
});
