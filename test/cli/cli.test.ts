import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Page } from '#api/queries.ts';
import type { PathView } from '#api/views/path.ts';
import { settingsOf } from '#cli/settings.ts';
import { atOnce } from '#daemon/in-slices.ts';
import { done } from '../http/fake-changes.ts';
import { type CliBench, cliBench, runWith } from './bench.ts';

const minimal = 'router_id: 1.1.1.9\nlocal_as: 65002\n';

describe('the choice of socket and file', () => {
  test('an option precedes the environment, then comes the configuration, then the default', async () => {
    await using bench = await cliBench();
    const file = join(bench.folder, 'rs9.yaml');
    await writeFile(file, `${minimal}control: { socket: ${bench.socket} }\n`);
    const none = join(bench.folder, 'none.sock');
    const rows: [words: string[], env: Record<string, string>, status: number][] = [
      [['-s', bench.socket], { FINGERPOST_SOCKET: none }, 0],
      [['-s', none], { FINGERPOST_SOCKET: bench.socket }, 3],
      [[], { FINGERPOST_SOCKET: bench.socket }, 0],
      [['-c', file], { FINGERPOST_SOCKET: none }, 3],
      [['-c', file], {}, 0],
      [[], { FINGERPOST_CONFIG: file }, 0],
      [['-c', '/nowhere.yaml'], { FINGERPOST_CONFIG: file }, 1],
      [[], { FINGERPOST_CONFIG: '/nowhere.yaml' }, 1],
      [['-c', '/nowhere.yaml', '-s', bench.socket], {}, 0],
      [['-c', file], { FINGERPOST_SOCKET: '' }, 0],
    ];
    for (const [words, env, status] of rows) {
      expect([words, env, (await runWith(['show', 'status', ...words], { env })).status]).toEqual([
        words,
        env,
        status,
      ]);
    }
  });

  test('the socket of a file is used even if the file has other errors', async () => {
    await using bench = await cliBench();
    const file = join(bench.folder, 'rs9.yaml');
    await writeFile(file, `control: { socket: ${bench.socket} }\npeerz: 7\n`);
    expect((await runWith(['show', 'status', '-c', file], {})).status).toBe(0);
    await writeFile(file, 'control: { socket: "unclosed }\n');
    const { status, err } = await runWith(['show', 'status', '-c', file], {});
    expect(status).toBe(1);
    expect(err).toContain('the control socket is not known; give it with -s');
  });

  const undecided: readonly [string, string][] = [
    ['peers: []\ncontrol: { socket: [a] }\n', 'has an error in control'],
    ['control: SOCKET\n', 'has an error in control'],
    ['control:\n', 'has an error in control'],
    ['control: { sokcet: SOCKET }\n', 'has an error in control'],
    ['control: { socket: "" }\n', 'has an error in control'],
    ['control: { socket: SOCKET, socket: /run/other.sock }\n', 'has an error in control'],
    ['control: { socket: SOCKET }\ncontrol: {}\n', 'has an error in control'],
    ['contrl: { socket: SOCKET }\n', 'has an error in control'],
    ['CONTROL: { socket: SOCKET }\n', 'has an error in control'],
    ['<<: { control: { socket: SOCKET } }\n', 'has an error in control'],
    ['- socket: SOCKET\n', 'is not a configuration'],
    ['', 'is not a configuration'],
  ];
  test.each(undecided)(
    'no daemon is asked if the file does not tell the socket: %j',
    async (text, reason) => {
      await using bench = await cliBench();
      const file = join(bench.folder, 'rs9.yaml');
      await writeFile(file, text.replace('SOCKET', bench.socket));
      expect(await runWith(['show', 'status', '-c', file], {})).toMatchObject({
        status: 1,
        err: `fingerpost: ${file}: ${reason}, so the control socket is not known; give it with -s\n`,
      });
    },
  );

  const decided: readonly [string, string][] = [
    ['control: {}\n', '/run/fingerpost/control.sock'],
    ['coherence: 1\nannounce: 2\n', '/run/fingerpost/control.sock'],
    ['x: &s /run/a.sock\ncontrol: { socket: *s }\n', '/run/a.sock'],
    ['x: &c { socket: b.sock }\ncontrol: *c\n', 'FOLDER/b.sock'],
  ];
  test.each(decided)('the socket of a file that tells it is used: %j', async (text, socket) => {
    await using bench = await cliBench();
    const file = join(bench.folder, 'rs9.yaml');
    await writeFile(file, text);
    expect(await settingsOf({ config: file }, {}).socket()).toBe(
      socket.replace('FOLDER', bench.folder),
    );
  });

  test.each(['-c', '-s'])('an empty path after %s is a usage error', async (option) => {
    expect(await runWith(['show', 'status', option, ''], {})).toMatchObject({
      status: 2,
      err: `fingerpost: ${option}: the path is empty\n`,
    });
  });

  test('without any of these, the default places are used', async () => {
    // The path is only compared: a daemon of this machine may be listening there.
    expect(await settingsOf({}, {}).socket()).toBe('/run/fingerpost/control.sock');
    expect((await runWith(['run'], {})).out).toBe('run /etc/fingerpost/fingerpost.yaml\n');
    expect((await runWith(['-c', 'rs9.yaml', 'run'], {})).out).toBe('run rs9.yaml\n');
    const env = { FINGERPOST_CONFIG: 'env.yaml', FINGERPOST_SOCKET: '/run/other.sock' };
    expect((await runWith(['run'], { env })).out).toBe('run env.yaml\n');
    expect((await runWith(['run', '-c', 'rs9.yaml'], { env })).out).toBe('run rs9.yaml\n');
  });
});

