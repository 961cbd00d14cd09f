import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { describe as lineOf } from '#api/events/event-text.ts';
import type { DaemonEvent } from '#api/events/events.ts';
import { createLog, type LogOptions } from '#log/log.ts';
import { ManualClock } from '#support/manual-clock.ts';

function ignore(_event: DaemonEvent, _at: string, _id: string): void {}

/** A log and its output. */
async function logOf(options: Partial<LogOptions> = {}): Promise<{
  tell: (event: DaemonEvent, at?: string) => void;
  lines: string[];
  close: () => void;
  change: (wanted: Pick<LogOptions, 'level' | 'format'>) => Promise<void>;
}> {
  const lines: string[] = [];
  let listener = ignore;
  const out = { isTTY: false, write: (line: string) => lines.push(line) };
  const log = await createLog(
    { level: 'trace', format: 'json', out, clock: new ManualClock(), ...options },
    {
      subscribe: (to) => {
        listener = to;
        return () => (listener = ignore);
      },
      flush: () => undefined,
    },
  );
  return {
    tell: (event, at = '2026-01-01T00:00:00.000Z') => listener(event, at, '1'),
    lines,
    close: () => log.close(),
    change: async (wanted) => (await log.prepare(wanted))(),
  };
}

const up: DaemonEvent = { event: 'peer_up', peer: 'W1', address: '2001:db8:6::11', peer_as: 65001 };
const down: DaemonEvent = {
  event: 'peer_down',
  peer: 'W1',
  address: '2001:db8:6::11',
  reason: 'tcp_closed',
  text: 'connection closed by the peer',
};
const misdeed: DaemonEvent = {
  event: 'update_error',
  peer: 'W1',
  action: 'treat_as_withdraw',
  reason: 'malformed:med',
  text: 'MED of 3 octets',
};

describe('each event', () => {
  const rows: [level: string, msg: string, event: DaemonEvent][] = [
    [
      'info',
      'fingerpost 0.1.0 started, router id 1.1.1.9, AS 65002',
      { event: 'started', version: '0.1.0', router_id: '1.1.1.9', local_as: 65002 },
    ],
    [
      'info',
      'listening on [::]:179 (bgp)',
      { event: 'listening', address: '[::]:179', what: 'bgp' },
    ],
    ['info', '%ADJCHANGE: peer W1 (2001:db8:6::11) Up', up],
    [
      'info',
      '%ADJCHANGE: peer W1 (2001:db8:6::11) Down - hold timer expired',
      {
        event: 'peer_down',
        peer: 'W1',
        address: '2001:db8:6::11',
        reason: 'hold_timer_expired',
        text: 'hold timer expired',
      },
    ],
    [
      'debug',
      'peer W1: open_sent -> open_confirm',
      { event: 'peer_state', peer: 'W1', old_state: 'open_sent', new_state: 'open_confirm' },
    ],
    [
      'debug',
      'peer W1: connect -> active: connection refused',
      {
        event: 'peer_state',
        peer: 'W1',
        old_state: 'connect',
        new_state: 'active',
        text: 'connection refused',
      },
    ],
    [
      'warn',
      '%NOTIFICATION: sent to peer W1 4/0 (Hold Timer Expired)',
      {
        event: 'notification',
        peer: 'W1',
        direction: 'sent',
        code: 4,
        subcode: 0,
        text: 'Hold Timer Expired',
      },
    ],
    [
      'warn',
      '%NOTIFICATION: received from peer W1 6/2 (Cease: Administrative Shutdown)',
      {
        event: 'notification',
        peer: 'W1',
        direction: 'received',
        code: 6,
        subcode: 2,
        text: 'Cease: Administrative Shutdown',
      },
    ],
    ['warn', '%UPDATE: peer W1: MED of 3 octets (treat_as_withdraw)', misdeed],
    [
      'warn',
      '%MAXPFX: peer W1: ipv6_unicast prefixes have reached the limit of 10 (restart)',
      { event: 'limit_hit', peer: 'W1', family: 'ipv6_unicast', limit: 10, action: 'restart' },
    ],
    [
      'info',
      '%MAXPFX: peer W1: ipv6_unicast prefixes are below the limit again',
      { event: 'limit_cleared', peer: 'W1', family: 'ipv6_unicast' },
    ],
    [
      'info',
      'best path of 2001:db8:30::1/128: W3 (MED 100) -> W2',
      {
        event: 'best_changed',
        prefix: '2001:db8:30::1/128',
        old_peer: 'W3',
        old_med: 100,
        new_peer: 'W2',
      },
    ],
    [
      'info',
      'best path of 2001:db8:30::1/128: W3 (MED 0) -> none',
      { event: 'best_changed', prefix: '2001:db8:30::1/128', old_peer: 'W3', old_med: 0 },
    ],
    [
      'info',
      'best path of 2001:db8:30::1/128: W3 -> none; absent: announced by w1 w2, refused: prefix_length',
      {
        event: 'best_changed',
        prefix: '2001:db8:30::1/128',
        old_peer: 'W3',
        text: 'absent: announced by w1 w2, refused: prefix_length',
      },
    ],
    [
      'info',
      'configuration a.yaml loaded: 1 peer changed',
      { event: 'config_loaded', file: 'a.yaml', hash: 'h', text: '1 peer changed' },
    ],
    [
      'error',
      'configuration a.yaml refused: 2 errors',
      { event: 'config_refused', file: 'a.yaml', text: '2 errors' },
    ],
    [
      'error',
      'configuration a.yaml refused by SIGHUP: 2 errors; the running configuration is kept',
      {
        event: 'config_refused',
        file: 'a.yaml',
        text: '2 errors; the running configuration is kept',
        by: { signal: 'SIGHUP' },
      },
    ],
    ['error', 'cannot start: port taken', { event: 'start_failed', text: 'port taken' }],
    [
      'warn',
      'connection from 192.0.2.1 refused: no such peer',
      { event: 'unknown_source', address: '192.0.2.1', text: 'no such peer' },
    ],
    ['warn', 'peer W1: stalled', { event: 'warning', peer: 'W1', text: 'stalled' }],
    ['warn', 'loop was late', { event: 'warning', text: 'loop was late' }],
    ['info', 'fingerpost is stopping', { event: 'stopping', text: 'fingerpost is stopping' }],
    ['error', 'internal error: boom', { event: 'internal_error', text: 'boom', stack: 'at x' }],
  ];

  it.each(rows)('%s: %s', (level, msg, event) => {
    expect(lineOf(event)).toEqual({ level, text: msg });
  });
});

