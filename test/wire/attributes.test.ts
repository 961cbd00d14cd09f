import { describe, expect, test } from 'vitest';
import { attributeRows } from '#wire/attribute-table.ts';
import { decodeAttributes } from '#wire/attributes.ts';
import { fromHex, toHex } from './hex.ts';
import { good } from './update-bytes.ts';

const { origin, asPath, nextHop } = good;
const wholeBlock = [origin, asPath, nextHop];

function decode(...attributes: readonly string[]) {
  const bytes = fromHex(attributes.join(''));
  return decodeAttributes(bytes, 0, bytes.length, { needsNextHop: true });
}

interface Outcome {
  readonly error: string;
  readonly attribute: string;
  /** The attribute replaces the correct one of its type. */
  readonly replaces?: string;
  readonly malformed?: string;
  readonly discarded?: string;
  readonly text?: string;
}

/** RFC 7606 §7: one row for each attribute and error. */
const outcomes: readonly Outcome[] = [
  row('ORIGIN, optional bit', 'c00101 00', { malformed: 'origin', replaces: origin }),
  row('ORIGIN, not transitive', '000101 00', { malformed: 'origin', replaces: origin }),
  row('ORIGIN, no value', '400100', { malformed: 'origin', replaces: origin }),
  row('ORIGIN, 2 bytes', '400102 0000', { malformed: 'origin', replaces: origin }),
  row('ORIGIN, undefined value', '400101 03', { malformed: 'origin', replaces: origin }),
  row('ORIGIN, missing', '', { malformed: 'origin', replaces: origin }),
  row('ORIGIN, twice', '400101 02', { discarded: 'origin' }),
  row('AS_PATH, optional bit', 'c00206 0201 0000fde9', { malformed: 'as_path', replaces: asPath }),
  row('AS_PATH, missing', '', { malformed: 'as_path', replaces: asPath }),
  row('AS_PATH, twice', '400206 0201 0000fdea', { discarded: 'as_path' }),
  row('AS_PATH, empty segment', '400202 0200', { malformed: 'as_path', replaces: asPath }),
  row('AS_PATH, half a header', '400201 02', { malformed: 'as_path', replaces: asPath }),
  row('AS_PATH, overrun', '400206 0202 0000fde9', { malformed: 'as_path', replaces: asPath }),
  row('AS_PATH, underrun', '400207 0201 0000fde9 00', { malformed: 'as_path', replaces: asPath }),
  row('AS_PATH, segment type 5', '400206 0501 0000fde9', {
    malformed: 'as_path',
    replaces: asPath,
  }),
  row('AS_PATH, confederation sequence', '400206 0301 0000fde9', {
    malformed: 'as_path',
    replaces: asPath,
  }),
  row('AS_PATH, confederation set', '400206 0401 0000fde9', {
    malformed: 'as_path',
    replaces: asPath,
  }),
  row('AS_PATH, AS 0', '400206 0201 00000000', { malformed: 'as_path', replaces: asPath }),
  row('NEXT_HOP, optional bit', 'c00304 0a000001', { malformed: 'next_hop', replaces: nextHop }),
  row('NEXT_HOP, 3 bytes', '400303 0a0000', { malformed: 'next_hop', replaces: nextHop }),
  row('NEXT_HOP, 16 bytes', `400310 ${'00'.repeat(16)}`, {
    malformed: 'next_hop',
    replaces: nextHop,
  }),
  row('NEXT_HOP, missing', '', { malformed: 'next_hop', replaces: nextHop }),
  row('NEXT_HOP, twice', '400304 0a000002', { discarded: 'next_hop' }),
  row('MULTI_EXIT_DISC, transitive', 'c00404 00000064', { malformed: 'med' }),
  row('MULTI_EXIT_DISC, well-known', '400404 00000064', { malformed: 'med' }),
  row('MULTI_EXIT_DISC, 3 bytes', '800403 000064', { malformed: 'med' }),
  row('MULTI_EXIT_DISC, no value', '800400', { malformed: 'med' }),
  row('MULTI_EXIT_DISC, twice', '800404 00000064 800404 00000065', { discarded: 'med' }),
  row('LOCAL_PREF', '400504 00000064', {}),
  row('LOCAL_PREF, 3 bytes', '400503 000064', {}),
  row('LOCAL_PREF, optional bit', 'c00504 00000064', {}),
  row('LOCAL_PREF, twice', '400504 00000064 400504 00000065', {}),
  row('ATOMIC_AGGREGATE, 1 byte', '400601 00', { discarded: 'atomic_aggregate' }),
  row('ATOMIC_AGGREGATE, optional bit', 'c00600', { malformed: 'atomic_aggregate' }),
  row('ATOMIC_AGGREGATE, twice', '400600 400600', { discarded: 'atomic_aggregate' }),
  row('AGGREGATOR, 6 bytes', 'c00706 fde9 0a000001', { discarded: 'aggregator' }),
  row('AGGREGATOR, not transitive', '800708 0000fde9 0a000001', { malformed: 'aggregator' }),
  row('AGGREGATOR, AS 0', 'c00708 00000000 0a000001', { discarded: 'aggregator' }),
  row('COMMUNITIES, no value', 'c00800', { malformed: 'communities' }),
  row('COMMUNITIES, 6 bytes', 'c00806 fde900010000', { malformed: 'communities' }),
  row('COMMUNITIES, not transitive', '800804 fde90001', { malformed: 'communities' }),
  row('COMMUNITIES, twice', 'c00804 fde90001 c00804 fde90002', { discarded: 'communities' }),
  row('ORIGINATOR_ID', '800904 0a000001', {}),
  row('ORIGINATOR_ID, 3 bytes', '800903 0a0000', {}),
  row('CLUSTER_LIST', '800a04 0a000001', {}),
  row('CLUSTER_LIST, 3 bytes', '800a03 0a0000', {}),
  row('MP_REACH_NLRI, transitive', 'c00e03 000201', { malformed: 'next_hop' }),
  row('MP_UNREACH_NLRI, well-known', '400f03 000201', { malformed: 'unknown_attributes' }),
  row('EXTENDED COMMUNITIES, no value', 'c01000', { malformed: 'ext_communities' }),
  row('EXTENDED COMMUNITIES, 7 bytes', 'c01007 00020000000000', { malformed: 'ext_communities' }),
  row('EXTENDED COMMUNITIES, not transitive', '801008 0002000000000000', {
    malformed: 'ext_communities',
  }),
  row('AS4_PATH from a 4-octet peer', 'c01106 0201 0000fde9', { discarded: 'as4_path' }),
  row('AS4_AGGREGATOR from a 4-octet peer', 'c01208 0000fde9 0a000001', {
    discarded: 'as4_aggregator',
  }),
  row('IPv6 extended communities, 8 bytes', 'c01908 0002000000000000', {
    malformed: 'ipv6_ext_communities',
  }),
  row('IPv6 extended communities, no value', 'c01900', { malformed: 'ipv6_ext_communities' }),
  row('LARGE_COMMUNITY, no value', 'c02000', { malformed: 'large_communities' }),
  row('LARGE_COMMUNITY, 8 bytes', 'c02008 0000fde900000001', { malformed: 'large_communities' }),
  row('LARGE_COMMUNITY, not transitive', '80200c 0000fde90000000100000002', {
    malformed: 'large_communities',
  }),
  row('OTC, 3 bytes', 'c02303 00fde9', { malformed: 'otc' }),
  row('OTC, not transitive', '802304 0000fde9', { malformed: 'otc' }),
  row('unknown, optional transitive, no value', 'c06300', {}),
  row('unknown, optional transitive, twice', 'c06300 c06300', { discarded: 'unknown_attributes' }),
  row('unknown, optional, not transitive', '806301 00', {}),
  row('a header of one byte', '40', { malformed: 'unknown_attributes' }),
  row('a header of two bytes', '4008', { malformed: 'communities' }),
  row('a header that lacks half its extended length', '500800', { malformed: 'communities' }),
  row('a value that overruns', 'c00808 fde90001', { malformed: 'communities' }),
  row('an unknown attribute that overruns', 'c06308 fde90001', { malformed: 'unknown_attributes' }),
  row('an ATOMIC_AGGREGATE that overruns', '400601', { malformed: 'atomic_aggregate' }),
  row('discard and withdraw together', '400601 00 800403 000064', {
    malformed: 'med',
    discarded: 'atomic_aggregate',
  }),
];

