import { describe, expect, test } from 'vitest';
import { decodeAttributes } from '#wire/attributes.ts';
import { Family } from '#wire/constants.ts';
import { NotificationError, type NotificationKind } from '#wire/notification.ts';
import { UpdateDecoder } from '#wire/update-decoder.ts';
import type { DecodeContext, Update } from '#wire/update.ts';
import { fromHex, toHex } from './hex.ts';
import { prefixesOf } from './prefixes.ts';
import { context, good, length16, updateBody, type UpdateParts } from './update-bytes.ts';

const { origin, asPath, nextHop, med, mpReach, mpUnreach } = good;
const v6 = '2001:db8:30::3/128';

function decode(parts: UpdateParts, more: Partial<DecodeContext> = {}): Update {
  const body = updateBody(parts);
  return new UpdateDecoder().decode(body, 0, body.length, { ...context, ...more });
}

function blockOf({ attributeBytes, attributesStart, attributesEnd }: Update): string {
  return toHex(attributeBytes.slice(attributesStart, attributesEnd));
}

function plain(...hex: readonly string[]): string {
  return hex.join('').replaceAll(' ', '');
}

function mpReachOf(afiSafi: string, next: string, nlri: string, flags = '90'): string {
  const value = plain(afiSafi, (next.length / 2).toString(16).padStart(2, '0'), next, '00', nlri);
  return `${flags}0e${length16(value)}${value}`;
}

function malformedOf(parts: UpdateParts): string | undefined {
  const update = decode(parts);
  const { attributeBytes, attributesStart, attributesEnd } = update;
  const options = { needsNextHop: update.nlri.start < update.nlri.end };
  return decodeAttributes(attributeBytes, attributesStart, attributesEnd, options).malformed?.name;
}

function resetBy(
  name: string,
  attributes: readonly string[],
  kind: NotificationKind,
  data?: string,
  nlri = '',
) {
  const hex = toHex(updateBody({ attributes, nlri }));
  return data === undefined ? { name, hex, kind } : { name, hex, kind, data };
}

const global = '20010db8000600000000000000000011';
const linkLocal = 'fe8000000000000000000000000000ff';
const nlriV6 = plain('80 20010db8003000000000000000000003');

