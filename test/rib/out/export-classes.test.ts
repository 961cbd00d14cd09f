import { expect, it } from 'vitest';
import { compileExport } from '#policy/compile.ts';
import type { AttrsId, PeerId, PrefixId } from '#policy/ids.ts';
import type { ExportJudge } from '#policy/judge.ts';
import type { Rule } from '#policy/policy.ts';
import { ExportClasses } from '#rib/out/export-classes.ts';
import { maskOf, type PeerMask } from '#rib/tables/peer-sets.ts';
import { type Dice, dice } from '#support/dice.ts';
import {
  exportOf,
  names,
  only,
  patterns,
  peer,
  policyOf,
  prefix,
  route,
  rule,
} from '../../policy/given.ts';
import { RibUnderTest } from '../given.ts';

const high = 65_000;
const source = peer(1);

/** Returns the standard communities 65000:N. */
function named(...lows: readonly number[]): number[] {
  return lows.map((low) => high * 65_536 + low);
}

class Given {
  private readonly under = new RibUnderTest();
  private readonly tables = this.under.rib.families[0].tables;
  readonly classes = new ExportClasses(this.tables, this.under.attrs);
  /** The judges of the clients, without what counts their calls. */
  readonly judges = new Map<PeerId, ExportJudge>();
  readonly prefix: PrefixId = this.tables.prefixes.intern(prefix('10.0.0.0/8'));
  /** The judges that were asked, once for each time. */
  asked: ExportJudge[] = [];

  /** Makes clients of one class. */
  add(clients: readonly PeerId[], ...rules: readonly Rule[]): void {
    const judge = compileExport(exportOf({ policy: policyOf(...rules) }), this.under.attrs, names);
    const counting: ExportJudge = {
      looksAtPrefixes: judge.looksAtPrefixes,
      usual: judge.usual,
      prefixClass: (words) => judge.prefixClass(words),
      judge: (...given) => {
        this.asked.push(judge);
        return judge.judge(...given);
      },
      trace: (...given) => judge.trace(...given),
    };
    for (const client of clients) {
      this.judges.set(client, judge);
      this.classes.add(client, counting);
    }
  }

  remove(client: PeerId): void {
    this.judges.delete(client);
    this.classes.remove(client);
  }

  attrs(...communities: readonly number[]): AttrsId {
    return this.under.attrs.intern(route({ communities: [...communities] }));
  }

  /** Returns how many judgements the route took. */
  judge(attrs: AttrsId): number {
    this.asked = [];
    return this.classes.judge(attrs, source, this.prefix);
  }

  /** Returns which clients may have which attributes, each of them judged on its own. */
  expected(attrs: AttrsId): Map<AttrsId, PeerMask> {
    const masks = new Map<AttrsId, PeerMask>();
    for (const [client, judge] of this.judges) {
      const verdict = judge.judge(attrs, source, judge.prefixClass(prefix('10.0.0.0/8')));
      const sent = verdict as number as AttrsId;
      if (verdict > 0) masks.set(sent, (masks.get(sent) ?? 0n) | maskOf(client));
    }
    return masks;
  }
}

function randomRules(roll: Dice): Rule[] {
  const community = named(1 + roll.below(3), 1 + roll.below(3)).map((value) => [
    value >>> 16,
    value & 0xffff,
  ]);
  return roll.pick([
    [rule('accept')],
    [rule('reject')],
    [rule('accept', { community }), rule('reject')],
    [rule('reject', { community }), rule('accept')],
    [rule('next', { community }, { prepend: [high] }), rule('accept')],
    [rule('accept', {}, { prepend: [high] })],
    [rule('reject', { med: [only(1)] }), rule('accept')],
    [rule('reject', { prefix: patterns('10.0.0.0/7+') }), rule('accept')],
  ]);
}

it('gives each client what its own judge says, and asks no judge twice about a route', () => {
  const roll = dice(5);
  for (let turn = 0; turn < 200; turn++) {
    const given = new Given();
    let next = 2;
    for (let count = 1 + roll.below(6); count > 0; count--) {
      const clients = Array.from({ length: 1 + roll.below(3) }, () => peer(next++));
      given.add(clients, ...randomRules(roll));
    }
    for (let step = 0; step < 4; step++) {
      const attrs = given.attrs(...named(1, 2, 3).filter(() => roll.chance(0.4)));
      expect(given.judge(attrs)).toBe(given.asked.length);
      expect(new Set(given.asked).size).toBe(given.asked.length);
      const expected = given.expected(attrs);
      expect(given.classes.clientsByVerdict()).toEqual(expected);
      const [[same, mask] = []] = expected;
      const isSame = expected.size === 1 && mask === given.classes.clients;
      expect(given.classes.sameForAll()).toBe(isSame ? same : 0);
      const leaver = roll.pick([...given.judges.keys()]);
      if (given.judges.size > 1) given.remove(leaver);
    }
  }
});

it('asks the policies that a route names in its communities, and one for all others', () => {
  const given = new Given();
  for (let at = 1; at <= 20; at++) {
    const community = [
      [high, at],
      [high, 100 + at],
    ];
    given.add([peer(at + 1)], rule('reject', { community }), rule('accept'));
  }
  expect(given.judge(given.attrs())).toBe(1);
  const attrs = given.attrs(...named(3, 7, 107, 900));
  expect(given.judge(attrs)).toBe(3);
  expect(given.classes.clientsByVerdict()).toEqual(given.expected(attrs));
});

it('has nothing for anyone without clients', () => {
  const given = new Given();
  expect(given.judge(given.attrs())).toBe(0);
  expect(given.classes.sameForAll()).toBe(0);
  expect(given.classes.clientsByVerdict()).toEqual(new Map());
});
