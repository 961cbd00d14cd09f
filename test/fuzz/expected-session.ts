import type { Negotiated } from '#session/negotiate.ts';
import type { Family } from '#wire/constants.ts';
import { naiveIsBogus } from '../oracle/bogus-oracle.ts';
import { number } from '../oracle/naive-number.ts';
import { NaiveReset } from '../oracle/naive-reset.ts';
import type { NaiveNlri, NaiveRoute } from '../oracle/rib-oracle.ts';
import { naiveUpdate, type NaiveUpdate } from '../oracle/update-oracle.ts';
import { type Ending, type ExpectedRestart, type HeldRoute, isIn } from './expected-restart.ts';

/** One accepted prefix of a family more than `limit` ends the session. */
export interface LimitRule {
  readonly limit: number;
  /** Whether policy accepts the route. */
  readonly accepts: (route: NaiveRoute, nlri: NaiveNlri) => boolean;
}

/** What the effect of an UPDATE depends on in the daemon's configuration. */
export interface SessionRules {
  readonly limit?: LimitRule;
}

const [open, update, notification, keepalive, refresh] = [1, 2, 3, 4, 5];
const least = [0, 29, 23, 21, 19, 19];

/**
 * What the bytes that a peer sends must lead to in a session from OpenConfirm on: which routes it has announced,
 * whether the session is up, and which NOTIFICATION ended it. The naive twin of framer and session.
 */
export class ExpectedSession {
  readonly negotiated: Negotiated;
  /** Its routes, and those of sessions before it. */
  readonly memory: ExpectedRestart;
  isUp = false;
  /** The NOTIFICATION that must have been sent; empty if the peer's own ended it. */
  ending: string | undefined;
  /** The peer's own. */
  notified: Ending | undefined;
  heardAtMs: number;
  messages = 0;
  private readonly rules: SessionRules;
  private pending: Uint8Array = new Uint8Array(0);
  /** Families whose first End-of-RIB has not arrived yet, for a peer that announced graceful restart (RFC 4724). */
  private readonly unended: Set<Family>;
  private readonly off: Family[] = [];
  /** Families between BoRR and EoRR (RFC 7313). */
  private readonly refreshed = new Set<Family>();
  /** Whether prefixes came in beyond the limit in place of stale ones, by family. */
  private readonly onCredit = [false, false];

  constructor(negotiated: Negotiated, rules: SessionRules, memory: ExpectedRestart, nowMs: number) {
    this.negotiated = negotiated;
    this.memory = memory;
    this.rules = rules;
    this.heardAtMs = nowMs;
    const families = ([0, 1] as const).filter((family) => negotiated.families[family]);
    this.unended = new Set(negotiated.gracefulRestart === undefined ? [] : families);
  }

  get hasPartialMessage(): boolean {
    return this.pending.length > 0;
  }

  receive(bytes: Uint8Array, nowMs: number): void {
    if (this.ending !== undefined) return;
    this.pending = Uint8Array.of(...this.pending, ...bytes);
    try {
      while (this.ending === undefined && this.takeMessage(nowMs));
    } catch (error) {
      if (!(error instanceof NaiveReset)) throw error;
      this.ending = error.message;
    }
  }

  private takeMessage(nowMs: number): boolean {
    const { pending } = this;
    if (pending.length < 19) return false;
    const length = this.checkHeader(pending);
    if (pending.length < length) return false;
    this.pending = pending.slice(length);
    this.messages++;
    this.take(pending[18], pending.slice(19, length), nowMs);
    return true;
  }

  /** RFC 4271 §6.1, RFC 8654 §4. */
  private checkHeader(header: Uint8Array): number {
    if (header.slice(0, 16).some((octet) => octet !== 255)) throw new NaiveReset('1/1');
    const length = number(header.slice(16, 18));
    const type = header[18];
    const most = this.negotiated.extendedMessageReceive ? 65535 : 4096;
    if (length < 19 || length > most) throw new NaiveReset('1/2');
    if (type < 1 || type > 5) throw new NaiveReset('1/3');
    const isShort = type === open || type === keepalive;
    const mayBe = type === keepalive ? 19 : isShort ? 4096 : most;
    if (length < least[type] || length > mayBe) throw new NaiveReset('1/2');
    return length;
  }