describe('JSON', () => {
  it('is one line for each event: level, time, event, its fields, msg', async () => {
    const { tell, lines } = await logOf();
    tell(up, '2026-01-01T00:00:00.123Z');
    expect(lines).toEqual([
      '{"level":"info","time":"2026-01-01T00:00:00.123Z","event":"peer_up","peer":"W1",' +
        '"address":"2001:db8:6::11","peer_as":65001,' +
        '"msg":"%ADJCHANGE: peer W1 (2001:db8:6::11) Up"}\n',
    ]);
  });

  it('has each key once, even if the event has a level of its own', async () => {
    const { tell, lines } = await logOf();
    tell({ event: 'bmp', level: 'warn', text: 'BMP collector noc lost' });
    expect(lines).toEqual([
      '{"level":"warn","time":"2026-01-01T00:00:00.000Z","event":"bmp","msg":"BMP collector noc lost"}\n',
    ]);
  });

  it('has the stack of a bug, and its text only in msg', async () => {
    const { tell, lines } = await logOf();
    tell({ event: 'internal_error', text: 'boom', stack: 'at rib.ts' });
    expect(JSON.parse(lines[0])).toEqual({
      level: 'error',
      time: '2026-01-01T00:00:00.000Z',
      event: 'internal_error',
      stack: 'at rib.ts',
      msg: 'internal error: boom',
    });
  });

  it('has no control characters in any field', async () => {
    const { tell, lines } = await logOf();
    tell({ event: 'config_refused', file: '/tmp/\u009b2J\u202e.yaml', text: 'x' });
    expect(JSON.parse(lines[0])).toMatchObject({ file: '/tmp/ 2J .yaml' });
    expect(lines[0]).not.toMatch(/[\u0080-\u009f\u202e]/);
  });

  it('leaves out what is below the level, which may change', async () => {
    const { tell, lines, change } = await logOf({ level: 'warn' });
    tell(up);
    expect(lines).toEqual([]);
    await change({ level: 'info', format: 'json' });
    tell(up);
    expect(lines.length).toBe(1);
  });

  it.each([
    { from: 'json', to: 'pretty', start: '[' },
    { from: 'pretty', to: 'json', start: '{' },
  ] as const)('is written as $to from then on after $from', async ({ from, to, start }) => {
    const { tell, lines, change } = await logOf({ format: from });
    tell(up);
    await change({ level: 'info', format: to });
    tell(up);
    expect(lines.map((line) => line[0] === start)).toEqual([false, true]);
  });
});

