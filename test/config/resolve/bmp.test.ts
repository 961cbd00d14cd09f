import { describe, expect, it } from 'vitest';
import { planProcess } from '#config/plan.ts';
import { configOf, minimal, problemsOf } from '../files.ts';

describe('BMP collectors', () => {
  it('have a name, what they are sent, and how often they get statistics', () => {
    const { bmp } = configOf(
      minimal(`bmp:
  - { address: "[2001:db8:9::1]:11019" }
  - { name: noc, address: 192.0.2.9:5000, monitor: [loc_rib, loc_rib], statistics: 0 }
`),
    );
    expect(bmp).toMatchObject([
      {
        name: '[2001:db8:9::1]:11019',
        endpoint: { port: 11_019 },
        monitor: ['adj_rib_in_pre', 'adj_rib_in_post', 'loc_rib'],
        statisticsMs: 60_000,
      },
      { name: 'noc', endpoint: { text: '192.0.2.9:5000' }, monitor: ['loc_rib'], statisticsMs: 0 },
    ]);
  });

  it.each([
    ['{ address: "::1" }', expect.stringContaining('3:')],
    ['{ address: "0.0.0.0:1" }', '3:18 address: 0.0.0.0:1: not the address of a single host'],
    ['{ address: "[::]:1" }', '3:18 address: [::]:1: not the address of a single host'],
    ['{ address: "224.0.0.5:1" }', '3:18 address: 224.0.0.5:1: not the address of a single host'],
    ['{ address: "[ff02::1]:1" }', '3:18 address: [ff02::1]:1: not the address of a single host'],
    [
      '{ address: "255.255.255.255:1" }',
      '3:18 address: 255.255.255.255:1: not the address of a single host',
    ],
    ['{ address: "127.0.0.1:0" }', '3:18 address: give a port above 0'],
    [
      '{ address: "127.0.0.1:1", monitor: [] }',
      '3:42 monitor: expected a list that is not empty; got an empty list',
    ],
    [
      '{ address: "127.0.0.1:1", monitor: [adj_rib_out_pre] }',
      expect.stringContaining(
        'expected adj_rib_in_pre, adj_rib_in_post, loc_rib or adj_rib_out_post',
      ),
    ],
    [
      '{ name: a, address: "127.0.0.1:1" }, { name: a, address: "127.0.0.1:2" }',
      expect.stringContaining('another collector already has the name a'),
    ],
    [
      '{ name: a, address: "127.0.0.1:1" }, { name: b, address: "127.0.0.1:1" }',
      expect.stringContaining('127.0.0.1:1 is given twice'),
    ],
  ])('bmp: [%s] is refused', (given, problem) => {
    expect(problemsOf(minimal(`bmp: [${given}]\n`))).toEqual([problem]);
  });

  it('may be changed by a reload that touches no session', () => {
    const before = configOf(minimal(''));
    const after = configOf(minimal('bmp: [{ address: "127.0.0.1:1" }]\n'));
    expect(planProcess(before, after)).toEqual([{ key: 'bmp', effect: 'apply' }]);
  });
});
