import { describe, expect, test } from 'vitest';
import { RefreshMarks } from '#daemon/peers/refresh-marks.ts';
import { Family } from '#wire/constants.ts';

const rows = 10_000_000;
const { ipv4Unicast, ipv6Unicast } = Family;

describe('an enhanced refresh', () => {
  test('removes at EoRR what its BoRR has marked, once', () => {
    const marks = new RefreshMarks();
    expect(marks.begin(ipv6Unicast, rows, 0)).toBe(true);
    expect(marks.end(ipv6Unicast)).toBe(true);
    expect(marks.end(ipv6Unicast)).toBe(false);
  });

  test('removes nothing at an EoRR whose BoRR was ignored or never came', () => {
    const marks = new RefreshMarks();
    expect(marks.end(ipv4Unicast)).toBe(false);
    marks.begin(ipv4Unicast, rows, 0);
    expect(marks.begin(ipv4Unicast, rows, 1)).toBe(false);
    expect(marks.end(ipv4Unicast)).toBe(false);
  });

  test('of one family does not affect the other', () => {
    const marks = new RefreshMarks();
    marks.begin(ipv4Unicast, rows, 0);
    expect(marks.begin(ipv6Unicast, rows, 1)).toBe(false);
    expect(marks.end(ipv6Unicast)).toBe(false);
    expect(marks.end(ipv4Unicast)).toBe(true);
  });

  test('of an earlier session is forgotten', () => {
    const marks = new RefreshMarks();
    marks.begin(ipv4Unicast, rows, 0);
    marks.clear();
    expect(marks.end(ipv4Unicast)).toBe(false);
  });
});
