import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { changesView, done } from '../http/fake-changes.ts';
import { cliBench, runWith } from './bench.ts';

const minimal = 'router_id: 1.1.1.9\nlocal_as: 65002\n';

describe('whatif', () => {
  test('--config is the file to simulate, and -c the one that runs', async () => {
    await using bench = await cliBench();
    const running = join(bench.folder, 'rs9.yaml');
    const tried = join(bench.folder, 'new.yaml');
    await writeFile(running, `${minimal}control: { socket: ${bench.socket} }\n`);
    await writeFile(tried, 'local_as: 1');
    for (const words of [['--config', tried], [`--config=${tried}`]]) {
      const { status, out } = await runWith(['whatif', ...words, '-c', running], {});
      expect([status, out]).toEqual([
        1,
        expect.stringContaining('with this configuration: 1 address'),
      ]);
    }
    expect(bench.daemon.called).toEqual([
      'simulate config local_as: 1 20',
      'simulate config local_as: 1 20',
    ]);
  });

  test('of a whole site counts its peers if there are many', async () => {
    await using bench = await cliBench();
    const peers = Array.from({ length: 200 }, (_, at) => `W${at}`);
    const site = { ...changesView(3), kind: 'site' as const, name: 'dc1', peers };
    bench.daemon.simulate = async () => ({
      ok: true,
      work: done({ items: [site], rib_version: 9 }),
    });
    const one = await bench.run(['whatif', '--site', 'dc1']);
    expect(one.out).toMatch(/^if site dc1 \(200 peers\) failed: 1 address goes dark,/);
    const each = await bench.run(['whatif', '--each', 'site']);
    expect(each.out).toMatch(/^dc1 +200 peers +1 +1 +1$/m);
  });

  test.each([['whatif', '--config'], ['plan']])(
    '%s of a file with errors ends with 1 and lists them under the name of that file',
    async (...words) => {
      await using bench = await cliBench();
      const file = join(bench.folder, 'new.yaml');
      await writeFile(file, 'lokal_as: 1');
      const { file: running } = bench.daemon.status().config;
      const place = { line: 1, column: 1 };
      bench.daemon.outcome = {
        ok: false,
        message: '2 errors',
        problems: [
          { file: running, ...place, message: 'lokal_as: unknown key' },
          { file: '/etc/fingerpost/peers.yaml', ...place, message: 'pers: unknown key' },
        ],
      };
      const { status, out, err } = await bench.run([...words, file]);
      expect([status, out]).toEqual([1, '']);
      expect(err).toContain(`${file}:1:1: lokal_as: unknown key`);
      expect(err).toContain('/etc/fingerpost/peers.yaml:1:1: pers: unknown key');
    },
  );

  test('commands can be abbreviated, and every form sends the same request', async () => {
    await using bench = await cliBench();
    const rows = [
      '--node w1',
      '--site dc1',
      '--rack a',
      '--peer W1',
      '--each rack',
      '--each node -n 3',
      '--node w1 -a',
    ];
    for (const words of rows) await bench.run(`wha ${words}`.split(' '));
    expect(bench.daemon.called).toEqual([
      'simulate gone node w1 20',
      'simulate gone site dc1 20',
      'simulate gone rack a 20',
      'simulate gone peer W1 20',
      'simulate each rack 0',
      'simulate each node 3',
      'simulate gone node w1 10000',
    ]);
  });
});
