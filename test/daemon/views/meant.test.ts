import { expect, it } from 'vitest';
import type { Meant } from '#api/queries.ts';
import { meantBy } from '#daemon/views/meant.ts';

const named: readonly Meant[] = [
  ...['W1', 'ER-core-2', 'Berlin'].map((name) => ({ kind: 'peer', name }) as const),
  { kind: 'site', name: 'berlin' },
  ...[1, 2, 3, 4].map((at) => ({ kind: 'address', name: `2001:db8:30::${at}/128` }) as const),
  { kind: 'address', name: '192.0.2.0/24' },
];

/** The text that was typed, and the suggestions. */
const rows: readonly [typed: string, offered: readonly string[]][] = [
  ['2001:db8:3O::1', ['2001:db8:30::1/128']],
  ['2001:db8:30:::2', ['2001:db8:30::2/128']],
  ['2001:DB8:30::3/12', ['2001:db8:30::3/128']],
  ['2001:db8:30::7', ['2001:db8:30::1/128', '2001:db8:30::2/128', '2001:db8:30::3/128']],
  ['192.0.2,0/24', ['192.0.2.0/24']],
  ['192.0.2.l', ['192.0.2.0/24']],
  ['er-core-3', ['ER-core-2']],
  ['berlni', ['Berlin', 'berlin']],
  ['nothing like any of them', []],
  ['', []],
];

it.each(rows)('the probable meaning of %s is suggested', (typed, offered) => {
  const work = meantBy(typed, named);
  let step = work.next();
  while (step.done !== true) step = work.next();
  expect(step.value.map(({ name }) => name)).toEqual(offered);
});
