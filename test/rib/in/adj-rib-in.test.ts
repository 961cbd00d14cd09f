import { describe, expect, test } from 'vitest';
import { none, type PeerId } from '#policy/ids.ts';
import type { PrefixLimit } from '#policy/limit.ts';
import type { ImportSettings } from '#policy/policy.ts';
import { rejectReasons } from '#policy/reasons.ts';
import type { LimitReached } from '#rib/rib-events.ts';
import type { RibPeerSettings } from '#rib/rib-peer.ts';
import { scratchPrefix } from '#rib/tables/prefix-table.ts';
import { Slice } from '#rib/work/slice.ts';
import { importOf, patterns, policyOf, prefix, route, rule } from '../../policy/given.ts';
import { announcement, inOne, RibUnderTest, withdrawal } from '../given.ts';
import { prefixText } from '../router-table.ts';

/** One node, W1, with limits of IPv6 prefixes. */
class Node extends RibUnderTest {
  readonly reached: string[] = [];
  readonly id: PeerId;

  constructor(accepted?: PrefixLimit, received?: PrefixLimit, imported = importOf()) {
    super({ events: { limitReached: (_, it) => this.reached.push(describeLimit(it)) } });
    this.id = this.rib.addPeer(this.limited(accepted, received, imported));
    this.up(this.id, 1);
  }

  limited(
    accepted?: PrefixLimit,
    received?: PrefixLimit,
    imported: ImportSettings = importOf(),
  ): RibPeerSettings {
    return this.settings(imported, undefined, {
      acceptedLimit: [undefined, accepted],
      receivedLimit: [undefined, received],
    });
  }

  change(...limited: Parameters<Node['limited']>): void {
    this.rib.replaceSettings(this.id, this.limited(...limited));
    this.settle();
  }

  /** Returns the limit that must end the session, if one must. */
  announce(addresses: readonly number[], med = 0): string | undefined {
    const routes = addresses.map((it) => ({ prefix: prefix(`2001:db8:30::${it}/128`) }));
    const reached = this.receive(this.id, announcement(routes, route({ med })));
    return reached === undefined ? undefined : describeLimit(reached);
  }

  /** One UPDATE that withdraws and announces the same addresses. */
  replace(addresses: readonly number[], med: number): string | undefined {
    const routes = addresses.map((it) => ({ prefix: prefix(`2001:db8:30::${it}/128`) }));
    const bytes = inOne(withdrawal(routes), announcement(routes, route({ med })));
    const reached = this.receive(this.id, bytes);
    return reached === undefined ? undefined : describeLimit(reached);
  }

  withdraw(...addresses: readonly number[]): void {
    const routes = addresses.map((it) => ({ prefix: prefix(`2001:db8:30::${it}/128`) }));
    this.receive(this.id, withdrawal(routes));
  }

  /** Returns the last groups of the accepted addresses. */
  get accepted(): string {
    const { paths, prefixes, order } = this.rib.families[1].tables;
    order.prepare(new Slice(Infinity));
    const accepted = [...order.ids()].filter((id) => paths.accepted(paths.first(id)) !== none);
    const texts = accepted.map((id) => prefixText(prefixes.read(id, scratchPrefix(1))));
    return texts.map((text) => text.slice('2001:db8:30::'.length, -'/128'.length)).join(' ');
  }

  get counts() {
    const { received, accepted, blocked } = this.rib.peer(this.id).counts[1];
    return { received, accepted, blocked };
  }
}

function describeLimit({ counts, limit }: LimitReached): string {
  return `${counts} ${limit.limit} ${limit.action}`;
}

function limitOf(limit: number, action: PrefixLimit['action']): PrefixLimit {
  return { limit, action };
}