test.each([
  ['-s', '/tmp/own.sock', 'run'],
  ['run', '-s', '/tmp/own.sock'],
])('%s %s %s is refused, since the daemon would listen elsewhere', async (...words) => {
  const { status, out, err } = await runWith(words, {});
  expect({ status, out }).toEqual({ status: 2, out: '' });
  expect(err).toContain('control.socket in the configuration');
});

test('a plan whose reload would be refused says so, and ends with 1', async () => {
  await using bench = await cliBench();
  expect(await bench.run(['plan'])).toMatchObject({ status: 0, err: '' });
  bench.daemon.effects = {
    ...bench.daemon.effects,
    refused: 'all 3 sources would no longer be used',
  };
  const { status, out, err } = await bench.run(['plan']);
  expect({ status, out: out !== '' }).toEqual({ status: 1, out: true });
  expect(err).toContain(
    'a reload would be refused: all 3 sources would no longer be used; only `fingerpost reload --force` does it',
  );
});

test('the plan of an empty file is not that of the file which the daemon runs', async () => {
  await using bench = await cliBench();
  const file = join(bench.folder, 'empty.yaml');
  await writeFile(file, '');
  await bench.run(['plan', file]);
  await bench.run(['plan']);
  expect(bench.daemon.called).toEqual(['plan \n', 'plan']);
});

describe('wrong words', () => {
  const wrong: readonly [words: string[], says: string][] = [
    [['configure', 'undo'], 'undo: expected check, confirm'],
    [['refresh', 'W1', 'sideways'], 'sideways: expected in, out, both'],
    [
      ['disable', 'W1', 'disk', 'full'],
      'disable: too many words: W1, disk, full; at most 2 can follow, and a text with spaces needs quotes',
    ],
    [
      ['reload', 'new.yaml'],
      'new.yaml: a file cannot be given: the daemon reads its own again; plan new.yaml shows what would change',
    ],
    [['reload', 'W1'], 'W1: expected in, out'],
    ...[['drain'], ['undrain'], ['whatif'], ['wait', '--moved']].map(
      (words): [string[], string] => [
        [...words, '--node', 'w1', '--node', 'w2'],
        '--node is given twice: w1 and w2; run the command once for each',
      ],
    ),
    [['drain', 'w1'], 'drain: w1: write what it is, such as --node w1'],
    [['whatif', 'w1'], 'whatif: w1: write what it is, such as --node w1'],
    [
      ['undrain', 'w1'],
      'undrain: w1 is not the id of a drain, such as d1; otherwise write what it is, such as --node w1',
    ],
    [['help', 'shwo'], "unknown command 'shwo'\n(Did you mean show?)"],
    [['show', 'help', 'rotue'], "unknown command 'rotue'\n(Did you mean route?)"],
  ];
  test.each(wrong)('%j', async (words, says) => {
    expect(await runWith(words, {})).toEqual({
      status: 2,
      out: '',
      err: `fingerpost: ${says}\n`,
    });
  });

  test('help COMMAND is COMMAND --help, however many words it has', async () => {
    for (const words of ['show', 'show route', 'disable', '']) {
      const { out, status } = await runWith(['help', ...words.split(' ').filter(Boolean)], {});
      const asked = await runWith([...words.split(' ').filter(Boolean), '--help'], {});
      expect([words, status, out]).toEqual([words, 0, asked.out]);
    }
  });
});