describe('the parts of an UPDATE', () => {
  test('ExaBGP: MP_REACH_NLRI last; the block is a window on the message', () => {
    const update = decode({ attributes: [origin, asPath, med, mpReach] });
    expect(prefixesOf(update.bytes, update.mpReach)).toEqual([v6]);
    expect(toHex(update.bytes.slice(update.nextHopStart, update.nextHopEnd))).toBe(global);
    expect(blockOf(update)).toBe(plain(origin, asPath, med));
    expect(update.attributeBytes).toBe(update.bytes);
    expect(update.endOfRib).toBeUndefined();
  });

  test('BIRD: MP_REACH_NLRI first; the block is a window on the message', () => {
    const update = decode({ attributes: [mpReach, origin, asPath, med] });
    expect(blockOf(update)).toBe(plain(origin, asPath, med));
    expect(update.attributeBytes).toBe(update.bytes);
  });

  test('MP attributes in the middle: the block is gathered on a copy', () => {
    const update = decode({ attributes: [origin, mpUnreach, asPath, mpReach, med] });
    expect(blockOf(update)).toBe(plain(origin, asPath, med));
    expect(update.attributeBytes).not.toBe(update.bytes);
    expect(prefixesOf(update.bytes, update.mpUnreach)).toEqual([v6]);
  });

  test('IPv4 in its own fields', () => {
    const attributes = [origin, asPath, nextHop];
    const update = decode({ withdrawn: '18c63364', attributes, nlri: '20c6336401 00' });
    expect(prefixesOf(update.bytes, update.withdrawn)).toEqual(['198.51.100.0/24']);
    expect(prefixesOf(update.bytes, update.nlri)).toEqual(['198.51.100.1/32', '0.0.0.0/0']);
    expect(update.mpReach.start).toBe(update.mpReach.end);
  });

  test('nothing is left over from the UPDATE before', () => {
    const decoder = new UpdateDecoder();
    const first = updateBody({ attributes: [origin, asPath, mpReach, mpUnreach] });
    decoder.decode(first, 0, first.length, context);
    const second = updateBody({ withdrawn: '18c63364' });
    const update = decoder.decode(second, 0, second.length, context);
    expect(prefixesOf(update.bytes, update.mpReach)).toEqual([]);
    expect(prefixesOf(update.bytes, update.mpUnreach)).toEqual([]);
    expect(blockOf(update)).toBe('');
    expect(update.nextHopStart).toBe(update.nextHopEnd);
  });

  test('path identifiers are read where they were negotiated', () => {
    const parts = { attributes: [origin, asPath, nextHop], nlri: '00000007 18c63364' };
    const update = decode(parts, { addPath: [true, false] });
    expect(prefixesOf(update.bytes, update.nlri)).toEqual(['198.51.100.0/24 7']);
  });

  test('a family that was not negotiated is left out', () => {
    const families = [false, false];
    const parts = { withdrawn: '99', attributes: [origin, asPath, mpReach], nlri: '77' };
    const update = decode(parts, { families });
    expect([update.nlri, update.withdrawn, update.mpReach].map(({ end }) => end)).toEqual([
      0, 0, 0,
    ]);
  });

  test('a family that is not known is left out, whatever is in it', () => {
    const vpn = mpReachOf('00 01 80', '000000000000000a000001', 'ffff');
    const update = decode({ attributes: [vpn, origin, asPath] });
    expect(update.mpReach.start).toBe(update.mpReach.end);
  });
});

describe('next hops in MP_REACH_NLRI', () => {
  const rows = [
    { name: 'IPv6, 16 bytes', afi: '000201', next: global, want: global },
    {
      name: 'IPv6, 32 bytes: the global half',
      afi: '000201',
      next: global + linkLocal,
      want: global,
    },
    { name: 'IPv4, 4 bytes', afi: '000101', next: '0a000001', want: '0a000001' },
    { name: 'IPv4, 16 bytes (RFC 8950)', afi: '000101', next: global, enh: true, want: global },
    {
      name: 'IPv4, 32 bytes (RFC 8950)',
      afi: '000101',
      next: global + linkLocal,
      enh: true,
      want: global,
    },
    { name: 'IPv4, 16 bytes, not negotiated', afi: '000101', next: global, want: undefined },
    { name: 'IPv6, 4 bytes', afi: '000201', next: '0a000001', want: undefined },
    { name: 'IPv6, no next hop', afi: '000201', next: '', want: undefined },
    { name: 'IPv6, 24 bytes', afi: '000201', next: `${'00'.repeat(8)}${global}`, want: undefined },
  ];

  test.each(rows)('$name', ({ afi, next, enh, want }) => {
    const nlri = afi === '000201' ? nlriV6 : '18c63364';
    const attributes = [mpReachOf(afi, next, nlri), origin, asPath];
    const extendedNextHop = [enh === true, false];
    const families = [afi === '000101', afi === '000201'];
    const attempt = () => decode({ attributes }, { families, extendedNextHop });
    if (want === undefined) return expect(attempt).toThrow(NotificationError);
    const update = attempt();
    expect(toHex(update.bytes.slice(update.nextHopStart, update.nextHopEnd))).toBe(want);
    return expect(prefixesOf(update.bytes, update.mpReach)).toHaveLength(1);
  });
});