describe('a terminal', () => {
  it('is sent the time, the level and the text', async () => {
    const { tell, lines } = await logOf({ format: 'pretty' });
    tell(up);
    expect(lines).toEqual([
      '[2026-01-01T00:00:00.000Z] INFO: %ADJCHANGE: peer W1 (2001:db8:6::11) Up\n',
    ]);
  });

  it.each([
    { isTTY: true, start: '[' },
    { isTTY: false, start: '{' },
  ])('auto is pretty on a terminal only: $isTTY', async ({ isTTY, start }) => {
    const lines: string[] = [];
    const out = { isTTY, write: (line: string) => lines.push(line) };
    const { tell } = await logOf({ format: 'auto', out });
    tell(up);
    expect(lines[0][0]).toBe(start);
  });

  it.each(['json', 'pretty'] as const)(
    'a peer that sends line breaks or escapes starts no line of its own (%s)',
    async (format) => {
      const { tell, lines } = await logOf({ format });
      tell({
        event: 'notification',
        peer: 'W1',
        direction: 'received',
        code: 6,
        subcode: 2,
        text: 'bye\n{"level":"error"}\u001b[2J\u009b\u2028.',
      });
      expect(lines[0]).toContain('(bye {');
      expect(lines[0].slice(0, -1)).not.toMatch(/[\p{Cc}\u2028]/u);
    },
  );
});

describe('warnings about one peer', () => {
  it('are 20 lines a minute; the others are counted and logged when the minute is over', async () => {
    const { tell, lines } = await logOf();
    for (let i = 0; i < 50; i++) tell(misdeed, '2026-01-01T00:00:10.000Z');
    tell({ ...misdeed, peer: 'W2' }, '2026-01-01T00:00:59.000Z');
    expect(lines.length).toBe(21);
    tell(up, '2026-01-01T00:01:00.000Z');
    expect(JSON.parse(lines[21])).toMatchObject({ event: 'suppressed', peer: 'W1', count: 30 });
    expect(JSON.parse(lines[22])).toMatchObject({ event: 'peer_up' });
    tell(misdeed, '2026-01-01T00:01:00.000Z');
    expect(lines.length).toBe(24);
  });

  it('are limited together, and warnings about no peer are not limited', async () => {
    const { tell, lines } = await logOf();
    for (let i = 0; i < 50; i++) tell({ event: 'warning', peer: 'W1', text: 'again' });
    for (let i = 0; i < 50; i++) tell({ event: 'warning', text: 'of our own' });
    expect(lines.length).toBe(70);
  });

  it('about unknown sources are counted together', async () => {
    const { tell, lines, close } = await logOf();
    for (let i = 0; i < 50; i++) {
      tell({ event: 'unknown_source', address: `192.0.2.${i}`, text: 'no such peer' });
    }
    close();
    expect(lines.length).toBe(21);
    expect(JSON.parse(lines[20])).toMatchObject({ event: 'suppressed', count: 30 });
    expect(lines[20]).not.toContain('"peer"');
  });

  it('never suppress its ups and downs, nor those of others', async () => {
    const { tell, lines } = await logOf();
    for (let i = 0; i < 100; i++) tell(misdeed);
    tell(up);
    for (let i = 0; i < 100; i++) tell({ ...up, peer: `N${i}` });
    expect(lines.length).toBe(121);
  });

  it('are logged at the end', async () => {
    const { tell, lines, close } = await logOf();
    for (let i = 0; i < 21; i++) tell(misdeed);
    close();
    tell(up);
    expect(lines.length).toBe(21);
  });
});