test('every command on a peer takes a reason', async () => {
  await using bench = await cliBench();
  for (const verb of ['disable', 'enable', 'reset', 'refresh']) {
    expect(await bench.run([verb, 'W1', '--reason', 'maintenance'])).toMatchObject({
      status: 0,
      err: '',
    });
  }
});

test('wait ends at once if no server knows the node', async () => {
  await using bench = await cliBench();
  expect(await bench.run(['wait', '--node', 'w9', '--moved'])).toEqual({
    status: 1,
    out: '',
    err: expect.stringMatching(/^fingerpost: the local daemon: .*w9/),
  });
});

describe('exit status', () => {
  const rows: readonly [words: string, status: number][] = [
    ['show peers', 0],
    ['--help', 0],
    ['--version', 0],
    ['show --help', 0],
    ['show peer W9', 1],
    ['enable W9', 1],
    ['show route 2001:db8:99::/64', 1],
    ['show route for 2001:db8:99::1', 1],
    ['explain 2001:db8:99::1', 1],
    ['', 2],
    ['show', 0],
    ['show route for', 2],
    ['show route for foo', 2],
    ['show route -n 0', 2],
    ['shwo', 2],
    ['show peers --fast', 2],
    ['enable', 2],
    ['enable W1 W2', 2],
    ['refresh W1 sideways', 2],
    ['monitor weather', 2],
    ['completion tcsh', 2],
    ['show status --wait sunshine', 2],
    ['show bgp ipv6 2001:db8:30::1 again', 2],
    ['whatif', 2],
    ['whatif --node w1 --each node', 2],
    ['whatif --node w1 -n many', 2],
    ['whatif --node w9', 1],
    ['whatif --node w2', 0],
  ];
  test.each(rows)('fingerpost %s ends with %i', async (words, status) => {
    await using bench = await cliBench();
    const ran = await bench.run(words === '' ? [] : words.split(' '));
    expect([ran.status, ran.err]).toEqual([status, status === 0 ? '' : expect.stringMatching(/./)]);
    if (status !== 0) expect(ran.out).toBe('');
  });

  test('is 1, with every error, when the daemon refuses its configuration', async () => {
    await using bench = await cliBench();
    const problem = { file: 'rs9.yaml', line: 3, column: 5, message: 'hold_tiem: unknown key' };
    bench.daemon.outcome = { ok: false, message: 'refused: 1 error', problems: [problem] };
    const { status, err, out } = await bench.run(['reload']);
    expect([status, out]).toEqual([1, '']);
    expect(err).toBe('fingerpost: refused: 1 error\nrs9.yaml:3:5: hold_tiem: unknown key\n');
  });

  test('is 3 when no daemon answers on the socket, whatever is there', async () => {
    await using bench = await cliBench();
    const socket = join(bench.folder, 'deaf.sock');
    const rude = createServer((connection) => connection.destroy()).listen(socket);
    await once(rude, 'listening');
    const foreign = join(bench.folder, 'bird.ctl');
    const bird = createServer((connection) => connection.end('0001 BIRD 2.0.12 ready.\n'));
    await once(bird.listen(foreign), 'listening');
    const file = join(bench.folder, 'rs9.yaml');
    await writeFile(file, minimal);
    const places: readonly [path: string, why: string][] = [
      [join(bench.folder, 'none.sock'), 'is it running?'],
      [bench.folder, 'it is a directory'],
      [file, 'it is not a socket; a configuration is given with -c'],
      [`/tmp/${'x'.repeat(103)}`, 'the path of a Unix socket has at most 107 bytes'],
      [socket, 'it closed the connection; its log may say why'],
      [foreign, 'what listens there is not fingerpost'],
    ];
    for (const [path, why] of places) {
      const { status, err } = await runWith(['show', 'peers', '-s', path], {});
      expect([status, err]).toEqual([3, `fingerpost: no daemon answers on ${path}: ${why}\n`]);
    }
    rude.close();
    bird.close();
  });

  test('is 70 for an internal error, here or in the daemon', async () => {
    await using bench = await cliBench();
    bench.daemon.status = () => {
      throw new Error('a bug');
    };
    expect((await bench.run(['show', 'status'])).status).toBe(70);
    const ran = await runWith(['run'], { run: () => Promise.reject(new Error('a bug')) });
    expect(ran.status).toBe(70);
    expect(ran.err).toContain('a bug');
  });

  test('of run and demo is passed on', async () => {
    expect((await runWith(['run'], { run: async () => 1 })).status).toBe(1);
    expect((await runWith(['demo', 'fail', 'w1'], {})).out).toBe('demo fail w1\n');
    expect((await runWith(['demo'], { demo: async () => 3 })).status).toBe(3);
  });
});