describe('End-of-RIB', () => {
  const rows: readonly {
    readonly name: string;
    readonly parts: UpdateParts;
    readonly families?: readonly boolean[];
    readonly want: number | undefined;
  }[] = [
    { name: 'an empty UPDATE is IPv4', parts: {}, want: 0 },
    { name: 'BIRD and FRR', parts: { attributes: ['800f03 000201'] }, want: 1 },
    { name: 'ExaBGP, extended length', parts: { attributes: ['900f0003 000201'] }, want: 1 },
    { name: 'IPv4 in MP_UNREACH_NLRI', parts: { attributes: ['800f03 000101'] }, want: 0 },
    { name: 'of a family not negotiated', parts: {}, families: [false, true], want: undefined },
    { name: 'of an unknown family', parts: { attributes: ['800f03 000180'] }, want: undefined },
    {
      name: 'not with another attribute',
      parts: { attributes: ['800f03 000201', origin] },
      want: undefined,
    },
    {
      name: 'not with a withdrawn route',
      parts: { withdrawn: '00', attributes: ['800f03 000201'] },
      want: undefined,
    },
    {
      name: 'not with a route',
      parts: { attributes: ['800f03 000201', origin, asPath, nextHop], nlri: '00' },
      want: undefined,
    },
    { name: 'not a withdrawal', parts: { attributes: [mpUnreach] }, want: undefined },
  ];

  test.each(rows)('$name', ({ parts, families, want }) => {
    expect(decode(parts, families && { families }).endOfRib).toBe(want);
  });
});

describe('what cannot be read resets the session', () => {
  const rows: readonly {
    readonly name: string;
    readonly hex: string;
    readonly kind: NotificationKind;
    readonly data?: string;
  }[] = [
    { name: 'Withdrawn Routes Length too large', hex: '0001 0000', kind: 'malformedAttributeList' },
    { name: 'no Total Path Attribute Length', hex: '0002 1800', kind: 'malformedAttributeList' },
    {
      name: 'Total Path Attribute Length too large',
      hex: '0000 0004 400100',
      kind: 'malformedAttributeList',
    },
    {
      name: 'a withdrawn prefix of 33 bits',
      hex: '0006 210000000000 0000',
      kind: 'invalidNetworkField',
    },
    {
      name: 'a withdrawn prefix that is cut off',
      hex: '0002 1800 0000',
      kind: 'invalidNetworkField',
    },
    resetBy(
      'an IPv4 prefix of 33 bits',
      [origin, asPath, nextHop],
      'invalidNetworkField',
      undefined,
      '21 0000000000',
    ),
    resetBy(
      'an IPv4 prefix that is cut off',
      [origin, asPath, nextHop],
      'invalidNetworkField',
      undefined,
      '18 c633',
    ),
    resetBy('MP_REACH_NLRI twice', [mpReach, mpReach, origin, asPath], 'malformedAttributeList'),
    resetBy('MP_UNREACH_NLRI twice', [mpUnreach, mpUnreach], 'malformedAttributeList'),
    resetBy(
      'MP_REACH_NLRI of 4 bytes',
      ['800e04 00020100'],
      'optionalAttributeError',
      '800e0400020100',
    ),
    resetBy('MP_REACH_NLRI of 1 byte', ['800e01 00'], 'optionalAttributeError', '800e0100'),
    resetBy(
      'a next hop that overruns',
      ['800e05 0002011000'],
      'optionalAttributeError',
      '800e050002011000',
    ),
    resetBy(
      'an IPv6 prefix of 129 bits',
      [mpReachOf('000201', global, '81', '90'), origin, asPath],
      'optionalAttributeError',
      mpReachOf('000201', global, '81', '90'),
    ),
    resetBy('MP_UNREACH_NLRI of 2 bytes', ['800f02 0002'], 'optionalAttributeError', '800f020002'),
    resetBy(
      'a withdrawn IPv6 prefix cut off',
      ['800f04 00020180'],
      'optionalAttributeError',
      '800f0400020180',
    ),
    resetBy(
      'an MP_REACH_NLRI that overruns the block',
      [origin, '800eff 00020110'],
      'malformedAttributeList',
    ),
    resetBy(
      'an MP_REACH_NLRI that overruns, beside IPv4',
      [origin, '800eff 00'],
      'malformedAttributeList',
      undefined,
      '00',
    ),
    resetBy(
      'an overrun before any route was found',
      [origin, '4002ff 00'],
      'malformedAttributeList',
    ),
  ];

  test.each(rows)('$name', ({ hex, kind, data }) => {
    const bytes = fromHex(hex);
    // Where another family is left, what spoils an MP attribute does not end the session.
    const families = kind === 'optionalAttributeError' ? [false, true] : [true, true];
    const attempt = () =>
      new UpdateDecoder().decode(bytes, 0, bytes.length, { ...context, families });
    expect(attempt).toThrow(expect.objectContaining({ kind, data: fromHex(data ?? '') }));
  });
});

