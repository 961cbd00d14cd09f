import { describe, expect, it } from 'vitest';
import type { RpkiCacheView, RpkiView } from '#api/views/rpki.ts';
import { DataLosses } from '#daemon/rpki/data-losses.ts';
import { rpkiTroubles } from '#daemon/rpki/rpki-troubles.ts';

const at = '2026-11-29T03:00:00.000Z';
const cache = (name: string, more: Partial<RpkiCacheView> = {}): RpkiCacheView => ({
  name,
  address: '[::1]:3323',
  preference: 1,
  state: 'established',
  in_use: true,
  version: 1,
  ...more,
});
const lost = { state: 'idle', in_use: false, last_error: { at, text: 'refused' } } as const;
const view = (items: RpkiCacheView[], more: Partial<RpkiView> = {}): RpkiView => ({
  items,
  vrps: { ipv4_unicast: 1, ipv6_unicast: 1 },
  aspas: 0,
  expires_at: '2026-11-29T05:00:00.000Z',
  ...more,
});

/** Expires the data by hand: none is in use. */
const empty = (items: RpkiCacheView[], more: Partial<RpkiView> = {}): RpkiView => {
  const { expires_at: _, ...rest } = view(items, more);
  return rest;
};

describe('what is wrong with validated data', () => {
  it.each<[what: string, is: RpkiView, codes: string[], urgent: number]>([
    ['nothing where no cache is configured', empty([]), [], 0],
    ['nothing where one is in use', view([cache('a')]), [], 0],
    [
      'nothing of a cache that is not tried, because a better one is in use',
      view([cache('a'), cache('b', lost)]),
      [],
      0,
    ],
    [
      'a better one that does not answer, which can wait',
      view([cache('a', lost), cache('b')]),
      ['rpki_cache_down'],
      0,
    ],
    [
      'each cache where none is left, though its data is still in use',
      view([cache('a', { ...lost, in_use: true }), cache('b', lost)]),
      ['rpki_cache_down', 'rpki_cache_down'],
      2,
    ],
    [
      'a cache that never gave data',
      empty([cache('a', lost)]),
      ['rpki_no_data', 'rpki_cache_down'],
      2,
    ],
    [
      'data that has expired, and not besides that it has vanished',
      empty([cache('a', lost)], { has_expired: true, dropped: { at, before: 9, after: 0 } }),
      ['rpki_expired', 'rpki_cache_down'],
      2,
    ],
    [
      'VRPs that vanished',
      view([cache('a')], { dropped: { at, before: 9, after: 2 } }),
      ['rpki_vrps_dropped'],
      1,
    ],
  ])('%s', (_, is, codes, urgent) => {
    const found = rpkiTroubles(is, true);
    expect(found.map(({ code }) => code)).toEqual(codes);
    expect(found.filter(({ isUrgent }) => isUrgent).length).toBe(urgent);
  });

  it('is no error where no policy asks for the data', () => {
    const found = rpkiTroubles(empty([cache('a', { state: 'connecting', in_use: false })]), false);
    expect(found).toMatchObject([{ code: 'rpki_no_data', severity: 'warning', isUrgent: false }]);
  });
});

describe('VRPs that vanish', () => {
  it('are remembered until half of them are back', () => {
    const losses = new DataLosses();
    expect(losses.changed(0, 100, 1)).toBe(false);
    expect(losses.changed(100, 50, 2)).toBe(false);
    expect(losses.changed(50, 24, 3)).toBe(true);
    expect(losses.changed(24, 10, 4)).toBe(true);
    expect(losses.drop(5)).toEqual({ atMs: 4, before: 50 });
    expect(losses.changed(10, 24, 6)).toBe(false);
    expect(losses.drop(7)).toBeDefined();
    expect(losses.changed(24, 25, 8)).toBe(false);
    expect(losses.drop(9)).toBeUndefined();
  });

  it('are no longer reported after a day', () => {
    const losses = new DataLosses();
    losses.changed(100, 1, 0);
    expect(losses.drop(86_399_999)).toBeDefined();
    expect(losses.drop(86_400_000)).toBeUndefined();
  });
});