describe('show status --wait ready', () => {
  test('returns when the daemon is ready', async () => {
    await using bench = await cliBench();
    bench.daemon.isReady = false;
    let asked = 0;
    const { ready } = bench.daemon;
    bench.daemon.ready = () => {
      bench.daemon.isReady = ++asked > 3;
      return ready();
    };
    const { status, out } = await bench.run(['show', 'status', '--wait', 'ready']);
    expect(status).toBe(0);
    expect(out).toContain('ready');
    expect(asked).toBe(4);
  });

  test.each([
    ['a peer that is missing', ['W2 was up before the restart and has not come back'], [], 1],
    ['a peer whose loss is allowed', ['W2 was up before the restart'], ['--allow-degraded'], 0],
    ['no source', ['no source is up'], ['--allow-degraded'], 1],
    ['no client', ['no client is up', 'W2 is not back'], ['--allow-degraded'], 1],
  ])('%s when it is ready: %j, with %j: %i', async (_, degraded, options, want) => {
    await using bench = await cliBench();
    bench.daemon.ready = () => ({ ready: true, reasons: [], degraded });
    const words = ['show', 'status', '--wait', 'ready', '--timeout', '0.01s', ...options];
    const { status, err } = await bench.run(words);
    const text = `fingerpost: ready, but degraded: ${degraded.join('; ')}\n`;
    expect([status, err]).toEqual([want, want === 0 ? '' : text]);
  });

  test('ends at the timeout: with 1 and the reasons if not ready, with 3 if there is no daemon', async () => {
    await using bench = await cliBench();
    bench.daemon.isReady = false;
    const words = ['show', 'status', '--wait', 'ready', '--timeout', '0.01s'];
    const late = await bench.run(words);
    expect([late.status, late.err]).toEqual([1, 'fingerpost: W2 is not back yet\n']);
    const absent = await runWith([...words, '-s', join(bench.folder, 'none.sock')], {});
    expect(absent.status).toBe(3);
  });
});

