import { expect, test } from 'vitest';
import { Progress } from '#daemon/process/progress.ts';
import { Systemd, type SystemdEnvironment } from '#daemon/process/systemd.ts';
import { ManualClock } from '#support/manual-clock.ts';

interface Bench {
  readonly clock: ManualClock;
  readonly systemd: Systemd;
  readonly sent: string[];
  readonly warnings: string[];
  healthy: boolean;
  status: string;
  fails: boolean;
}

const under = { NOTIFY_SOCKET: '/run/systemd/notify' };
const watched = { ...under, WATCHDOG_USEC: '20000000', WATCHDOG_PID: '42' };

function bench(env: SystemdEnvironment): Bench {
  const clock = new ManualClock();
  const sent: string[] = [];
  const warnings: string[] = [];
  const state = { healthy: true, status: 'ready', fails: false };
  const systemd = new Systemd({
    clock,
    env,
    pid: 42,
    send: (text) => {
      if (state.fails) throw new Error('ECONNREFUSED');
      sent.push(text);
    },
    monotonicUsec: () => 1234567n,
    isHealthy: () => state.healthy,
    status: () => state.status,
    warn: (text) => warnings.push(text),
  });
  return Object.assign(state, { clock, systemd, sent, warnings });
}

test('READY is sent with the status, and a watchdog signal every half interval', () => {
  const { systemd, clock, sent } = bench(watched);
  systemd.ready();
  clock.advance(30_000);
  expect(sent).toEqual(['READY=1\nSTATUS=ready', 'WATCHDOG=1', 'WATCHDOG=1', 'WATCHDOG=1']);
});

test('no watchdog signal is sent while the event loop makes no progress', () => {
  const run = bench(watched);
  run.systemd.ready();
  run.healthy = false;
  run.clock.advance(60_000);
  expect(run.sent).not.toContain('WATCHDOG=1');
});

test.each([
  ['no watchdog', under],
  ['an interval of 0', { ...under, WATCHDOG_USEC: '0' }],
  ['an interval that is no number', { ...under, WATCHDOG_USEC: '20s' }],
  ['a watchdog that waits for another process', { ...watched, WATCHDOG_PID: '41' }],
])('no watchdog signals with %s', (_, env) => {
  const { systemd, clock, sent } = bench(env);
  systemd.ready();
  clock.advance(60_000);
  expect(sent).toEqual(['READY=1\nSTATUS=ready']);
});

test('RELOADING is sent with its time, and READY again when the reload is over', async () => {
  const { systemd, sent } = bench(watched);
  const { promise, resolve } = Promise.withResolvers<string>();
  const reload = systemd.reloading(() => promise);
  expect(sent).toEqual(['RELOADING=1\nMONOTONIC_USEC=1234567\nSTATUS=reloading']);
  resolve('done');
  expect(await reload).toBe('done');
  expect(sent.slice(1)).toEqual(['READY=1\nSTATUS=ready']);
});

test('a reload that throws does not leave the state RELOADING', async () => {
  const { systemd, sent } = bench(watched);
  await expect(systemd.reloading(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(sent.at(-1)).toBe('READY=1\nSTATUS=ready');
});

test('a stop during a reload remains a stop, and ends the watchdog signals', async () => {
  const { systemd, clock, sent } = bench(watched);
  systemd.ready();
  const { promise, resolve } = Promise.withResolvers<void>();
  const reload = systemd.reloading(() => promise);
  systemd.stopping();
  resolve();
  await reload;
  clock.advance(60_000);
  expect(sent.at(-1)).toBe('STOPPING=1\nSTATUS=stopping');
});

test('a reload that is wanted while the daemon stops is not sent', async () => {
  const { systemd, sent } = bench(watched);
  systemd.stopping();
  await systemd.reloading(() => Promise.resolve());
  expect(sent.at(-1)).toBe('STOPPING=1\nSTATUS=stopping');
});

test('a burst of changes is sent as one status, and no change as none', () => {
  const run = bench(under);
  run.systemd.ready();
  run.systemd.statusChanged();
  run.clock.advance(1_000);
  run.status = '2 of 3';
  run.systemd.statusChanged();
  run.systemd.statusChanged();
  run.clock.advance(1_000);
  expect(run.sent).toEqual(['READY=1\nSTATUS=ready', 'STATUS=2 of 3']);
});

test('without systemd nothing is sent and no timer runs', async () => {
  const { systemd, clock, sent } = bench({ WATCHDOG_USEC: '20000000' });
  systemd.ready();
  systemd.statusChanged();
  await systemd.reloading(() => Promise.resolve());
  systemd.stopping();
  clock.advance(60_000);
  expect(sent).toEqual([]);
});

test('a systemd that cannot be reached is reported once, and has no other effect', () => {
  const run = bench(watched);
  run.fails = true;
  run.systemd.ready();
  run.clock.advance(60_000);
  expect(run.warnings).toEqual([
    'systemd could not be notified of the state of the daemon: ECONNREFUSED',
  ]);
});

test.each([
  ['idle', [false, 1], [false, 1], true],
  ['working', [true, 1], [true, 2], true],
  ['done with its work', [true, 1], [false, 1], true],
  ['just given work', [false, 1], [true, 1], true],
  ['stuck', [true, 1], [true, 1], false],
] as const)('a RIB that is %s', (_, before, after, want) => {
  const rib = { hasWork: false, version: 0 };
  const progress = new Progress(rib);
  const isMade = [before, after].map(([hasWork, version]) => {
    Object.assign(rib, { hasWork, version });
    return progress.isMade();
  });
  expect(isMade).toEqual([true, want]);
});
