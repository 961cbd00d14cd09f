import { describe, expect, test } from 'vitest';
import { ColumnTable } from '#cli/table.ts';

const columns = [
  { head: 'Address' },
  { head: 'MED', align: 'right' },
  { head: 'Why', elastic: 'wrap' },
] as const;

const rows = [
  [
    '2001:db8:30::1/128',
    '100',
    'lost at med: by only_loopbacks, /etc/fingerpost/fingerpost.yaml:13',
  ],
  ['2001:db8:30::2/128', '1', ''],
];

const render = (maxWidth: number): string[] =>
  new ColumnTable(columns, maxWidth).render(rows, (text) => text).split('\n');

describe('a wrapped column', () => {
  test('stands beside the others where it can be read', () => {
    expect(render(64)).toEqual([
      'Address             MED  Why',
      '2001:db8:30::1/128  100  lost at med: by only_loopbacks,',
      '                         /etc/fingerpost/fingerpost.yaml:13',
      '2001:db8:30::2/128    1',
    ]);
  });

  test('stands below each row where it would be too narrow, and no word of it is broken', () => {
    expect(render(56)).toEqual([
      'Address             MED',
      '2001:db8:30::1/128  100',
      '                    lost at med: by only_loopbacks,',
      '                    /etc/fingerpost/fingerpost.yaml:13',
      '2001:db8:30::2/128    1',
    ]);
  });
});