describe('a limit that blocks', () => {
  test('keeps accepted routes, refuses the surplus and reports that once', () => {
    const node = new Node(limitOf(2, 'block'));
    expect(node.announce([5, 6, 1, 2])).toBeUndefined();
    node.announce([3]);
    expect(node.accepted).toBe('5 6');
    expect(node.counts).toEqual({ received: 5, accepted: 2, blocked: 3 });
    expect(node.reached).toEqual(['accepted 2 block']);
    const { rejected } = node.rib.peer(node.id).counts[1];
    expect(rejected[rejectReasons.indexOf('limit_blocked')]).toBe(3);
  });

  test('lets a replacement pass', () => {
    const node = new Node(limitOf(2, 'block'));
    node.announce([5, 6]);
    node.announce([5, 6], 100);
    expect(node.counts).toEqual({ received: 2, accepted: 2, blocked: 0 });
    expect(node.reached).toEqual([]);
  });

  test('lets one UPDATE that withdraws and announces the same prefix pass as a replacement', () => {
    const node = new Node(limitOf(2, 'block'));
    node.announce([5, 6, 1]);
    node.replace([5], 100);
    expect(node.accepted).toBe('5 6');
    node.replace([6, 1], 100);
    expect(node.accepted).toBe('5 6');
    expect(node.counts).toEqual({ received: 3, accepted: 2, blocked: 1 });
  });

  test('gives the space that a withdrawal makes to the lowest address', () => {
    const node = new Node(limitOf(2, 'block'));
    node.announce([5, 6, 3, 1, 2]);
    node.withdraw(5);
    expect(node.accepted).toBe('1 6');
    node.withdraw(2, 6);
    expect(node.accepted).toBe('1 3');
    expect(node.counts).toEqual({ received: 2, accepted: 2, blocked: 0 });
  });

  test('gives the space that a replacement makes', () => {
    const imported = importOf({
      policy: policyOf(rule('reject', { med: [{ min: 9, max: 9 }] }), rule('accept')),
    });
    const node = new Node(limitOf(1, 'block'), undefined, imported);
    node.announce([5, 6]);
    node.announce([5], 9);
    expect(node.accepted).toBe('6');
  });

  test('reports that again after there was space', () => {
    const node = new Node(limitOf(1, 'block'));
    node.announce([5, 6]);
    node.withdraw(6);
    node.announce([7]);
    expect(node.reached).toEqual(['accepted 1 block', 'accepted 1 block']);
  });

  test('reports that again in the next session', () => {
    const node = new Node(limitOf(1, 'block'));
    node.announce([5, 6]);
    node.rib.peerDown(node.id);
    node.up(node.id, 1);
    node.announce([5, 6]);
    expect(node.reached).toHaveLength(2);
    expect(node.counts).toEqual({ received: 2, accepted: 1, blocked: 1 });
  });

  test('accepts the surplus when it is raised, and removes nothing when it is lowered', () => {
    const node = new Node(limitOf(2, 'block'));
    node.announce([5, 6, 3, 1]);
    node.change(limitOf(3, 'block'));
    expect(node.accepted).toBe('1 5 6');
    node.change(limitOf(1, 'block'));
    expect(node.accepted).toBe('1 5 6');
    node.withdraw(1, 5);
    expect(node.accepted).toBe('6');
    node.change();
    expect(node.accepted).toBe('3 6');
  });

  test('of received prefixes counts refused ones too, and holds for replacements', () => {
    const policy = policyOf(rule('accept', { prefix: patterns('2001:db8:30::/124+') }));
    const node = new Node(undefined, limitOf(2, 'block'), importOf({ policy }));
    node.announce([1, 10, 2, 3]);
    expect(node.accepted).toBe('1');
    expect(node.counts).toEqual({ received: 4, accepted: 1, blocked: 2 });
    expect(node.reached).toEqual(['received 2 block']);
    node.announce([3], 7);
    node.withdraw(99);
    expect(node.accepted).toBe('1');
    node.withdraw(10);
    expect(node.accepted).toBe('1 2');
  });
});

describe('a limit that warns', () => {
  test('accepts everything and reports each time that it is exceeded', () => {
    const node = new Node(limitOf(2, 'warning'), limitOf(3, 'warning'));
    node.announce([1, 2, 3, 4, 5]);
    expect(node.counts).toEqual({ received: 5, accepted: 5, blocked: 0 });
    expect(node.reached).toEqual(['accepted 2 warning', 'received 3 warning']);
    node.withdraw(1, 2, 3);
    node.announce([1]);
    expect(node.reached.slice(2)).toEqual(['accepted 2 warning']);
  });
});