describe('attribute errors without reachable routes reset the session (RFC 7606 §5.2)', () => {
  const rows: readonly {
    readonly name: string;
    readonly attributes: string[];
    readonly kind: NotificationKind;
  }[] = [
    { name: 'flags', attributes: ['c00101 00', mpUnreach], kind: 'attributeFlagsError' },
    { name: 'length', attributes: ['400102 0000', mpUnreach], kind: 'attributeLengthError' },
    { name: 'ORIGIN value', attributes: ['400101 07'], kind: 'invalidOriginAttribute' },
    { name: 'AS_PATH value', attributes: ['400202 0200', mpUnreach], kind: 'malformedAsPath' },
  ];

  test.each(rows)('$name', ({ attributes, kind }) => {
    expect(() => decode({ attributes })).toThrow(expect.objectContaining({ kind }));
  });

  test('attribute discard does not', () => {
    expect(() => decode({ attributes: [origin, '400601 00', mpUnreach] })).not.toThrow();
  });

  test('nor does ExaBGP’s withdrawal, with ORIGIN and AS_PATH beside it', () => {
    const update = decode({ attributes: [origin, asPath, mpUnreach] });
    expect(prefixesOf(update.bytes, update.mpUnreach)).toEqual([v6]);
  });

  test('nor an error beside routes of a family that was not negotiated', () => {
    const parts = { attributes: ['400102 0000', mpReach] };
    expect(() => decode(parts, { families: [true, false] })).not.toThrow();
  });
});

describe('routes are treated as withdrawn when the NLRI are known', () => {
  test('an overrun after MP_REACH_NLRI', () => {
    expect(malformedOf({ attributes: [mpReach, origin, '4002ff 00'] })).toBe('as_path');
  });

  test('an overrun beside IPv4 NLRI', () => {
    const attributes = [origin, asPath, '4003ff 00'];
    expect(malformedOf({ attributes, nlri: '18c63364' })).toBe('next_hop');
  });
});

describe('MP attributes with wrong flags reset the session (RFC 7606 §5.3)', () => {
  const rows: readonly { readonly name: string; readonly attributes: string[] }[] = [
    { name: 'MP_REACH_NLRI', attributes: [mpReachOf('000201', global, nlriV6, 'd0'), origin] },
    { name: 'MP_REACH_NLRI, no NLRI', attributes: [mpReachOf('000201', global, '', '50')] },
    { name: 'MP_UNREACH_NLRI alone', attributes: [`c${mpUnreach.slice(1)}`] },
    { name: 'MP_UNREACH_NLRI', attributes: [mpReach, `4${mpUnreach.slice(1)}`, origin, asPath] },
  ];

  const error = expect.objectContaining({ kind: 'optionalAttributeError' });

  test.each(rows)('$name', ({ attributes }) => {
    expect(() => decode({ attributes }, { families: [false, true] })).toThrow(error);
  });

  test.each(rows)('$name; where another family is left that one stays', ({ attributes }) => {
    expect(decode({ attributes }).disabled).toEqual({ family: Family.ipv6Unicast, error });
  });
});