describe('check', () => {
  test('accepts a valid file without a daemon', async () => {
    await using bench = await cliBench();
    const file = join(bench.folder, 'good.yaml');
    await writeFile(file, `${minimal}state_dir: state\n`);
    const { status, out, err } = await runWith(['check', file], {});
    expect([status, err]).toEqual([0, '']);
    expect(out).toContain(`${file}: ok, 0 peers, 0 policies, hash `);
    expect((await runWith(['check', '-c', file], {})).out).toBe(out);
  });

  test('prints warnings on stderr, without an error status', async () => {
    await using bench = await cliBench();
    const file = join(bench.folder, 'odd.yaml');
    await writeFile(file, `${minimal}peers: [{ name: A, address: 203.0.113.77, peer_as: 1 }]\n`);
    const { status, out, err } = await runWith(['check', file], {});
    expect([status, out]).toEqual([0, expect.stringContaining(': ok, 1 peer')]);
    expect(err).toMatch(/odd\.yaml:3: warning: A: import and export are none/);
    expect(err).toMatch(/warning: A: 203\.0\.113\.77 is not in a connected network .*TTL 64/);
    const { warnings } = JSON.parse((await runWith(['check', file, '-j'], {})).out);
    expect(warnings).toHaveLength(3);
  });

  test('warns of a user that this machine does not have', async () => {
    await using bench = await cliBench();
    const file = join(bench.folder, 'user.yaml');
    await writeFile(file, `${minimal}state_dir: state\nuser: fingerprost\n`);
    const { status, err } = await runWith(['check', file], {});
    expect([status, err]).toEqual([
      0,
      `${file}: warning: user: there is no user fingerprost on this machine, so the daemon does not start on it\n`,
    ]);
  });

  test('prints every error with its place on stderr, and ends with 1', async () => {
    await using bench = await cliBench();
    const file = join(bench.folder, 'bad.yaml');
    await writeFile(file, `${minimal}lissten: x\npeers: [{ hold_tiem: 6 }]\n`);
    const { status, out, err } = await runWith(['check', file], {});
    expect([status, out]).toEqual([1, '']);
    expect(err).toMatch(new RegExp(`^${file}:3:1: lissten`, 'm'));
    expect(err).toMatch(new RegExp(`^${file}:4:\\d+: .*hold_tiem`, 'm'));
    const asJson = JSON.parse((await runWith(['check', file, '--json'], {})).out);
    expect(asJson.ok).toBe(false);
    expect(asJson.problems.length).toBeGreaterThan(1);
  });

  test('refuses a missing file', async () => {
    expect((await runWith(['check', '/nowhere.yaml'], {})).status).toBe(1);
  });
});

async function goOn(bench: CliBench, isDone: () => boolean): Promise<void> {
  while (!isDone() || bench.daemon.listeners === 0) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

/** Returns what `monitor` has printed when `until` holds. */
async function watch(words: string[], until: (out: string) => boolean) {
  await using bench = await cliBench();
  const stop = new AbortController();
  let out = '';
  let opened = false;
  const { peers } = bench.daemon;
  bench.daemon.peers = () => {
    opened = true;
    return peers();
  };
  const stdout = { write: (text: string) => (out += text) };
  const running = bench.run(['monitor', ...words], { stdout, takeSignals: () => stop.signal });
  await goOn(bench, () => opened);
  bench.daemon.emit({ event: 'peer_up', peer: 'W1', address: '2001:db8:6::11', peer_as: 65001 });
  bench.daemon.emit({
    event: 'best_changed',
    prefix: '2001:db8:30::3/128',
    old_peer: 'W1',
    old_med: 1000,
    new_peer: 'W3',
    new_med: 101,
  });
  await goOn(bench, () => until(out));
  stop.abort();
  return { out, status: (await running).status };
}

describe('monitor', () => {
  test('prints events, and ends with 0 on Ctrl-C', async () => {
    const { out, status } = await watch([], (text) => text.includes('best path of'));
    expect(status).toBe(0);
    expect(out).toBe(
      '21:37:27.019 %ADJCHANGE: peer W1 (2001:db8:6::11) Up\n' +
        '21:37:27.019 best path of 2001:db8:30::3/128: W1 (MED 1000) -> W3 (MED 101)\n',
    );
  });

  test('prints only the events of the given kind', async () => {
    const { out } = await watch(['ro'], (text) => text.includes('best path of'));
    expect(out).not.toContain('ADJCHANGE');
  });

  test('as JSON prints one line for each event', async () => {
    const { out } = await watch(['--json'], (text) => text.includes('best_changed'));
    const events = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).kind);
    expect(events).toEqual(['peer_up', 'best_changed']);
  });
});

