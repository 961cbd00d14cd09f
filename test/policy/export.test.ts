import { describe, expect, test } from 'vitest';
import type { SetActions } from '#policy/actions.ts';
import { compileExport } from '#policy/compile.ts';
import type { ExportSettings } from '#policy/policy.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';
import {
  address,
  exportOf,
  exportOutcome,
  MemoryAttrs,
  names,
  patterns,
  peer,
  policyOf,
  prefix,
  route,
  rule,
  sequence,
  set,
} from './given.ts';

function sent(
  settings: Partial<ExportSettings>,
  attributes: Partial<PathAttributes> = {},
  text = '2001:db8:30::1/128',
  source = 1,
) {
  const attrs = new MemoryAttrs();
  const judge = compileExport(exportOf(settings), attrs, names);
  const prefixClass = judge.prefixClass(prefix(text));
  const verdict = judge.judge(attrs.intern(route(attributes)), peer(source), prefixClass);
  return exportOutcome(attrs, verdict);
}

const ordinary: Partial<ExportSettings> = {
  rsClient: false,
  selfNextHop: [address('192.0.2.9'), address('2001:db8:1::9')],
};

describe('a route-server client (RFC 7947 §2.2)', () => {
  test('is sent path, next hop, MED and communities as they came', () => {
    const attributes = { med: 100, communities: [0xffffff01], asPath: [sequence(65001, 65099)] };
    expect(sent({}, attributes)).toEqual(route(attributes));
  });

  test('is never sent LOCAL_PREF, so that equal routes share their attributes', () => {
    const attrs = new MemoryAttrs();
    const judge = compileExport(exportOf(), attrs, names);
    const plain = attrs.intern(route({ med: 1 }));
    const preferred = attrs.intern(route({ med: 1, localPref: 200 }));
    expect(judge.judge(preferred, peer(1), 0)).toBe(plain);
    expect(judge.judge(plain, peer(1), 0)).toBe(plain);
  });

  test('is sent nothing without a policy', () => {
    expect(sent({ policy: 'none' })).toBe('no_policy');
  });

  test('is sent what a rule has set', () => {
    const policy = policyOf(
      rule('next', {}, { prepend: [65002] }),
      rule('accept', {}, { med: { kind: 'add', value: 5 }, nextHop: address('2001:db8::7') }),
    );
    expect(sent({ policy }, { med: 1 })).toEqual(
      route({ med: 6, nextHop: address('2001:db8::7'), asPath: [sequence(65002, 65001)] }),
    );
  });
});

describe('extended communities that are not transitive (RFC 4360 §6)', () => {
  const [passes, stays] = [
    [0, 2, 0xfd, 0xe8, 0, 0, 0, 1],
    [0x43, 0, 0, 0, 0, 0, 0, 1],
  ].map((it) => Uint8Array.from(it));
  const [passesToo, staysToo] = [0x00, 0x40].map((type) =>
    Uint8Array.of(type, 2, ...Array<number>(18).fill(9)),
  );
  const both = {
    extCommunities: [stays, passes],
    ipv6ExtCommunities: [passesToo, staysToo],
  };
  const without = { extCommunities: [passes], ipv6ExtCommunities: [passesToo] };
  const rule0x43 = policyOf(
    rule('reject', { extCommunity: [{ type: 0x43, subtype: 0, value: [] }] }),
    rule('accept'),
  );
  test.each([
    ['are removed towards another AS', {}, without],
    ['are removed towards an ordinary eBGP peer', { ...ordinary }, without],
    ['are removed before the export rules see the route', { policy: rule0x43 }, without],
    ['pass within the AS', { toAnotherAs: false }, both],
  ] as const)('%s', (_, settings, want) => {
    const outcome = sent(settings, both);
    expect(typeof outcome === 'string' ? outcome : outcome.extCommunities).toEqual(
      want.extCommunities,
    );
    expect(typeof outcome === 'string' ? outcome : outcome.ipv6ExtCommunities).toEqual(
      want.ipv6ExtCommunities,
    );
  });

  test('leave the route unchanged if there are none', () => {
    expect(sent({}, without)).toEqual(route(without));
  });
});

