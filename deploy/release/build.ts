/**
 * `npm run release`: builds one archive that runs on a Linux machine that has nothing but glibc. The argument is the
 * directory to write to, `dist/packages` by default.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stageManual } from './manual.ts';
import { product, root, stageCompletions, stageProgram, stageShare } from './tree.ts';

const [, , out = join(root, 'dist/packages')] = process.argv;
const made = product();
const { version, arch, epoch } = made;
const stage = mkdtempSync(join(tmpdir(), 'fingerpost-release-'));
try {
  // Two versions are unpacked side by side.
  const name = `fingerpost-${version}`;
  const top = join(stage, name);
  stageProgram(top, arch);
  stageShare(join(top, 'share'));
  stageManual(join(top, 'share/man'), made);
  stageCompletions(join(top, 'bin/fingerpost'), join(top, 'share'));
  for (const file of ['README.md', 'CHANGELOG.md', 'LICENSE']) {
    copyFileSync(join(root, file), join(top, file));
  }
  cpSync(join(root, 'docs'), join(top, 'docs'), { recursive: true });
  mkdirSync(out, { recursive: true });
  const archive = resolve(out, `${name}-linux-${arch}.tar.gz`);
  const sameBytes = ['--sort=name', `--mtime=@${epoch}`, '--owner=0', '--group=0'];
  const plain = ['--numeric-owner', '--mode=u+rw,go+r-w', '--format=gnu'];
  const argv = ['--create', `--file=${archive}`, '--use-compress-program=gzip -n'];
  execFileSync('tar', [...argv, ...sameBytes, ...plain, `--directory=${stage}`, name], {
    stdio: 'inherit',
  });
  process.stdout.write(`${archive}\n`);
} finally {
  rmSync(stage, { recursive: true, force: true });
}
