import { describe, expect, it } from 'vitest';
import type { BfdPacket, BfdState } from '../../src/bfd/packet.ts';
import { type BfdMove, BfdSession, type BfdTerms, nextState } from '../../src/bfd/session.ts';

const terms: BfdTerms = { minTxMs: 100, minRxMs: 100, multiplier: 3 };

/** One end of a link, and the packets that are on their way to it. */
class End {
  readonly sent: { readonly packet: BfdPacket; readonly atMs: number }[] = [];
  readonly moves: (BfdMove & { readonly atMs: number })[] = [];
  readonly session: BfdSession;
  readonly queue: { readonly packet: BfdPacket; readonly atMs: number }[] = [];

  constructor(link: Link, discriminator: number, own: BfdTerms, random: () => number) {
    const send = (packet: BfdPacket): void => {
      this.sent.push({ packet, atMs: link.now });
      link.carry(this, packet);
    };
    const moved = (move: BfdMove, atMs: number): void => void this.moves.push({ ...move, atMs });
    this.session = new BfdSession(discriminator, own, { send, moved }, random, link.now);
  }
}

/** Two ends, a clock, and rules for which packets are lost and how long the others take. */
class Link {
  now = 1_000_000;
  readonly a: End;
  readonly b: End;
  loses: (from: End) => boolean = () => false;
  delayMs: () => number = () => 1;

  constructor(a: BfdTerms = terms, b: BfdTerms = terms, random: () => number = () => 0.5) {
    this.a = new End(this, 11, a, random);
    this.b = new End(this, 22, b, random);
  }

  carry(from: End, packet: BfdPacket): void {
    if (this.loses(from)) return;
    const to = from === this.a ? this.b : this.a;
    to.queue.push({ packet, atMs: this.now + this.delayMs() });
    to.queue.sort((one, other) => one.atMs - other.atMs);
  }

  run(ms: number): void {
    const endMs = this.now + ms;
    for (;;) {
      const next = Math.min(
        ...[this.a, this.b].flatMap(({ session, queue }) => [
          session.nextDeadline(),
          queue[0]?.atMs ?? Infinity,
        ]),
      );
      if (next > endMs) break;
      this.now = Math.max(this.now, next);
      for (const end of [this.a, this.b]) {
        while (end.queue.length > 0 && end.queue[0].atMs <= this.now) {
          const [{ packet }] = end.queue.splice(0, 1);
          end.session.receive(packet, this.now);
        }
        if (end.session.nextDeadline() <= this.now) end.session.tick(this.now);
      }
    }
    this.now = endMs;
  }
}

function gapsOf(end: End, sinceMs: number): number[] {
  const times = end.sent.filter(({ atMs }) => atMs >= sinceMs).map(({ atMs }) => atMs);
  return times.slice(1).map((atMs, at) => atMs - times[at]);
}

describe('the state machine of BFD (RFC 5880 §6.2)', () => {
  const rows: readonly [BfdState, Record<BfdState, BfdState>][] = [
    ['down', { admin_down: 'down', down: 'init', init: 'up', up: 'down' }],
    ['init', { admin_down: 'down', down: 'init', init: 'up', up: 'up' }],
    ['up', { admin_down: 'down', down: 'down', init: 'up', up: 'up' }],
  ];
  it.each(
    rows.flatMap(([local, row]) =>
      Object.entries(row).map(([received, next]) => [local, received, next]),
    ) as [BfdState, BfdState, BfdState][],
  )('in %s a packet that says %s leads to %s', (local, received, next) => {
    expect(nextState(local, received)).toBe(next);
  });
});