describe('an ordinary eBGP peer', () => {
  test('is sent our AS in front, our next hop, and no MED', () => {
    const want = route({ asPath: [sequence(65002, 65001)], nextHop: address('2001:db8:1::9') });
    expect(sent(ordinary, { med: 100, localPref: 200 })).toEqual(want);
  });

  test('is sent our next hop of the family of the prefix', () => {
    const attributes = { nextHop: address('192.0.2.1') };
    const want = route({ asPath: [sequence(65002, 65001)], nextHop: address('192.0.2.9') });
    expect(sent(ordinary, attributes, '198.51.100.0/24')).toEqual(want);
  });

  test('is sent nothing of a family for which we have no address', () => {
    const settings = { ...ordinary, selfNextHop: [address('192.0.2.9'), undefined] };
    expect(sent(settings)).toBe('next_hop_unusable');
    expect(sent(settings, {}, '198.51.100.0/24')).not.toBe('next_hop_unusable');
  });

  test('is sent the MED and next hop of an export rule, and our AS before what the rule prepends', () => {
    const nextHop = address('2001:db8::7');
    const actions = { med: { kind: 'add', value: 5 }, nextHop, prepend: [65030] } as const;
    const policy = policyOf(rule('accept', { med: [{ min: 1, max: 1 }] }, actions));
    const want = route({ med: 6, nextHop, asPath: [sequence(65002, 65030, 65001)] });
    expect(sent({ ...ordinary, policy }, { med: 1 })).toEqual(want);
  });

  test('is sent our AS as a segment of its own before a set', () => {
    const attributes = { asPath: [set(65001, 65005)] };
    expect(sent(ordinary, attributes)).toMatchObject({
      asPath: [sequence(65002), set(65001, 65005)],
    });
  });
});

describe('NO_EXPORT and the like (RFC 1997)', () => {
  test.each([0xffffff01, 0xffffff02, 0xffffff03])(
    '%d is sent where communities are not interpreted',
    (value) => {
      expect(sent({}, { communities: [value] })).toEqual(route({ communities: [value] }));
    },
  );
  test.each([0xffffff01, 0xffffff02, 0xffffff03])(
    '%d withholds the route where it is interpreted',
    (value) => {
      expect(sent({ interpretWellKnown: true }, { communities: [5, value] })).toBe('no_export');
    },
  );
  test.each([0xffff0000, 0xffff029a, 0xffffff04, 0])('%d is not one of them', (value) => {
    const attributes = { communities: [value] };
    expect(sent({ interpretWellKnown: true }, attributes)).toEqual(route(attributes));
  });
  test('one that an export rule adds is sent', () => {
    const noExport = { kind: 'standard', pattern: [65535, 65281] } as const;
    const policy = policyOf(rule('accept', {}, { addCommunities: [noExport] }));
    const want = route({ communities: [0xffffff01] });
    expect(sent({ policy, interpretWellKnown: true })).toEqual(want);
  });
});

describe('a rule that makes a route a blackhole (RFC 7999)', () => {
  const blackhole = [address('192.0.2.66'), address('2001:db8:ffff::66')];
  const made = { nextHop: blackhole[1], communities: [0xffff029a, 0xffffff01] };
  const rows: readonly {
    readonly of: string;
    readonly set?: SetActions;
    readonly settings?: Partial<ExportSettings>;
    readonly given?: Partial<PathAttributes>;
    readonly want: string | Partial<PathAttributes>;
  }[] = [
    { of: 'writes the next hop of the family, and adds NO_EXPORT', want: made },
    {
      of: 'adds NO_EXPORT once',
      given: { communities: [0xffff029a, 0xffffff01] },
      want: made,
    },
    {
      of: 'adds it after what is removed',
      set: { removeCommunities: [{ kind: 'standard', pattern: [65535, undefined] }] },
      want: { ...made, communities: [0xffffff01] },
    },
    {
      of: 'withholds it from a client that does not take blackholes',
      settings: { takesBlackholes: false },
      want: 'no_blackhole',
    },
    {
      of: 'withholds a route if it has no address of its family',
      set: { blackhole: [blackhole[0]] },
      want: 'no_blackhole',
    },
    {
      of: 'writes the next hop even where it would otherwise be our own',
      settings: ordinary,
      want: { ...made, asPath: [sequence(65002, 65001)] },
    },
    {
      of: 'sends the NO_EXPORT that it adds even where NO_EXPORT is interpreted',
      settings: { interpretWellKnown: true },
      want: made,
    },
    { of: 'leaves other routes alone', given: { communities: [5] }, want: { communities: [5] } },
  ];
  test.each(rows)('$of', ({ set: actions = {}, settings = {}, given = {}, want }) => {
    const policy = policyOf(
      rule('accept', { community: [[65535, 666]] }, { blackhole, ...actions }),
      rule('accept'),
    );
    const attributes = { communities: [0xffff029a], ...given };
    const outcome = sent({ policy, takesBlackholes: true, ...settings }, attributes);
    expect(outcome).toEqual(typeof want === 'string' ? want : route({ ...attributes, ...want }));
  });

  test('is named by the trace of what is withheld', () => {
    const attrs = new MemoryAttrs();
    const policy = policyOf(rule('next'), rule('next', {}, { blackhole }), rule('accept'));
    const judge = compileExport(exportOf({ policy }), attrs, names);
    const trace = judge.trace(attrs.intern(route()), peer(1), judge.prefixClass(prefix('::/0')));
    expect([exportOutcome(attrs, trace.verdict), trace.rule?.line]).toEqual(['no_blackhole', 2]);
  });
});