describe('a peer that flaps', () => {
  it('cannot fill the disk: after 20 lines in a minute they are counted, and the last is logged', async () => {
    const { tell, lines } = await logOf();
    for (let i = 0; i < 1000; i++) {
      tell(up, '2026-01-01T00:00:10.000Z');
      tell({ ...down, text: `the ${i}th` }, '2026-01-01T00:00:10.001Z');
    }
    expect(lines.length).toBe(20);
    tell({ event: 'stopping', text: 'SIGTERM' }, '2026-01-01T00:01:00.000Z');
    expect(JSON.parse(lines[20])).toMatchObject({
      level: 'warn',
      event: 'suppressed',
      peer: 'W1',
      count: 1980,
      msg: expect.stringMatching(/^%SUPPRESSED: W1: 1980 more .*Down - the 999th$/),
    });
    tell(up, '2026-01-01T00:01:00.000Z');
    expect(lines.length).toBe(23);
  });

  it('and then is quiet has its count logged a minute later, although nothing else happens', async () => {
    const clock = new ManualClock();
    const { tell, lines, close } = await logOf({ clock });
    for (let i = 0; i < 50; i++) tell(down);
    clock.advance(59_000);
    expect(lines.length).toBe(20);
    clock.advance(1000);
    expect(JSON.parse(lines[20])).toMatchObject({ event: 'suppressed', peer: 'W1', count: 30 });
    clock.advance(600_000);
    close();
    expect(lines.length).toBe(21);
  });

  it('is limited in the same way for its services, each address by itself', async () => {
    const { tell, lines, close } = await logOf();
    const moved: DaemonEvent = { event: 'best_changed', prefix: '2001:db8:30::1/128' };
    for (let i = 0; i < 1000; i++) tell({ ...moved, ...(i % 2 === 0 && { new_peer: 'W1' }) });
    for (let i = 0; i < 100; i++) tell({ ...moved, prefix: `2001:db8:31::${i}/128` });
    expect(lines.length).toBe(120);
    close();
    expect(JSON.parse(lines[120])).toMatchObject({ prefix: moved.prefix, count: 980 });
    expect(lines.length).toBe(121);
  });
});

function address(at: number): string {
  return `2001:db8:30::${at.toString(16)}/128`;
}

describe('a node with many addresses', () => {
  const cause = { kind: 'hold_timer', peer: 'W1', text: 'hold timer expired' } as const;

  it('has 20 lines of each kind; the others are counted by their cause', async () => {
    const { tell, lines, close } = await logOf();
    for (let at = 1; at <= 10_000; at++) {
      tell({ event: 'best_changed', prefix: address(at), old_peer: 'W1', new_peer: 'W2', cause });
      const view = { id: '1', at: '', prefix: address(at), from: 'W1', to: 'W2', cause };
      const routers = { written: 0, received: 0, waiting: [] };
      const failover = { ...view, cause_id: '1', decided_ms: 0, routers };
      tell({ event: 'failover', prefix: address(at), cause, cause_id: '1', failover });
    }
    expect(lines.length).toBe(40);
    close();
    expect(lines.slice(40).map((line): unknown => JSON.parse(line))).toMatchObject(
      ['best_changed', 'failover'].map((kind) => ({
        event: 'suppressed',
        peer: 'W1',
        count: 9980,
        msg: expect.stringMatching(
          `^%SUPPRESSED: ${kind} because of W1 \\(hold_timer\\): 9980 more lines`,
        ),
      })),
    );
  });

  it('does not hide other nodes, nor the summary of the cause', async () => {
    const { tell, lines } = await logOf();
    for (let at = 1; at <= 100; at++) tell({ event: 'best_changed', prefix: address(at), cause });
    tell({ event: 'best_changed', prefix: address(1), cause: { ...cause, peer: 'W2' } });
    const counts = { addresses: 100, moved: 100, stayed: 0, dark: 0, prefixes: [] };
    for (let times = 0; times < 30; times++) {
      const summary = { ...counts, cause_id: '1', cause, at: '' };
      tell({ event: 'failover', cause, cause_id: '1', summary });
    }
    expect(lines.length).toBe(20 + 1 + 30);
  });
});

describe('standard output', () => {
  const script = `
    const { createLog } = await import(process.argv[1]);
    await createLog({ level: 'info', format: 'json' }, { subscribe: (tell) => {
      for (let i = 0; i < 5000; i++) tell({ event: 'stopping', text: String(i) }, '');
    } });
    process.exit(0);`;
  const module = new URL('../../src/log/log.ts', import.meta.url).href;
  const args = ['--input-type=module', '-e', script, module];

  it('has every line, even if the process exits at once', () => {
    const output = execFileSync(process.execPath, args, { maxBuffer: 1e7 }).toString();
    expect(output.trimEnd().split('\n').length).toBe(5000);
  });

  it('closed by its reader ends the log, not the daemon', () => {
    const command = `"$0" "$@" | head -1; exit "\${PIPESTATUS[0]}"`;
    const output = execFileSync('bash', ['-c', command, process.execPath, ...args]).toString();
    expect(output).toContain('"msg":"0"');
  });
});
