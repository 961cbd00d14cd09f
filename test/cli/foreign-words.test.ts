import { describe, expect, test } from 'vitest';
import { cliBench } from './bench.ts';

/** Commands of other daemons, and the command here that does the same. */
const rows: readonly [their: string, ours: string][] = [
  // birdc
  ['show status', 'show status'],
  ['show protocols', 'show peers'],
  ['show protocols all W1', 'show peer W1'],
  ['show route', 'show route'],
  ['show route all', 'show route --all'],
  ['show route for 2001:db8:30::1 all', 'show route for 2001:db8:30::1 --all'],
  ['show route in 2001:db8:30::/64', 'show route'],
  ['show route protocol W1', 'show route peer W1'],
  ['show route export ER2', 'show route export ER2'],
  ['show route noexport ER2', 'show route noexport ER2'],
  ['show route filtered', 'show route filtered'],
  ['show route filtered W1', 'show route filtered W1'],
  ['show route count', 'show route count'],
  ['restart W1', 'reset W1'],
  ['reload in W1', 'refresh W1 in'],
  ['reload out W1', 'refresh W1 out'],
  ['configure', 'reload'],
  ['configure confirm', 'confirm'],
  ['echo all', 'monitor'],
  // vtysh
  ['show version', 'show status'],
  ['show bgp summary', 'show peers'],
  ['show bgp ipv6 summary', 'show peers'],
  ['show bgp ipv6 unicast', 'show bgp ipv6'],
  ['show bgp neighbors W1', 'show peer W1'],
  ['show bgp neighbors W1 routes', 'show route peer W1'],
  ['show bgp neighbors W1 received-routes', 'show route received W1'],
  ['show bgp neighbors ER2 advertised-routes', 'show route export ER2'],
  ['show bgp neighbors W1 filtered-routes', 'show route filtered W1'],
  ['clear bgp W1', 'reset W1'],
  ['clear bgp W1 soft', 'refresh W1'],
  ['clear bgp W1 soft in', 'refresh W1 in'],
  ['terminal monitor', 'monitor'],
  // bgpctl
  ['show', 'show peers'],
  ['show summary', 'show peers'],
  ['show neighbor W1', 'show peer W1'],
  ['show rib', 'show route'],
  ['show rib 2001:db8:30::1', 'show route for 2001:db8:30::1'],
  ['show rib detail 2001:db8:30::1', 'show route for 2001:db8:30::1 --all'],
  ['show rib neighbor W1', 'show route peer W1'],
  ['show rib neighbor W1 in', 'show route received W1'],
  ['show rib neighbor ER2 out', 'show route export ER2'],
  ['neighbor W1 up', 'enable W1'],
  ['neighbor W1 down', 'disable W1'],
  ['neighbor W1 down maintenance', 'disable W1 --reason maintenance'],
  ['neighbor W1 clear', 'reset W1'],
  ['neighbor W1 refresh', 'refresh W1'],
];

/** Commands that run until they are ended are ended at once. */
function atOnce(): AbortSignal {
  return AbortSignal.abort();
}

test.each(rows)('%s does what `%s` does', async (their, ours) => {
  await using bench = await cliBench();
  const ran = async (words: string) => {
    bench.daemon.called.length = 0;
    const { status, out, err } = await bench.run(words.split(' '), { takeSignals: atOnce });
    return { status, out, err, called: [...bench.daemon.called] };
  };
  const wanted = await ran(ours);
  if (ours !== 'monitor') expect(wanted).toMatchObject({ status: 0, err: '' });
  expect(await ran(their)).toEqual(wanted);
});

test('`show route primary` has the best path of each prefix', async () => {
  await using bench = await cliBench();
  const { out } = await bench.run(['show', 'route', 'primary']);
  expect(out.match(/^\*>/gm)).toHaveLength(3);
  expect(out).not.toMatch(/^\* /m);
});

describe('a command for one thing does not do another', () => {
  test.each([
    ['reload W1', 'in, out'],
    ['reload in', 'expected the name or address of a peer'],
    ['neighbor W1 sideways', 'up, down, clear, refresh'],
    ['neighbor W1 up soon', 'only down and clear take a reason'],
    ['terminal length', 'monitor'],
    ['show shwo', "unknown command 'shwo'"],
  ])('%s', async (words, told) => {
    await using bench = await cliBench();
    const { status, err } = await bench.run(words.split(' '));
    expect([status, bench.daemon.called]).toEqual([2, []]);
    expect(err).toContain(told);
  });
});

test.each([
  ['show peer W11', 'did you mean W1?'],
  ['reset ER3', 'did you mean ER2?'],
  ['show route received w3', 'did you mean W3?'],
  ['explain 2001:db8:30::1 --for DR9', 'did you mean DR6?'],
  ['doctor W0', 'did you mean W1?'],
])('%s: a similar name is suggested', async (words, told) => {
  await using bench = await cliBench();
  const { status, err } = await bench.run(words.split(' '));
  expect(status).toBe(1);
  expect(err).toContain(told);
});
