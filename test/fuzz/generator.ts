import type { Dice } from '#support/dice.ts';
import { keepalive, message, MessageType, routeRefresh } from '#support/raw-message.ts';
import type { DecodeContext } from '#wire/update.ts';
import type { Corpus } from './corpus.ts';
import type { FuzzPeer } from './fuzz-peer.ts';
import { randomMessage } from './messages.ts';
import type { Operation } from './operation.ts';
import { randomOpen, restarterOpen } from './random-open.ts';
import { randomAnnouncement, randomEndOfRib, randomTwins, randomWithdrawal } from './routes.ts';
import { plain, updateOf } from './update-parts.ts';
import type { World } from './world.ts';

const mostMessages = 40;
/** Of a peer whose routes are kept. */
const absences = [100, 1_000, 3_000, 6_000];

/** Decides what happens next: hostile peers do their worst, and honest ones behave. */
export class Generator {
  private readonly dice: Dice;
  private readonly corpus: Corpus;

  constructor(dice: Dice, corpus: Corpus) {
    this.dice = dice;
    this.corpus = corpus;
  }

  next(world: World): Operation {
    const { dice } = this;
    if (dice.chance(0.25)) return { kind: 'wait', ms: this.pause() };
    if (dice.chance(0.002)) return { kind: 'reload' };
    const peer = dice.pick(world.peers);
    // What becomes of stale routes can be seen for a short time only.
    if (hasStale(peer)) {
      if (dice.chance(0.1)) return { kind: 'check' };
      if (dice.chance(0.1)) return { kind: 'wait', ms: dice.pick([300, 700, 2_500, 4_500]) };
    }
    if (!peer.isHonest) return this.hostile(peer);
    return peer.plan.isRouter === true ? this.router(peer) : this.node(peer);
  }

  /** Usually a moment; sometimes long enough for a hold time to expire. */
  private pause(): number {
    const { dice } = this;
    if (dice.chance(0.985)) return dice.below(20);
    return dice.pick([300, 700, 1_000, 2_000, 2_500, 5_000, 6_000, 8_000, 60_000, 95_000]);
  }

  private hostile(peer: FuzzPeer): Operation {
    const { dice } = this;
    const { name, line, expected } = peer;
    const isGone = line === undefined || line.isOver;
    if (isGone && hasStale(peer) && dice.chance(0.6))
      return { kind: 'wait', ms: dice.pick(absences) };
    if (isGone) return this.knock(peer);
    if (peer.isUp && peer.memory.isHelper && dice.chance(0.1)) return this.restart(peer);
    if (peer.isUp && peer.memory.isHelper && dice.chance(0.8)) {
      return this.node(peer, 1 + dice.below(12));
    }
    if (dice.chance(0.004)) return { kind: dice.pick(['hangUp', 'reset', 'call']), peer: name };
    if (expected === undefined) return this.bytes(peer, [this.open(peer)]);
    const { decode } = expected.negotiated;
    if (!expected.isUp) {
      const first = dice.chance(0.97) ? plain(keepalive()) : this.message(decode);
      return this.bytes(peer, [first, ...this.firstWords(peer, decode)]);
    }
    if (dice.chance(0.004)) return { kind: 'stray', peer: name, bytes: this.strayBytes(decode) };
    return this.bytes(peer, this.messages(decode));
  }

  /** While it is held down, an operator lets it in, or it is refused. */
  private knock({ name, known }: FuzzPeer): Operation {
    const isHeld = known?.session.state === 'Idle';
    return isHeld && this.dice.chance(0.9)
      ? { kind: 'enable', peer: name }
      : { kind: 'call', peer: name };
  }

  private open({ memory }: FuzzPeer): Uint8Array {
    const { dice, corpus } = this;
    return memory.isHelper && dice.chance(0.6) ? restarterOpen(dice) : randomOpen(dice, corpus);
  }

  /** Its session is lost in one of the ways that its routes may or may not outlive. */
  private restart(peer: FuzzPeer): Operation {
    const { dice } = this;
    const { name } = peer;
    const cease = plain(message(MessageType.notification, Uint8Array.of(6, dice.pick([2, 4, 9]))));
    return dice.weighted([
      [4, (): Operation => ({ kind: 'hangUp', peer: name })],
      [1, (): Operation => ({ kind: 'reset', peer: name })],
      [3, (): Operation => ({ kind: 'recall', peer: name, bytes: this.open(peer) })],
      [2, (): Operation => this.bytes(peer, [cease])],
    ] as const)[1]();
  }

  /** A peer that comes back announces little at once; its End-of-RIB comes before that, after it, or never. */
  private firstWords({ memory }: FuzzPeer, context: DecodeContext): Uint8Array[] {
    if (!memory.isHelper) return this.messages(context);
    const { dice } = this;
    const count = dice.below(4);
    const words = Array.from({ length: count }, () => this.message(context));
    const ends = [0, 1].filter(() => dice.chance(0.5)).map(() => updateOf(randomEndOfRib(dice)));
    return dice.chance(0.5) ? [...ends, ...words] : [...words, ...ends];
  }

  private messages(context: DecodeContext): Uint8Array[] {
    const count = 1 + this.dice.below(mostMessages);
    return Array.from({ length: count }, () => this.message(context));
  }

  private message(context: DecodeContext): Uint8Array {
    return randomMessage(this.dice, this.corpus, context);
  }

  private strayBytes(context: DecodeContext): Uint8Array {
    const { dice, corpus } = this;
    const first = dice.chance(0.8) ? randomOpen(dice, corpus) : this.message(context);
    return Uint8Array.of(...first, ...this.message(context));
  }

  private node(peer: FuzzPeer, updates = 1): Operation {
    const { dice } = this;
    const context = peer.expected?.negotiated.decode;
    if (context === undefined) return { kind: 'wait', ms: 1 };
    const messages = Array.from({ length: updates }, () => {
      if (dice.chance(0.1)) return Buffer.concat(randomTwins(dice, context).map(updateOf));
      const parts = dice.weighted([
        [60, () => randomAnnouncement(dice, context)],
        [30, () => randomWithdrawal(dice, context)],
        [1, () => randomEndOfRib(dice)],
      ] as const)[1]();
      return updateOf(parts);
    });
    return this.bytes(peer, messages);
  }

  private router(peer: FuzzPeer): Operation {
    const { dice } = this;
    const { name } = peer;
    if (dice.chance(0.03)) return { kind: 'rejoin', peer: name };
    if (dice.chance(0.3)) return { kind: dice.pick(['lag', 'unlag', 'unlag']), peer: name };
    return this.bytes(peer, [plain(routeRefresh(dice.pick([1, 2])))]);
  }

  private bytes({ name }: FuzzPeer, messages: readonly Uint8Array[]): Operation {
    const { dice } = this;
    const bytes = Uint8Array.from(Buffer.concat(messages));
    const count = dice.chance(0.5) ? 0 : dice.below(4);
    const cuts = Array.from({ length: count }, () => dice.below(bytes.length));
    return { kind: 'bytes', peer: name, bytes, cuts };
  }
}

function hasStale({ memory }: FuzzPeer): boolean {
  return memory.routes.some(({ stale }) => stale !== undefined);
}
