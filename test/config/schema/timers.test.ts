import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { durationToMs } from '#text/units.ts';
import { minimal, problemsOf, withPeer } from '../files.ts';

/** The durations of the configuration: the least value, and whether 0 is allowed, which then means never or none. */
const timers = [
  { key: 'hold_time', least: '3s', zero: true, within: withPeer },
  { key: 'min_hold_time', least: '1s', zero: true, within: withPeer },
  { key: 'send_hold_time', least: '91s', zero: true, within: withPeer },
  { key: 'keepalive', least: '1s', zero: false, within: withPeer },
  { key: 'connect_retry', least: '100ms', zero: false, within: withPeer },
  { key: 'idle_hold', least: '100ms', zero: false, within: withPeer },
  { key: 'refresh_stale_time', least: '1s', zero: false, within: withPeer },
  { key: 'restart_after', least: '1s', zero: false, within: withLimit },
  { key: 'restart_time', least: '1s', zero: false, within: withRestart },
  { key: 'long_lived', least: '1s', zero: false, within: withRestart },
  { key: 'eor_grace', least: '1s', zero: false, within: withRestart },
  { key: 'ready_max_wait', least: '1s', zero: false, within: minimal },
  { key: 'min_tx', least: '50ms', zero: false, within: withBfd },
  { key: 'min_rx', least: '50ms', zero: false, within: withBfd },
] as const;

function withLimit(keys: string): string {
  return withPeer(`max_prefix: { limit: 9, ${keys} }`);
}

function withRestart(keys: string): string {
  return withPeer(`graceful_restart: { ${keys} }`);
}

function withBfd(keys: string): string {
  return withPeer(`bfd: { ${keys} }`);
}

describe.each(timers)('the timer $key', ({ key, least, zero, within }) => {
  test.each(['0', '0s', '0ms'])(`${zero ? 'may' : 'must not'} be %s`, (given) => {
    const problems = problemsOf(within(`${key}: ${given}`));
    if (zero) expect(problems).toEqual([]);
    else expect(problems).toEqual([expect.stringContaining(`${key}: expected a duration of`)]);
  });

  test(`may be ${least}, but no less`, () => {
    expect(problemsOf(within(`${key}: ${least}`))).toEqual([]);
    const lessMs = Math.min(99, durationToMs(least) - 1);
    expect(problemsOf(within(`${key}: ${lessMs}ms`))).toEqual([
      expect.stringMatching(`${key}: expected (0 or )?a duration of at least`),
    ]);
    expect(problemsOf(within(`${key}: 00${lessMs}ms`))).toHaveLength(1);
  });
});

test('a start gate of 0 is accepted', () => {
  expect(problemsOf(minimal('start_gate: 0\n'))).toEqual([]);
});

test('the manual has the same table', () => {
  const manual = readFileSync('docs/operations.md', 'utf8');
  const rows = timers.map(
    ({ key, least, zero }) => `| \`${key}\` | ${least} | ${zero ? '' : 'an error'}`,
  );
  expect(manual.split('\n').filter((line) => /^\| `\w+` \| \d+m?s \|/.test(line))).toEqual(
    rows.map((row) => expect.stringContaining(row)),
  );
});