describe('a family whose routes cannot be told is disabled where another one is left (RFC 7606 §7.11)', () => {
  const spoilt = mpReachOf('000201', '0a000001', nlriV6);
  const rows: readonly { readonly name: string; readonly attribute: string }[] = [
    { name: 'a next hop of 4 bytes', attribute: spoilt },
    { name: 'a next hop that overruns', attribute: '800e05 000201 10 00' },
    { name: 'an NLRI of 129 bits', attribute: mpReachOf('000201', global, '81') },
    { name: 'MP_REACH_NLRI of 4 bytes', attribute: '800e04 000201 00' },
    { name: 'an NLRI of MP_UNREACH_NLRI that is cut off', attribute: '800f05 000201 8020' },
  ];

  test.each(rows)('$name: the rest of the UPDATE counts', ({ attribute }) => {
    const parts = { attributes: [attribute, origin, asPath, nextHop], nlri: '18c63364' };
    const update = decode(parts);
    expect(update.disabled?.family).toBe(Family.ipv6Unicast);
    expect(prefixesOf(update.bytes, update.mpReach)).toEqual([]);
    expect(prefixesOf(update.bytes, update.nlri)).toEqual(['198.51.100.0/24']);
  });

  test('what the peer has probably done is said', () => {
    expect(decode({ attributes: [spoilt, origin, asPath] }).disabled?.error.detail).toBe(
      '4-byte next hop for an IPv6 route: `next-hop self` on an IPv4 session?',
    );
  });

  test('then all that comes of the family is passed over, right or wrong', () => {
    const decoder = new UpdateDecoder();
    const read = (attributes: readonly string[]) => {
      const body = updateBody({ attributes });
      const update = decoder.decode(body, 0, body.length, context);
      return { off: update.disabled?.family, at: prefixesOf(update.bytes, update.mpReach) };
    };
    expect(read([spoilt, origin, asPath])).toEqual({ off: Family.ipv6Unicast, at: [] });
    expect(read([spoilt, origin, asPath])).toEqual({ off: undefined, at: [] });
    expect(read([mpReach, origin, asPath])).toEqual({ off: undefined, at: [] });
    expect(read([spoilt, '400102 0000'])).toEqual({ off: undefined, at: [] });
  });

  test('the last family that is left is not', () => {
    const ipv4 = mpReachOf('000101', '0a0000', '18c63364');
    expect(() => decode({ attributes: [spoilt, `${ipv4}`] })).toThrow(NotificationError);
    expect(() => decode({ attributes: [spoilt] }, { families: [false, true] })).toThrow(
      'next-hop self',
    );
  });

  test('IPv4 is, with what stands in the fields of its own', () => {
    const ipv4 = mpReachOf('000101', global, '18c63364');
    const update = decode({ attributes: [ipv4, origin, asPath, nextHop], nlri: '18c63364' });
    expect(update.disabled?.family).toBe(Family.ipv4Unicast);
    expect(prefixesOf(update.bytes, update.nlri)).toEqual([]);
  });
});