  private take(type: number, body: Uint8Array, nowMs: number): void {
    if (type === notification) {
      this.ending = '';
      this.notified = { code: body[0], subcode: body[1] };
      return;
    }
    if (!this.isUp) {
      if (type !== keepalive) throw new NaiveReset('5/2');
      this.isUp = true;
      this.memory.established(this.negotiated, nowMs);
    } else if (type === open) throw new NaiveReset('5/3');
    else if (type === update) this.takeUpdate(body, nowMs);
    else if (type === refresh) this.takeRefresh(body);
    this.heardAtMs = nowMs;
  }

  private takeUpdate(body: Uint8Array, nowMs: number): void {
    const read = naiveUpdate(body, this.negotiated.decode, this.off);
    if (read.disabled !== undefined) this.disable(read.disabled);
    for (const nlri of read.withdrawn) this.remove(nlri);
    this.endCredits();
    for (const { nlri, route } of read.announced) this.announce(nlri, route);
    this.endCredits();
    this.endRib(read);
    this.memory.heard(read, nowMs);
  }

  /** The routes of the family are removed and ignored for the rest of the session (RFC 7606 §2). */
  private disable(family: Family): void {
    this.off.push(family);
    this.unended.delete(family);
    this.memory.disable(family);
    this.onCredit[family] = false;
  }

  private remove(nlri: NaiveNlri): void {
    const key = keyOf(nlri);
    this.memory.remove((held) => keyOf(held) === key);
  }

  private announce(nlri: NaiveNlri, route: NaiveRoute): void {
    const { limit } = this.rules;
    if (naiveIsBogus(nlri.prefix)) return;
    const isOver = limit !== undefined && this.isOver(limit, nlri, route);
    this.remove(nlri);
    this.memory.routes.push({ ...nlri, route });
    if (isOver) throw new NaiveReset('6/1');
  }

  private isOver({ limit, accepts }: LimitRule, nlri: NaiveNlri, route: NaiveRoute): boolean {
    const accepted = this.memory.routes.filter(
      (held) => isIn(held, nlri.prefix.family) && accepts(held.route, held),
    );
    const wasIn = accepted.some((held) => keyOf(held) === keyOf(nlri));
    if (wasIn || accepted.length < limit || !accepts(route, nlri)) return false;
    const { family } = nlri.prefix;
    const stale = this.staleOf(family).filter((held) => keyOf(held) !== keyOf(nlri));
    if (accepted.length - limit >= Math.min(stale.length, limit)) return true;
    this.onCredit[family] = true;
    return false;
  }

  /** What a refresh has let in for stale routes must be within the limit once no stale ones are left. */
  private endCredits(): void {
    const { limit: rule } = this.rules;
    for (const family of [0, 1] as const) {
      if (rule === undefined || this.staleOf(family).length > 0) continue;
      const hadCredit = this.onCredit[family];
      this.onCredit[family] = false;
      const accepted = this.memory.routes.filter(
        (held) => isIn(held, family) && rule.accepts(held.route, held),
      );
      if (hadCredit && accepted.length > rule.limit) throw new NaiveReset('6/1');
    }
  }

  private staleOf(family: Family): HeldRoute[] {
    return this.memory.routes.filter((held) => isIn(held, family) && held.stale !== undefined);
  }

  private endRib({ endOfRib }: NaiveUpdate): void {
    if (endOfRib !== undefined) this.unended.delete(endOfRib);
  }

  /** RFC 7313 §4, §5. Requests are answered, which is not checked here. */
  private takeRefresh(body: Uint8Array): void {
    const isStrange = body.length > 2 && body[2] > 2;
    if (isStrange) return;
    if (body.length !== 4) throw new NaiveReset('7/1');
    const [high, afi, subtype, safi] = body;
    const family = afi === 1 ? 0 : 1;
    const isKnown = high === 0 && (afi === 1 || afi === 2) && safi === 1;
    if (!isKnown || !this.negotiated.families[family] || this.unended.has(family)) return;
    const held = this.memory.routes.filter((it) => isIn(it, family));
    if (subtype === 1) for (const it of held) it.stale ??= 'stale';
    if (subtype === 1) this.refreshed.add(family);
    // An EoRR without its BoRR does not remove what a restart has left stale.
    if (subtype === 2 && this.refreshed.delete(family)) {
      this.memory.remove((it) => isIn(it, family) && it.stale !== undefined);
    }
    this.endCredits();
  }
}

function keyOf({ prefix, pathId }: NaiveNlri): string {
  const { family, lengthBits, word0, word1, word2, word3 } = prefix;
  return `${family}/${lengthBits}/${word0}/${word1}/${word2}/${word3}/${pathId}`;
}
