import { describe, expect, test } from 'vitest';
import { Family } from '#wire/constants.ts';
import {
  decodeRouteRefresh,
  encodeKeepalive,
  encodeRouteRefresh,
  RefreshSubtype,
} from '#wire/message.ts';
import { fromHex, toHex } from './hex.ts';

const marker = 'ff'.repeat(16);

test('a KEEPALIVE is the header alone', () => {
  expect(toHex(encodeKeepalive())).toBe(`${marker}001304`);
});

describe('ROUTE-REFRESH', () => {
  test.each([
    { subtype: RefreshSubtype.request, hex: '00020001' },
    { subtype: RefreshSubtype.begin, hex: '00020101' },
    { subtype: RefreshSubtype.end, hex: '00020201' },
  ])('subtype $subtype both ways', ({ subtype, hex }) => {
    expect(toHex(encodeRouteRefresh(Family.ipv6Unicast, subtype))).toBe(`${marker}001705${hex}`);
    const decoded = decodeRouteRefresh(fromHex(hex), 0, 4);
    expect(decoded).toEqual({ afi: 2, safi: 1, family: Family.ipv6Unicast, subtype });
  });

  test('a family that is not carried here has no Family', () => {
    expect(decodeRouteRefresh(fromHex('00010080'), 0, 4).family).toBeUndefined();
  });

  test.each(['000203', '0002ff0101'])('a subtype to be ignored may have any length (%j)', (hex) => {
    const body = fromHex(hex);
    expect(decodeRouteRefresh(body, 0, body.length).family).toBeUndefined();
  });

  test.each(['', '000200', '0002000101', '0002010101', '00020201010000'])(
    'a body of another length (%j) is 7/1',
    (hex) => {
      const body = fromHex(hex);
      const lengthHex = (19 + body.length).toString(16).padStart(4, '0');
      expect(() => decodeRouteRefresh(body, 0, body.length)).toThrow(
        expect.objectContaining({
          code: 7,
          subcode: 1,
          data: fromHex(`${marker}${lengthHex}05${hex}`),
        }),
      );
    },
  );
});