describe('a 2-octet peer (RFC 6793 §4.2.3)', () => {
  const rows: readonly {
    readonly name: string;
    readonly given: readonly string[];
    readonly want: readonly string[];
  }[] = [
    {
      name: 'AS_PATH is widened',
      given: [origin, '400204 0201 fde9', med],
      want: [origin, asPath, med],
    },
    {
      name: 'AS_PATH is merged with AS4_PATH',
      given: ['400206 0202 fde9 5ba0', 'c01106 0201 fa56ea01'],
      want: ['40020a 0202 0000fde9 fa56ea01'],
    },
    {
      name: 'a shorter AS_PATH stands alone',
      given: ['400204 0201 5ba0', 'c0110a 0202 0000fde9 fa56ea01'],
      want: ['400206 0201 00005ba0'],
    },
    {
      name: 'a set counts one',
      given: ['40020a 0201 fde9 0102 5ba0 fdea', 'c0110a 0102 fa56ea01 0000fdea'],
      want: ['400210 0201 0000fde9 0102 fa56ea01 0000fdea'],
    },
    {
      name: 'a malformed AS4_PATH is discarded',
      given: ['400204 0201 5ba0', 'c01105 0201 fa56ea'],
      want: ['400206 0201 00005ba0'],
    },
    {
      name: 'AS4_PATH with wrong flags stays, to spoil the route',
      given: ['400204 0201 5ba0', '801106 0201 fa56ea01'],
      want: ['400206 0201 00005ba0', '801106 0201 fa56ea01'],
    },
    {
      name: 'a second AS4_PATH with wrong flags is discarded as any second one',
      given: ['400204 0201 5ba0', 'c01106 0201 fa56ea01', '801106 0201 fa56ea02'],
      want: ['400206 0201 fa56ea01'],
    },
    {
      name: 'AS4_AGGREGATOR with wrong flags stays, to spoil the route',
      given: ['c00706 5ba0 0a000009', '401208 fa56ea01 0a000009'],
      want: ['c00708 00005ba0 0a000009', '401208 fa56ea01 0a000009'],
    },
    {
      name: 'a confederation segment of AS4_PATH is left out',
      given: ['400204 0201 5ba0', 'c0110c 0301 0000fde9 0201 fa56ea01'],
      want: ['400206 0201 fa56ea01'],
    },
    {
      name: 'AGGREGATOR is widened',
      given: ['c00706 fde9 0a000009'],
      want: ['c00708 0000fde9 0a000009'],
    },
    {
      name: 'AS4_AGGREGATOR takes its place',
      given: ['c00706 5ba0 0a000009', 'c01208 fa56ea01 0a000009'],
      want: ['c00708 fa56ea01 0a000009'],
    },
    {
      name: 'another AGGREGATOR than AS_TRANS makes both AS4 attributes void',
      given: [
        '400204 0201 5ba0',
        'c00706 fde9 0a000009',
        'c01106 0201 fa56ea01',
        'c01208 fa56ea01 0a000009',
      ],
      want: ['400206 0201 00005ba0', 'c00708 0000fde9 0a000009'],
    },
    {
      name: 'of two AGGREGATORs the first says whether the AS4 attributes count',
      given: ['c00706 fde9 0a000007', 'c01208 fa56ea01 0a000008', 'c00706 5ba0 0a000009'],
      want: ['c00708 0000fde9 0a000007', 'c00706 5ba0 0a000009'],
    },
    {
      name: 'the second of two AS4_PATHs is discarded, even where the first is malformed',
      given: ['400204 0201 5ba0', 'c01105 0201 fa56ea', 'c01106 0201 fa56ea02'],
      want: ['400206 0201 00005ba0'],
    },
    {
      name: 'an AGGREGATOR of 8 bytes stays malformed',
      given: ['c00708 0000fde9 0a000009'],
      want: ['c00700'],
    },
    {
      name: 'a malformed AS_PATH stays malformed',
      given: ['400206 0201 0000fde9'],
      want: ['400201 00'],
    },
    {
      name: 'a path of more than 63 ASes needs the extended length',
      given: [`400282 0240${'fde9'.repeat(64)}`],
      want: [`50020102 0240${'0000fde9'.repeat(64)}`],
    },
  ];

  test.each(rows)('$name', ({ given, want }) => {
    const parts = { attributes: given, nlri: '18c63364' };
    const update = decode(parts, { asnBytes: 2 });
    expect(blockOf(update)).toBe(plain(...want));
  });

  test('an AS_PATH of 4-octet numbers is no valid path', () => {
    const update = decode({ attributes: [asPath], nlri: '00' }, { asnBytes: 2 });
    const { attributeBytes, attributesStart, attributesEnd } = update;
    const decoded = decodeAttributes(attributeBytes, attributesStart, attributesEnd, {
      needsNextHop: true,
    });
    expect(decoded.malformed?.name).toBe('as_path');
  });
});
