import { describe, expect, test } from 'vitest';
import { compileImport } from '#policy/compile.ts';
import type { ImportSettings } from '#policy/policy.ts';
import { rejectReasons } from '#policy/reasons.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';
import {
  address,
  importOf,
  importOutcome,
  MemoryAttrs,
  patterns,
  policyOf,
  route,
  sequence,
  set,
} from './given.ts';

interface Row {
  readonly name: string;
  readonly attributes?: Partial<PathAttributes>;
  readonly settings?: Partial<ImportSettings>;
  readonly want: string;
}

function outcome({ attributes, settings }: Omit<Row, 'name' | 'want'>): string | PathAttributes {
  const attrs = new MemoryAttrs();
  const judge = compileImport(importOf(settings), attrs);
  return importOutcome(attrs, judge.judge(attrs.intern(route(attributes)), 0));
}

function reasonOf(row: Row): string {
  const judged = outcome(row);
  return typeof judged === 'string' ? judged : 'accepted';
}

describe('AS_PATH', () => {
  const rows: readonly Row[] = [
    { name: "the peer's own AS alone", want: 'accepted' },
    {
      name: 'our AS in a sequence',
      attributes: { asPath: [sequence(65001, 65002, 65003)] },
      want: 'as_loop',
    },
    {
      name: 'our AS in a set, before the set itself counts',
      attributes: { asPath: [sequence(65001), set(65002, 65003)] },
      want: 'as_loop',
    },
    { name: 'a set', attributes: { asPath: [sequence(65001), set(65003)] }, want: 'as_set' },
    {
      name: 'a set where sets are allowed',
      attributes: { asPath: [sequence(65001), set(65003)] },
      settings: { allowAsSets: true },
      want: 'accepted',
    },
    {
      name: "a first AS that is not the peer's",
      attributes: { asPath: [sequence(65099)] },
      want: 'first_as',
    },
    {
      name: "the peer's AS behind another",
      attributes: { asPath: [sequence(65099, 65001)] },
      want: 'first_as',
    },
    { name: 'an empty path', attributes: { asPath: [] }, want: 'first_as' },
    {
      name: "a path that begins with a set that has the peer's AS",
      attributes: { asPath: [set(65001), sequence(65001)] },
      settings: { allowAsSets: true },
      want: 'first_as',
    },
    {
      name: 'another first AS where it is not enforced',
      attributes: { asPath: [sequence(65099)] },
      settings: { enforceFirstAs: false },
      want: 'accepted',
    },
  ];
  test.each(rows)('$name: $want', (row) => expect(reasonOf(row)).toBe(row.want));
});

describe('the validity of a next hop', () => {
  const rows = [
    ['0.0.0.0', 'next_hop_invalid'],
    ['0.1.2.3', 'next_hop_invalid'],
    ['1.0.0.1', 'accepted'],
    ['126.255.255.255', 'accepted'],
    ['127.0.0.11', 'next_hop_invalid'],
    ['128.0.0.1', 'accepted'],
    ['223.255.255.255', 'accepted'],
    ['224.0.0.5', 'next_hop_invalid'],
    ['240.0.0.1', 'next_hop_invalid'],
    ['255.255.255.255', 'next_hop_invalid'],
    ['192.0.2.9', 'next_hop_invalid'],
    ['192.0.2.10', 'accepted'],
    ['::', 'next_hop_invalid'],
    ['::1', 'next_hop_invalid'],
    ['::2', 'accepted'],
    ['::ffff:192.0.2.1', 'next_hop_invalid'],
    ['fe80::1', 'next_hop_invalid'],
    ['febf::1', 'next_hop_invalid'],
    ['fec0::1', 'accepted'],
    ['ff02::1', 'next_hop_invalid'],
    ['2001:db8:1::9', 'next_hop_invalid'],
    ['2001:db8:7::12', 'accepted'],
  ] as const;
  test.each(rows)('%s: %s', (nextHop, want) => {
    const attributes = { nextHop: address(nextHop) };
    expect(reasonOf({ name: '', attributes, settings: { acceptNextHop: 'any' }, want })).toBe(want);
  });

  test.each([0, 3, 5, 15, 32])('%d bytes', (length) => {
    const attributes = { nextHop: new Uint8Array(length).fill(32) };
    const settings = { acceptNextHop: 'any' } as const;
    expect(outcome({ attributes, settings })).toBe('next_hop_invalid');
  });
});

describe('accept_next_hop', () => {
  const list = { acceptNextHop: patterns('2001:db8::/32', '192.0.2.0/24') };
  const rows: readonly Row[] = [
    {
      name: "another node's address where only the peer's is accepted",
      attributes: { nextHop: address('2001:db8:7::12') },
      want: 'next_hop_foreign',
    },
    {
      name: "an IPv4 next hop of an IPv6 peer where only the peer's is accepted",
      attributes: { nextHop: address('192.0.2.11') },
      want: 'next_hop_foreign',
    },
    {
      name: 'an IPv4 peer that names itself',
      attributes: { nextHop: address('192.0.2.11') },
      settings: { peerAddress: address('192.0.2.11') },
      want: 'accepted',
    },
    {
      name: 'an address inside a listed network, whatever lengths its pattern allows',
      attributes: { nextHop: address('2001:db8:7::12') },
      settings: list,
      want: 'accepted',
    },
    {
      name: 'an IPv4 address inside a listed network',
      attributes: { nextHop: address('192.0.2.200') },
      settings: list,
      want: 'accepted',
    },
    {
      name: 'an address outside all of them',
      attributes: { nextHop: address('2001:db9::1') },
      settings: list,
      want: 'next_hop_foreign',
    },
    {
      name: 'an IPv4 address with the bits of a listed IPv6 network',
      attributes: { nextHop: address('32.1.13.184') },
      settings: list,
      want: 'next_hop_foreign',
    },
  ];
  test.each(rows)('$name: $want', (row) => expect(reasonOf(row)).toBe(row.want));
});