describe.each(['restart', 'shutdown'] as const)('a limit that ends the session by %s', (action) => {
  test('is tripped by the prefix after it, not by a replacement', () => {
    const node = new Node(limitOf(2, action));
    expect(node.announce([1, 2])).toBeUndefined();
    expect(node.announce([1, 2], 100)).toBeUndefined();
    expect(node.announce([3])).toBe(`accepted 2 ${action}`);
    expect(node.accepted).toBe('1 2');
    expect(node.reached).toEqual([]);
  });

  test('counts refused prefixes where it counts received ones', () => {
    const node = new Node(undefined, limitOf(2, action), importOf({ policy: 'none' }));
    expect(node.announce([1, 2])).toBeUndefined();
    expect(node.announce([3])).toBe(`received 2 ${action}`);
  });

  test('is reported when a change of policy exceeds it', () => {
    const node = new Node(limitOf(2, action), undefined, importOf({ policy: 'none' }));
    node.announce([1, 2, 3]);
    node.change(limitOf(2, action), undefined, importOf());
    expect(node.reached).toEqual([`accepted 2 ${action}`]);
  });

  test('is reported once when it replaces one that blocked', () => {
    const node = new Node(limitOf(2, 'block'));
    node.announce([1, 2, 3, 4]);
    node.change(limitOf(2, action));
    expect(node.reached).toEqual(['accepted 2 block', `accepted 2 ${action}`]);
  });
});

test('a refused path is counted for each refusal, but not if it is judged again with the same result', () => {
  const node = new Node(undefined, undefined, importOf({ policy: 'none' }));
  node.announce([1, 2]);
  node.announce([1], 5);
  node.change(undefined, undefined, importOf({ policy: 'none' }));
  const { rejected } = node.rib.peer(node.id).counts[1];
  expect(rejected[rejectReasons.indexOf('no_policy')]).toBe(3);
});

test('treat-as-withdraw removes a route and keeps it for display', () => {
  const node = new Node();
  node.announce([1]);
  const bad = announcement([{ prefix: prefix('2001:db8:30::1/128') }], route(), {
    respell: (block) => block.with(3, 9),
  });
  node.receive(node.id, bad);
  expect(node.accepted).toBe('');
  expect(node.counts).toEqual({ received: 1, accepted: 0, blocked: 0 });
});

function endRefresh(it: Node): void {
  it.rib.endStale(it.id, 1);
  it.settle();
}

describe.each(['accepted', 'received'] as const)(
  'a limit of %s prefixes that ends the session, while a refresh replaces stale ones',
  (counts) => {
    const node = (): Node => {
      const limit = limitOf(5, 'restart');
      const it = counts === 'accepted' ? new Node(limit) : new Node(undefined, limit);
      it.announce([1, 2, 3, 4, 5]);
      it.rib.markStale(it.id, 1);
      return it;
    };
    test('does not count the stale ones: five of five are replaced', () => {
      const it = node();
      expect(it.announce([6, 7, 8, 9, 10])).toBeUndefined();
      endRefresh(it);
      expect(it.reached).toEqual([]);
      expect(it.counts).toEqual({ received: 5, accepted: 5, blocked: 0 });
    });

    test('is exceeded by the sixth that is not stale', () => {
      const it = node();
      expect(it.announce([6, 7, 8, 9, 10, 11])).toBe(`${counts} 5 restart`);
    });

    test('is exceeded when all stale ones are announced again beside a new one', () => {
      const it = node();
      expect(it.announce([6, 1, 2, 3, 4])).toBeUndefined();
      expect(it.announce([5])).toBe(`${counts} 5 restart`);
    });

    test('is exceeded at EoRR if more remains than it allows', () => {
      const it = node();
      it.announce([6, 7, 1, 2, 3, 4]);
      endRefresh(it);
      expect(it.reached).toEqual([`${counts} 5 restart`]);
    });

    test('cannot be evaded by refreshes that never end', () => {
      const it = node();
      expect(it.announce([6, 7, 8, 9, 10])).toBeUndefined();
      it.rib.markStale(it.id, 1);
      expect(it.announce([11])).toBe(`${counts} 5 restart`);
    });
  },
);

test('a limit that warns does not report a refresh that replaces everything, but warns if more remains', () => {
  const it = new Node(limitOf(2, 'warning'));
  it.announce([1, 2]);
  it.rib.markStale(it.id, 1);
  it.announce([3, 4]);
  it.rib.endStale(it.id, 1);
  it.settle();
  expect(it.reached).toEqual([]);
  it.rib.markStale(it.id, 1);
  it.announce([3, 4, 5]);
  expect(it.reached).toEqual(['accepted 2 warning']);
});