function row(
  error: string,
  attribute: string,
  outcome: Omit<Outcome, 'error' | 'attribute'>,
): Outcome {
  return { error, attribute, ...outcome };
}

/** RFC 7606 §7.5, §7.9, §7.10: the content of these is ignored. */
const ignored: ReadonlySet<number> = new Set([5, 9, 10]);

describe('wrong Optional or Transitive bits spoil the route, whichever attribute has them (RFC 7606 §3 c)', () => {
  const rows = attributeRows.flatMap(({ type, label, name, flags }) =>
    [0x00, 0x40, 0x80, 0xc0]
      .filter((wrong) => wrong !== flags)
      .map((wrong) => ({ type, label, name, wrong })),
  );
  test.each(rows)('$label, flags $wrong', ({ type, name, wrong }) => {
    const own = wholeBlock.filter((other) => fromHex(other)[1] !== type);
    const decoded = decode(...own, toHex(Uint8Array.of(wrong, type, 0)));
    const isMp = name === 'mp_unreach_nlri';
    const want = ignored.has(type) ? undefined : isMp ? 'unknown_attributes' : name;
    expect(decoded.malformed?.name).toBe(want);
    expect(decoded.discarded).toEqual([]);
  });
});

describe('an attribute error has its RFC 7606 outcome', () => {
  test.each(outcomes)('$error', ({ attribute, replaces, malformed, discarded }) => {
    const others = [origin, asPath, nextHop].filter((other) => other !== replaces);
    const decoded = decode(...others, attribute);
    expect(decoded.malformed?.name).toBe(malformed);
    expect(decoded.discarded.map(({ name }) => name)).toEqual(discarded ? [discarded] : []);
  });

  test('an unknown well-known attribute resets the session with the attribute as data', () => {
    expect(() => decode(origin, asPath, nextHop, '406302 abcd')).toThrow(
      expect.objectContaining({ code: 3, subcode: 2, data: fromHex('406302abcd') }),
    );
  });

  test('the first error is the one that is named, with its bytes and text', () => {
    const { malformed } = decode('400102 0000', asPath, nextHop, '800403 000064');
    expect(malformed).toEqual({
      name: 'origin',
      type: 1,
      kind: 'attributeLengthError',
      data: fromHex('400102 0000'),
      text: 'ORIGIN: length 2',
    });
  });
});

