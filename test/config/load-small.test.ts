import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { systemClock } from '#clock.ts';
import { loadAside } from '#config/load-aside.ts';
import { loadSmall } from '#config/load-small.ts';
import { minimal } from './files.ts';

const folder = mkdtempSync(join(tmpdir(), 'fp-small-'));
afterAll(() => rmSync(folder, { recursive: true }));

const comment = `# ${'x'.repeat(1000)}\n`;

function fileOf(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

describe('a small configuration that is loaded in the thread of the daemon', () => {
  test('is the same as one that is loaded aside, its secrets and sources included', async () => {
    fileOf('token', 'secret\n');
    const text = minimal(`http: { listen: [], token_file: token }
policies: { p: [{ match: { prefix: [192.0.2.0/24+], med: 0-499 }, then: accept }] }
peers: [{ name: A, address: 192.0.2.1, peer_as: 65001, import: [p], password: first }]
`);
    const file = fileOf('whole.yaml', text);
    const small = loadSmall(file);
    expect(small?.ok).toBe(true);
    expect(small).toEqual(await loadAside({ file, clock: systemClock }));
  });

  const names = join(folder, 'names');
  mkdirSync(names);
  for (let at = 0; at < 700; at++) writeFileSync(join(names, `${'n'.repeat(100)}${at}`), '');
  const token = 'http: { listen: [], token_file: fifo }\n';
  execFileSync('mkfifo', [join(folder, 'fifo')]);

  test.each([
    ['is longer than 64 KiB', minimal(comment.repeat(70))],
    [
      'includes a file that makes it longer',
      minimal('include: [half.yaml]\n') + comment.repeat(40),
    ],
    ['includes from a directory with very many names', minimal('include: [names/*.yaml]\n')],
    ['reads from a FIFO', minimal(token)],
    ['has a fault', minimal('no_such_key: 1\n')],
  ])('is left to the thread if it %s', (what, text) => {
    fileOf('half.yaml', comment.repeat(40));
    expect(loadSmall(fileOf(`${what}.yaml`, text))).toBeUndefined();
  });

  test('includes files that fit', () => {
    fileOf('fits.yaml', `${comment.repeat(20)}peers: []\n`);
    const text = minimal('include: [fits.yaml]\n') + comment.repeat(20);
    expect(loadSmall(fileOf('includes.yaml', text))?.ok).toBe(true);
  });
});
