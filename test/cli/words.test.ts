import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { expandWords } from '#cli/words.ts';
import { cliBench, runWith } from './bench.ts';

function tree(): Command {
  const root = new Command('root').option('-c, --config <file>', '').option('-j, --json', '');
  const show = root.command('show');
  show.command('status');
  show.command('peers').aliases(['peer', 'protocols', 'neighbors']).argument('[name]');
  const route = show.command('route').argument('[prefix]').option('-n, --limit <n>');
  for (const word of ['for', 'filtered', 'peer', 'count']) route.command(word).argument('[x]');
  root.command('reload');
  root.command('reset').alias('restart').argument('<peer>');
  root.command('re').argument('[x]');
  root.command('__hidden');
  return root;
}

const rows: readonly [given: string, want: string][] = [
  ['show status', 'show status'],
  ['s st', 'show status'],
  ['s p', 'show peers'],
  ['s pe', 'show peers'],
  ['s pr', 'show peers'],
  ['sh peer W1', 'show peers W1'],
  ['sh ro', 'show route'],
  ['sh ro fo 2001:db8::1', 'show route for 2001:db8::1'],
  ['sh ro fi', 'show route filtered'],
  ['sh ro c', 'show route count'],
  ['sh ro 2001:db8::/32', 'show route 2001:db8::/32'],
  ['sh ro fo c', 'show route for c'],
  ['sh -c s ro', 'show -c s route'],
  ['-c s s p', '-c s show peers'],
  ['--config=s s p', '--config=s show peers'],
  ['-j s p', '-j show peers'],
  ['s ro -n 5 c', 'show route -n 5 count'],
  ['re s', 're s'],
  ['rest W1', 'reset W1'],
  ['rel', 'reload'],
  ['s p -- s', 'show peers -- s'],
  ['nothing like it', 'nothing like it'],
  ['__', '__'],
  ['', ''],
];

test.each(rows)('"%s" is "%s"', (given, want) => {
  expect(expandWords(tree(), given === '' ? [] : given.split(' ')).join(' ')).toBe(want);
});

describe('an ambiguous word', () => {
  test.each([
    ['res x', 'reset'],
    ['s ro f x', 'for, filtered'],
    ['r', 'reload, reset, re'],
  ])('%s', (given, names) => {
    if (!names.includes(',')) {
      expect(expandWords(tree(), given.split(' '))[0]).toBe(names);
      return;
    }
    expect(() => expandWords(tree(), given.split(' '))).toThrow(`may be ${names}`);
  });

  test('lists the possible words, and ends with 2', async () => {
    const { status, out, err } = await runWith(['sh', 'ro', 'f'], {});
    expect([status, out]).toEqual([2, '']);
    expect(err).toContain('for, filtered');
  });
});

/** Commands of birdc and vtysh, and the request that each becomes. */
const hands: readonly [words: string, called: string][] = [
  ['restart W1', 'reset W1'],
  ['clear bgp W1', 'reset W1'],
  ['clear bgp W1 soft', 'refresh W1'],
  ['clear bgp W1 soft in', 'refresh W1 in'],
  ['cl b W1 soft out', 'refresh W1 out'],
  ['refresh ER2 out', 'refresh ER2 out'],
  ['ena W1', 'enable W1'],
  ['dis W1 --reason maintenance', 'disable W1 maintenance'],
  ['reset 2001:db8:6::11', 'reset 2001:db8:6::11'],
  ['configure', 'reload'],
  ['configure confirm', 'confirm'],
  ['rel', 'reload'],
];

test.each(hands)('fingerpost %s does "%s"', async (words, called) => {
  await using bench = await cliBench();
  expect((await bench.run(words.split(' '))).status).toBe(0);
  expect(bench.daemon.called).toEqual([called]);
});

test.each([
  [['disable', 'W1', 'switch replaced'], 'disable W1 switch replaced'],
  [['reset', 'W1', '--reason', 'ticket 4711'], 'reset W1 ticket 4711'],
])('%j sends the reason', async (words, called) => {
  await using bench = await cliBench();
  expect((await bench.run(words)).status).toBe(0);
  expect(bench.daemon.called).toEqual([called]);
});

test.each([
  [
    ['disable', 'W1', 'W2'],
    'W2: only one peer can be given; if this is the reason, write --reason W2',
  ],
  [
    ['reset', 'W1', 'W2'],
    'W2: only one peer can be given; if this is the reason, write --reason W2',
  ],
  [['disable', 'W1', 'two words', '--reason', 'x'], 'a reason is already given with --reason'],
])('%j is refused, and disables no peer', async (words, text) => {
  await using bench = await cliBench();
  const { status, err } = await bench.run(words);
  expect(status).toBe(2);
  expect(err).toContain(text);
  expect(bench.daemon.called).toEqual([]);
});

test.each(['shwo --help', 'shwo -h', 'show peesr --help'])(
  'fingerpost %s is a mistake, which --help does not hide',
  async (words) => {
    const { status, out, err } = await runWith(words.split(' '), {});
    expect([status, out]).toEqual([2, '']);
    expect(err).toContain('unknown command');
  },
);

/** Pairs of commands that print the same. */
const same: readonly [words: string, other: string][] = [
  ['show peers', 'show peer'],
  ['show peers', 'show protocols'],
  ['show peers', 'show neighbors'],
  ['show peers', 'show summary'],
  ['show peers', 'show bgp summary'],
  ['show peers', 'show bgp ipv6 unicast summary'],
  ['show peer W1', 'show protocols all W1'],
  ['show peer W1', 'show bgp neighbors W1'],
  ['show peer W1', 'show peer 2001:db8:6::11'],
  ['show route peer W1', 'sh ro proto W1'],
  ['show route for 2001:db8:30::1 --all', 'show route for 2001:db8:30::1 all'],
  ['show route --all', 'show route all'],
  ['show bgp ipv6', 'show bgp ipv6 unicast'],
];

test.each(same)('"%s" and "%s" print the same', async (words, other) => {
  await using bench = await cliBench();
  const one = await bench.run(words.split(' '));
  expect(one.status).toBe(0);
  expect(await bench.run(other.split(' '))).toEqual(one);
});