describe('a BFD session', () => {
  it('sends once a second, jittered, until the other end answers', () => {
    const link = new Link(terms, terms, () => 0);
    link.loses = () => true;
    link.run(10_000);
    expect(new Set(gapsOf(link.a, 0))).toEqual(new Set([750]));
    expect(link.a.sent[0].packet).toMatchObject({
      state: 'down',
      yourDiscriminator: 0,
      desiredMinTxUs: 1_000_000,
      requiredMinRxUs: 100_000,
    });
  });

  it('is Up after the three packets of the handshake, and agrees on its own pace by a Poll Sequence', () => {
    const link = new Link();
    link.run(2000);
    expect(link.a.session.state).toBe('up');
    expect(link.b.session.state).toBe('up');
    expect(link.a.sent.some(({ packet }) => packet.poll)).toBe(true);
    expect(link.b.sent.some(({ packet }) => packet.final)).toBe(true);
    const fromMs = link.now;
    link.run(1000);
    expect(link.a.sent.at(-1)?.packet).toMatchObject({ poll: false, desiredMinTxUs: 100_000 });
    expect(Math.max(...gapsOf(link.a, fromMs))).toBeLessThanOrEqual(100);
    expect(link.a.session.detectMs).toBe(300);
  });

  it('goes Down when the detection time has passed without a packet, and not before', () => {
    const link = new Link();
    link.run(2000);
    link.loses = () => true;
    link.run(2000);
    const down = link.a.moves.at(-1);
    expect(down).toMatchObject({
      from: 'up',
      to: 'down',
      by: 'timeout',
      diagnostic: 'control_detection_time_expired',
    });
    expect(down?.silentMs).toBeCloseTo(300, 5);
    expect(link.a.session.remoteDiscriminator).toBe(0);
    expect(link.a.session.downs).toBe(1);
  });

  it('survives the loss of all packets but every third', () => {
    const link = new Link();
    link.run(2000);
    let count = 0;
    link.loses = () => count++ % 3 !== 0;
    link.a.moves.length = 0;
    link.run(20_000);
    expect(link.a.moves).toEqual([]);
  });

  it('goes Down when the other end signals Down, and gives that as its diagnostic', () => {
    const link = new Link();
    link.run(2000);
    link.loses = (from) => from === link.a;
    link.run(350);
    expect(link.a.moves.at(-1)).toMatchObject({
      to: 'down',
      by: 'peer',
      diagnostic: 'neighbor_signaled_session_down',
    });
  });

  it.each([
    ['slower', { minTxMs: 400, minRxMs: 400, multiplier: 3 }],
    ['faster', { minTxMs: 50, minRxMs: 50, multiplier: 5 }],
  ])('takes %s terms without leaving Up', (_, next) => {
    const link = new Link();
    link.run(2000);
    link.a.moves.length = 0;
    link.b.moves.length = 0;
    link.a.session.change(next, link.now);
    link.run(3000);
    expect([link.a.moves, link.b.moves]).toEqual([[], []]);
    expect(link.a.session.txMs).toBe(Math.max(next.minTxMs, 100));
    expect(link.b.session.detectMs).toBe(next.multiplier * Math.max(next.minTxMs, 100));
  });

  it('keeps its old pace until the other end has confirmed a slower one', () => {
    const link = new Link();
    link.run(2000);
    link.loses = (from) => from === link.b;
    link.a.session.change({ ...terms, minTxMs: 1000 }, link.now);
    link.run(200);
    expect(link.a.session.txMs).toBe(100);
    expect(link.a.sent.at(-1)?.packet).toMatchObject({ poll: true, desiredMinTxUs: 1_000_000 });
  });

  it('takes the other end Down when it enters AdminDown, without a timeout', () => {
    const link = new Link();
    link.run(2000);
    link.a.session.setAdminDown(true, link.now);
    link.run(10);
    expect(link.b.moves.at(-1)).toMatchObject({
      to: 'down',
      by: 'peer',
      remoteState: 'admin_down',
    });
    link.a.session.setAdminDown(false, link.now);
    link.run(3000);
    expect(link.b.session.state).toBe('up');
  });

  it('sends nothing to an end that wants no packets, but still answers its Poll', () => {
    const link = new Link(terms, { ...terms, minRxMs: 0 });
    link.run(5000);
    const fromMs = link.now;
    link.a.session.receive({ ...link.b.sent[0].packet, poll: true, state: 'up' }, link.now);
    link.run(5000);
    const sent = link.a.sent.filter(({ atMs }) => atMs >= fromMs);
    expect(sent.filter(({ packet }) => !packet.final)).toEqual([]);
    expect(sent.filter(({ packet }) => packet.final).length).toBeGreaterThan(0);
  });

  it('sends no periodic packets to an end in demand mode while both are Up', () => {
    const link = new Link();
    link.run(2000);
    const { packet } = link.b.sent.at(-1) ?? link.b.sent[0];
    link.loses = () => true;
    const fromMs = link.now + 1;
    link.a.session.receive({ ...packet, state: 'up', demand: true, final: true }, link.now);
    link.run(250);
    expect(link.a.sent.filter(({ atMs }) => atMs >= fromMs)).toEqual([]);
  });

  it('sends within 90 percent of its interval if its multiplier is 1', () => {
    const one = { ...terms, multiplier: 1 };
    const link = new Link(one, one, () => 0.999);
    link.run(3000);
    const fromMs = link.now;
    link.run(1000);
    expect(Math.max(...gapsOf(link.a, fromMs))).toBeLessThanOrEqual(90);
  });

  it('extends the detection time by the time for which this process was stalled', () => {
    const link = new Link();
    link.run(2000);
    link.a.moves.length = 0;
    link.now += 5000;
    link.a.session.forgive(5000);
    link.a.queue.length = 0;
    link.b.queue.length = 0;
    link.a.session.tick(link.now);
    expect(link.a.moves).toEqual([]);
  });
});

describe('two BFD sessions on a link that loses, delays and reorders packets', () => {
  const seeds = Array.from({ length: 40 }, (_, at) => at + 1);

  it.each(seeds)(
    'agree on their state once the link is reliable, and detect in time that it is cut (seed %i)',
    (seed) => {
      const random = randomOf(seed);
      const pick = (): BfdTerms => ({
        minTxMs: 50 + Math.floor(random() * 20) * 50,
        minRxMs: 50 + Math.floor(random() * 20) * 50,
        multiplier: 1 + Math.floor(random() * 5),
      });
      const link = new Link(pick(), pick(), random);
      const share = random() * 0.9;
      link.loses = () => random() < share;
      link.delayMs = () => random() * 40;
      for (let step = 0; step < 20; step++) {
        link.run(random() * 3000);
        const end = random() < 0.5 ? link.a : link.b;
        if (random() < 0.3) end.session.change(pick(), link.now);
        if (random() < 0.2) end.session.setAdminDown(random() < 0.5, link.now);
      }
      link.a.session.setAdminDown(false, link.now);
      link.b.session.setAdminDown(false, link.now);
      link.loses = () => false;
      link.delayMs = () => 1;
      link.run(20_000);
      for (const { session } of [link.a, link.b]) {
        expect(session.state).toBe('up');
        expect(session.remoteState).toBe('up');
      }
      expect(link.a.session.rxMs).toBe(link.b.session.txMs);
      link.a.moves.length = 0;
      link.loses = () => true;
      link.run(link.a.session.detectMs + 2);
      expect(link.a.moves.filter(({ to }) => to === 'down')).toHaveLength(1);
    },
  );
});

function randomOf(seed: number): () => number {
  let state = seed * 2654435761;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}