describe('OTC on the way out (RFC 9234 §5)', () => {
  const rows = [
    { role: undefined, otc: 65009, want: 65009 },
    { role: undefined, otc: undefined, want: undefined },
    { role: 'provider', otc: undefined, want: 65002 },
    { role: 'provider', otc: 65009, want: 65009 },
    { role: 'rs', otc: undefined, want: 65002 },
    { role: 'rs', otc: 65009, want: 65009 },
    { role: 'peer', otc: undefined, want: 65002 },
    { role: 'peer', otc: 65009, want: 'otc_leak' },
    { role: 'customer', otc: undefined, want: undefined },
    { role: 'customer', otc: 65009, want: 'otc_leak' },
    { role: 'rs_client', otc: undefined, want: undefined },
    { role: 'rs_client', otc: 65009, want: 'otc_leak' },
  ] as const;
  test.each(rows)('our role $role, OTC $otc: $want', ({ role, otc, want }) => {
    const outcome = sent(role === undefined ? {} : { role }, otc === undefined ? {} : { otc });
    expect(typeof outcome === 'string' ? outcome : outcome.otc).toBe(want);
  });
});

describe('the rules of an export', () => {
  test('match by the peer that the route came from', () => {
    const policy = policyOf(rule('reject', { peer: ['W1'] }), rule('accept', { peerAs: [65002] }));
    expect(sent({ policy }, {}, '::/0', 1)).toBe('policy');
    expect(sent({ policy }, {}, '::/0', 2)).toEqual(route());
    expect(sent({ policy }, {}, '::/0', 3)).toBe('policy');
  });

  test('give prefix_not_allowed as the reason if none of them accepts the prefix', () => {
    const policy = policyOf(rule('accept', { prefix: patterns('2001:db8:30::/64{128,128}') }));
    expect(sent({ policy })).toEqual(route());
    expect(sent({ policy }, {}, '2001:db8:30::/64')).toBe('prefix_not_allowed');
    expect(sent({ policy }, {}, '::/0')).toBe('prefix_not_allowed');
  });

  test('are named by the trace', () => {
    const attrs = new MemoryAttrs();
    const policy = policyOf(rule('next'), rule('accept'));
    const judge = compileExport(exportOf({ policy }), attrs, names);
    const trace = judge.trace(attrs.intern(route()), peer(1), judge.prefixClass(prefix('::/0')));
    expect(trace.rule).toEqual({ policy: 'tested', file: 'test.yaml', line: 2 });
  });

  test('come after OTC and NO_EXPORT', () => {
    const strict = {
      policy: policyOf(rule('reject')),
      role: 'peer',
      interpretWellKnown: true,
    } as const;
    expect(sent(strict, { otc: 1, communities: [0xffffff01] })).toBe('otc_leak');
    expect(sent(strict, { communities: [0xffffff01] })).toBe('no_export');
    expect(sent(strict)).toBe('policy');
  });
});