describe('med.missing', () => {
  test('zero leaves a route without MED as it is', () => {
    expect(outcome({})).toEqual(route());
  });
  test('reject refuses a route without MED', () => {
    expect(outcome({ settings: { missingMed: 'reject' } })).toBe('missing_med');
  });
  test('reject accepts a MED of 0', () => {
    const attributes = { med: 0 };
    expect(outcome({ attributes, settings: { missingMed: 'reject' } })).toEqual(route({ med: 0 }));
  });
  test('a number becomes the MED of a route without one', () => {
    expect(outcome({ settings: { missingMed: 5000 } })).toEqual(route({ med: 5000 }));
  });
  test('a number does not replace an existing MED', () => {
    const attributes = { med: 100 };
    expect(outcome({ attributes, settings: { missingMed: 5000 } })).toEqual(route({ med: 100 }));
  });
});

describe('OTC on the way in (RFC 9234 §5)', () => {
  const rows = [
    { role: undefined, otc: 65009, want: 65009 },
    { role: undefined, otc: undefined, want: undefined },
    { role: 'provider', otc: 65001, want: 'otc_leak' },
    { role: 'provider', otc: undefined, want: undefined },
    { role: 'rs', otc: 65001, want: 'otc_leak' },
    { role: 'rs', otc: undefined, want: undefined },
    { role: 'peer', otc: 65009, want: 'otc_leak' },
    { role: 'peer', otc: 65001, want: 65001 },
    { role: 'peer', otc: undefined, want: 65001 },
    { role: 'customer', otc: 65009, want: 65009 },
    { role: 'customer', otc: undefined, want: 65001 },
    { role: 'rs_client', otc: 65009, want: 65009 },
    { role: 'rs_client', otc: undefined, want: 65001 },
  ] as const;
  test.each(rows)('our role $role, OTC $otc: $want', ({ role, otc, want }) => {
    const attributes = otc === undefined ? {} : { otc };
    const judged = outcome({ attributes, settings: role === undefined ? {} : { role } });
    expect(typeof judged === 'string' ? judged : judged.otc).toBe(want);
  });
});

describe('the order of the reasons', () => {
  const spoiled = { asPath: [sequence(65099, 65002), set(65003)], nextHop: address('::1'), otc: 1 };
  const strict: Partial<ImportSettings> = { missingMed: 'reject', role: 'rs', policy: 'none' };
  /** Each row fixes what the one before it was refused for. */
  const rows: readonly Row[] = [
    { name: 'everything is wrong', attributes: {}, want: 'as_loop' },
    { name: 'no loop', attributes: { asPath: [sequence(65099), set(1)] }, want: 'as_set' },
    { name: 'no set', attributes: { asPath: [sequence(65099)] }, want: 'first_as' },
    { name: 'first AS', attributes: { asPath: [sequence(65001)] }, want: 'next_hop_invalid' },
    {
      name: 'a host as next hop',
      attributes: { asPath: [sequence(65001)], nextHop: address('2001:db8::1') },
      want: 'next_hop_foreign',
    },
    {
      name: "the peer's next hop",
      attributes: { asPath: [sequence(65001)], nextHop: address('2001:db8:6::11') },
      want: 'missing_med',
    },
    {
      name: 'a MED',
      attributes: { asPath: [sequence(65001)], nextHop: address('2001:db8:6::11'), med: 1 },
      want: 'otc_leak',
    },
  ];
  test.each(rows)('$name: $want', ({ attributes, want }) => {
    expect(outcome({ attributes: { ...spoiled, ...attributes }, settings: strict })).toBe(want);
  });

  test('without a policy a clean route is refused', () => {
    expect(outcome({ settings: { policy: 'none' } })).toBe('no_policy');
  });

  test('a policy without rules refuses what it does not mention', () => {
    expect(outcome({ settings: { policy: policyOf() } })).toBe('policy');
    expect(outcome({ settings: { policy: [] } })).toBe('policy');
  });

  test('a malformed attribute is the first reason, and is named', () => {
    const attrs = new MemoryAttrs();
    const judge = compileImport(importOf(strict), attrs);
    const id = attrs.spoil(route(spoiled), 'origin');
    expect(importOutcome(attrs, judge.judge(id, 0))).toBe('malformed:origin');
  });

  test('the list of reasons is in the order of checking', () => {
    const after = rejectReasons.slice(rejectReasons.indexOf('as_loop'));
    expect(after).toEqual([
      ...rows.map(({ want }) => want),
      'no_policy',
      'rpki_invalid',
      'aspa_invalid',
      'policy',
      'prefix_length',
      'prefix_not_allowed',
      'limit_paths',
      'limit_blocked',
    ]);
  });
});

test('a route that nothing changes keeps its id', () => {
  const attrs = new MemoryAttrs();
  const id = attrs.intern(route({ med: 100, communities: [65000 * 65536 + 1] }));
  expect(compileImport(importOf(), attrs).judge(id, 0)).toBe(id);
});
