import { describe, expect, test } from 'vitest';
import { configOf, minimal, problemsOf, withPeer } from '../files.ts';

const day = 86_400_000;

function mrtOf(lines: string) {
  return configOf(withPeer('name: W1').replace('peers:', `${lines}\npeers:`)).mrt;
}

describe('MRT dumps', () => {
  test('have defaults for all but their directory', () => {
    expect(mrtOf('mrt: { updates: { directory: /dumps }, tables: { directory: /dumps } }')).toEqual(
      {
        updates: { directory: '/dumps', intervalMs: 900_000, keepMs: 7 * day, compress: 'gzip' },
        tables: { directory: '/dumps', intervalMs: 7_200_000, keepMs: 7 * day, compress: 'gzip' },
        maxSizeBytes: 2 * 2 ** 30,
        minFreeBytes: 2 ** 30,
      },
    );
  });

  test('lie in state_dir where their directory is relative', () => {
    const lines = 'state_dir: /var/lib/fp\nmrt: { updates: { directory: mrt, rotate: 5m } }';
    expect(mrtOf(lines)?.updates).toMatchObject({
      directory: '/var/lib/fp/mrt',
      intervalMs: 300_000,
    });
  });

  test.each([
    [
      'mrt: { updates: { directory: mrt } }',
      '3:30 directory: mrt is relative to state_dir, and there is none; set state_dir, or write an absolute path',
    ],
    [
      'mrt: { tables: { directory: /d, every: 30s } }',
      '3:40 every: 30s is too short; tables can be dumped once a minute at most',
    ],
    ['mrt: { updates: { rotate: 15m } }', '3:17 updates: directory is missing; expected text'],
    [
      'mrt: { updates: { directory: /d, compress: bzip2 } }',
      '3:44 compress: expected gzip or none; got "bzip2"; did you mean gzip?',
    ],
  ])('%s', (line, want) => {
    expect(problemsOf(minimal(`${line}\n`))).toEqual([want]);
  });
});