describe('attributes in order', () => {
  test('every attribute is read', () => {
    const { attributes, malformed, discarded } = decode(
      '400101 02',
      '400210 0102 0000fde9 0000fdea 0201 fa56ea01',
      nextHop,
      '800404 ffffffff',
      '400600',
      'c00708 fa56ea01 0a000009',
      'c00808 fde80001 ffffff01',
      'c01008 0002fde800000007',
      `c01914 0002${'00'.repeat(17)}01`,
      'c0200c fa56ea01 00000003 00000004',
      'c02304 0000fdea',
      'c06303 0102ff',
    );
    expect(malformed).toBeUndefined();
    expect(discarded).toEqual([]);
    expect(attributes).toEqual({
      origin: 2,
      asPath: [
        { kind: 'set', asns: [65001, 65002] },
        { kind: 'sequence', asns: [4200000001] },
      ],
      nextHop: fromHex('0a000001'),
      med: 4294967295,
      atomicAggregate: true,
      aggregator: { asn: 4200000001, address: fromHex('0a000009') },
      communities: [0xfde80001, 0xffffff01],
      extCommunities: [fromHex('0002fde800000007')],
      ipv6ExtCommunities: [fromHex(`0002${'00'.repeat(17)}01`)],
      largeCommunities: [[4200000001, 3, 4]],
      otc: 65002,
      unknown: [{ flags: 0xe0, type: 99, value: fromHex('0102ff') }],
    });
  });

  test('a malformed set can still be shown, with defaults for what cannot be decoded', () => {
    const { attributes, malformed } = decode('400101 09', asPath, '800404 0000000a');
    expect(malformed?.name).toBe('origin');
    expect(attributes).toMatchObject({ origin: 2, med: 10, asPath: [{ asns: [65001] }] });
  });

  test('the next hop of MP_REACH_NLRI goes before a NEXT_HOP attribute', () => {
    const mpNextHop = fromHex('20010db8000600000000000000000011');
    const bytes = fromHex(origin + asPath + nextHop);
    const decoded = decodeAttributes(bytes, 0, bytes.length, { mpNextHop, needsNextHop: false });
    expect(decoded.malformed).toBeUndefined();
    expect(toHex(decoded.attributes.nextHop)).toBe('20010db8000600000000000000000011');
  });

  test('no attribute is mandatory without routes', () => {
    const options = { needsNextHop: false, withoutRoutes: true };
    expect(decodeAttributes(fromHex(''), 0, 0, options).malformed).toBeUndefined();
  });

  test('a repeated large community is kept once (RFC 8092 §5)', () => {
    const one = '0000fde8 00000001 00000002';
    const { attributes } = decode(origin, asPath, nextHop, `c02018 ${one} ${one}`);
    expect(attributes.largeCommunities).toEqual([[65000, 1, 2]]);
  });

  test('an empty AS_PATH is valid', () => {
    expect(decode(origin, '400200', nextHop).malformed).toBeUndefined();
  });

  test('extended length and the low bits of the flags do not matter', () => {
    const { malformed, attributes } = decode(origin, asPath, nextHop, '9f0400 04 00000064');
    expect(malformed).toBeUndefined();
    expect(attributes.med).toBe(100);
  });
});