describe('completion', () => {
  const rows: readonly [words: string, want: string[]][] = [
    ['sho', ['show']],
    ['re', ['reload', 'reset', 'restart', 'refresh', 'render', 'replay']],
    ['show st', ['status']],
    ['show route f', ['for', 'filtered']],
    ['show peers W', ['W1', 'W2', 'W3']],
    ['sh ro export E', ['ER2']],
    ['disable DR', ['DR6', 'DR7', 'DR8']],
    ['show route --l', ['--limit']],
    ['wh', ['whatif']],
    ['whatif --n', ['--node']],
    ['whatif --c', ['--config']],
    ['whatif --node w', ['w1', 'w2', 'w3']],
    ['whatif --node w1 --al', ['--all']],
    ['whatif --site ', ['dc1']],
    ['whatif --peer W', ['W1', 'W2', 'W3']],
    ['whatif --each r', ['rack']],
    ['whatif --config ', [':files']],
    ['-c ', [':files']],
    ['show services --socket ', [':files']],
    ['plan ', [':files']],
    ['test cases.yaml --junit ', [':files']],
    ['render --fo', ['--for']],
    ['render --for b', ['bird', 'bird1.6']],
    ['disable W1 ', ['W1', 'W2', 'W3', 'ER2', 'DR6', 'DR7', 'DR8']],
    ['explain ::1 --for DR', ['DR6', 'DR7', 'DR8']],
    ['nonsense x', []],
  ];
  test.each(rows)('completes "%s" with one of %o', async (words, want) => {
    await using bench = await cliBench();
    const { status, out } = await bench.run(['__complete', '--', ...words.split(' ')]);
    expect(status).toBe(0);
    expect(out.split('\n').filter(Boolean)).toEqual(want);
  });

  test('asks the daemon that -s names', async () => {
    await using bench = await cliBench();
    const words = ['-s', bench.socket, 'enable', 'W'];
    const { out } = await runWith(['-s', '/nowhere', '__complete', '--', ...words], {});
    expect(out).toBe('W1\nW2\nW3\n');
  });

  test('offers no peers without a daemon, and prints no error', async () => {
    const ran = await runWith(['-s', '/nowhere', '__complete', '--', 'enable', 'W'], {});
    expect(ran).toEqual({ status: 0, out: '', err: '' });
  });

  test.each(['bash', 'zsh', 'fish'])(
    'has a script for %s that asks for completions',
    async (shell) => {
      const { status, out } = await runWith(['completion', shell], {});
      expect(status).toBe(0);
      expect(out).toContain('fingerpost __complete --');
    },
  );
});

test('colour is used only on terminals that support it', async () => {
  await using bench = await cliBench();
  const env = { FINGERPOST_SOCKET: bench.socket };
  const isColoured = async (over: object): Promise<boolean> =>
    (await bench.run(['show', 'peers'], over)).out.includes('\u001b[');
  expect(await isColoured({ columns: 120 })).toBe(true);
  expect(await isColoured({})).toBe(false);
  expect(await isColoured({ columns: 120, env: { ...env, NO_COLOR: '1' } })).toBe(false);
  expect(await isColoured({ columns: 120, env: { ...env, TERM: 'dumb' } })).toBe(false);
});

test('every command has help with an example', async () => {
  const top =
    'run check plan reload confirm explain whatif enable disable reset refresh monitor demo completion';
  const routes = 'for peer received export filtered count';
  const bgp = 'ipv6 ipv4 summary neighbors';
  const words = [
    ...top.split(' '),
    'clear bgp',
    'show status',
    'show peers',
    'show route',
    ...routes.split(' ').map((word) => `show route ${word}`),
    ...bgp.split(' ').map((word) => `show bgp ${word}`),
  ];
  for (const command of words) {
    const { status, out } = await runWith([...command.split(' '), '--help'], {});
    expect([command, status]).toEqual([command, 0]);
    expect(out).toContain('Examples:\n  fingerpost ');
    expect(out).toContain('--socket <PATH>');
  }
});

test('a list of several pages is printed completely with one head; as JSON one line for each page', async () => {
  await using bench = await cliBench();
  const [one] = bench.daemon.paths;
  bench.daemon.paths = Array.from({ length: 2500 }, (_, index) => ({ ...one, med: index }));
  const lines = (await bench.run(['show', 'route'])).out.trimEnd().split('\n');
  expect(lines).toHaveLength(2501);
  expect(lines.filter((line) => line.includes('Network'))).toHaveLength(1);
  const bodies = (await bench.run(['show', 'route', '--json'])).out.trimEnd().split('\n');
  expect(bodies.map((body) => JSON.parse(body).items.length)).toEqual([1000, 1000, 500]);
  const few = await bench.run(['show', 'route', '-n', '3']);
  expect(few.out.trimEnd().split('\n')).toHaveLength(4);
});

test.each([
  'show route',
  'show route -n 7',
  'show route 2001:db8:30::1/128',
  'show route peer W1',
  'show route received W1',
  'show route filtered',
  'show route filtered -j',
  'show bgp ipv6',
])(
  '%s: if a page ends early because its rows are long, the next page is requested',
  async (words) => {
    await using bench = await cliBench();
    const ask = (): Promise<{ out: string }> => bench.run(words.split(' '));
    const { out } = await ask();
    // A page ends after one such row.
    const long = 'x'.repeat(8 * 1024 * 1024);
    const { routes, peerRoutes } = bench.daemon;
    const lengthened = (page: Page<PathView>) => {
      const items = page.items.map((row) => ({ ...row, node: long }));
      return { ...page, items };
    };
    let pages = 0;
    bench.daemon.routes = (query, page) => {
      pages++;
      return lengthened(routes(query, { ...page, limit: 1 }));
    };
    bench.daemon.peerRoutes = (name, table, page) => {
      pages++;
      const rows = peerRoutes(name, table, { ...page, limit: 1 });
      return rows && lengthened(rows);
    };
    const answer = await ask();
    expect(answer.out.replaceAll(`,"node":"${long}"`, '')).toBe(
      out.replaceAll(/,"node":"\w+"/g, ''),
    );
    expect(pages).toBeGreaterThan(0);
  },
);

test('an empty last page prints nothing, an empty table its head', async () => {
  await using bench = await cliBench();
  const { routes } = bench.daemon;
  bench.daemon.routes = (query, page) =>
    page.cursor === 'end'
      ? { items: [], rib_version: 9 }
      : { ...routes(query, page), next_cursor: 'end' };
  const lines = (await bench.run(['show', 'route'])).out.split('\n');
  expect(lines).toHaveLength(11);
  expect((await bench.run(['show', 'route', 'export', 'W1'])).out).toMatch(/^ +Network .*\n$/);
});

describe('texts of peers and operators', () => {
  const hostile = 'bye\n\u001b[2J\u009b2J\u202eok';

  test.each([
    [['show', 'peers']],
    [['show', 'peers', 'all']],
    [['show', 'peers', '-j']],
    [['disable', 'W1']],
    [['disable', 'W1', '-j']],
  ])('%j prints no control characters of theirs', async (words) => {
    await using bench = await cliBench();
    const peers = atOnce(bench.daemon.peers());
    bench.daemon.peers = () =>
      done(peers.map((peer) => ({ ...peer, disabled: { since: peer.since, reason: hostile } })));
    bench.daemon.disable = () => ({ ok: true, message: `W1 disabled: ${hostile}` });
    const { out, status } = await bench.run(words);
    expect(status).toBe(0);
    expect(out).toContain('2J');
    expect(out.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
    if (!words.includes('-j')) expect(out).not.toMatch(/bye$/m);
  });
});

test('one very long AS path makes the table neither wide nor slow; with --all it is printed completely', async () => {
  await using bench = await cliBench();
  const long = Array.from({ length: 4000 }, (_, at) => 65_000 + at);
  const [first] = bench.daemon.paths;
  bench.daemon.paths.splice(0, 1, { ...first, as_path: long });
  const { out } = await bench.run(['show', 'route']);
  expect(out).toContain('65000 65001 65002 ... 68998 68999 (4000 ASes)');
  expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThan(200);
  const whole = await bench.run(['show', 'route', first.prefix, '--all']);
  expect(whole.out).toContain(long.join(' '));
});
