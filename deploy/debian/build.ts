/**
 * `npm run deb`: builds the Debian package, which includes its runtime. The arguments are the directory to write to,
 * `dist/packages` by default, and a version other than that of package.json.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  globSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { stageManual } from '../release/manual.ts';
import { type Product, product, root, stageCompletions, stageProgram } from '../release/tree.ts';

/** Debian's names for Node's architectures. */
const debianArch: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

const conffile = '/etc/fingerpost/fingerpost.yaml';
const schema = '/usr/share/fingerpost/fingerpost.schema.json';

/** From the checkout's deploy/ to the place on the machine. */
const files: readonly (readonly [from: string, to: string])[] = [
  ['debian/fingerpost.yaml', conffile],
  ['debian/copyright', '/usr/share/doc/fingerpost/copyright'],
  ['debian/lintian-overrides', '/usr/share/lintian/overrides/fingerpost'],
  ['systemd/fingerpost.service', '/usr/lib/systemd/system/fingerpost.service'],
  ['systemd/fingerpost.socket', '/usr/lib/systemd/system/fingerpost.socket'],
  ['systemd/sysusers.d/fingerpost.conf', '/usr/lib/sysusers.d/fingerpost.conf'],
  ['systemd/tmpfiles.d/fingerpost.conf', '/usr/lib/tmpfiles.d/fingerpost.conf'],
  ['fingerpost.schema.json', schema],
  ['prometheus', '/usr/share/doc/fingerpost/prometheus'],
  ['grafana', '/usr/share/doc/fingerpost/grafana'],
  ['alice', '/usr/share/doc/fingerpost/alice'],
  ['examples', '/usr/share/doc/fingerpost/examples'],
];

function stage(to: string, arch: string): void {
  stageProgram(join(to, 'usr/lib/fingerpost'), arch);
  mkdirSync(join(to, 'usr/bin'));
  symlinkSync('../lib/fingerpost/bin/fingerpost', join(to, 'usr/bin/fingerpost'));
  for (const [from, place] of files) {
    mkdirSync(dirname(join(to, place)), { recursive: true });
    cpSync(join(root, 'deploy', from), join(to, place), { recursive: true });
  }
  const doc = join(to, 'usr/share/doc/fingerpost');
  nameSchema(join(doc, 'examples'));
  for (const file of ['README.md', 'CHANGELOG.md']) copyFileSync(join(root, file), join(doc, file));
  cpSync(join(root, 'docs'), join(doc, 'docs'), { recursive: true });
  stageManual(join(to, 'usr/share/man'), made);
  stageCompletions(join(to, 'usr/lib/fingerpost/bin/fingerpost'), join(to, 'usr/share'));
  writeFileSync(join(doc, 'changelog.gz'), gzipSync(changelog(made), { level: 9 }));
}

/** An example names the installed schema, so that a copy of it does too, wherever it is put. */
function nameSchema(examples: string): void {
  rmSync(join(examples, basename(schema)));
  for (const file of globSync('*.yaml', { cwd: examples })) {
    const path = join(examples, file);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace(`$schema=./${basename(schema)}`, `$schema=${schema}`));
  }
}

const maintainer = 'the fingerpost authors <maintainers@fingerpost.invalid>';

/** In the form that Debian's tools read; what changed is in the project's own one beside it. */
function changelog({ version, epoch }: Product): string {
  const date = new Date(Number(epoch) * 1000).toUTCString().replace('GMT', '+0000');
  return `fingerpost (${version}) unstable; urgency=medium

  * Version ${version}: CHANGELOG.md in this folder says what is new.

 -- ${maintainer}  ${date}
`;
}

function installed(stageFolder: string): string[] {
  return globSync('**', { cwd: stageFolder, exclude: (path) => path === 'DEBIAN' }).toSorted();
}

/** A symbolic link does not count as a file. */
function isFile(path: string): boolean {
  return lstatSync(path).isFile();
}

function control(stageFolder: string, version: string, arch: string): string {
  const bytes = installed(stageFolder)
    .map((path) => join(stageFolder, path))
    .reduce((sum, path) => sum + (isFile(path) ? Math.ceil(lstatSync(path).size / 1024) : 1), 0);
  // The runtime is built for glibc 2.28; its libstdc++ is that of GCC 8.
  return `Package: fingerpost
Version: ${version}
Architecture: ${arch}
Maintainer: ${maintainer}
Installed-Size: ${bytes}
Pre-Depends: init-system-helpers (>= 1.54~)
Depends: libc6 (>= 2.28), libgcc-s1, libstdc++6 (>= 8), systemd | systemd-standalone-sysusers | systemd-sysusers
Suggests: prometheus
Section: net
Priority: optional
Description: BGP route server for keeping services available
 Nodes announce service addresses with a MED each, fingerpost tells every
 router the best node for each address. It stands beside BIRD, FRR or OpenBGPD
 as one more route server of a different make. The package brings its own
 Node.js runtime.
`;
}

function md5sums(stageFolder: string): string {
  const lines = installed(stageFolder)
    .filter((path) => isFile(join(stageFolder, path)) && `/${path}` !== conffile)
    .map((path) => {
      const sum = createHash('md5').update(readFileSync(join(stageFolder, path)));
      return `${sum.digest('hex')}  ${path}\n`;
    });
  return lines.join('');
}

function writeControl(stageFolder: string, version: string, arch: string): void {
  const folder = join(stageFolder, 'DEBIAN');
  mkdirSync(folder);
  writeFileSync(join(folder, 'control'), control(stageFolder, version, arch));
  writeFileSync(join(folder, 'conffiles'), `${conffile}\n`);
  writeFileSync(join(folder, 'md5sums'), md5sums(stageFolder));
  for (const script of ['postinst', 'prerm', 'postrm']) {
    copyFileSync(join(root, 'deploy/debian', script), join(folder, script));
    chmodSync(join(folder, script), 0o755);
  }
}

const made = product();
const { version: own, arch, epoch } = made;
const [, , out = join(root, 'dist/packages'), version = own] = process.argv;
const debian = debianArch[arch];
if (debian === undefined) throw new Error(`no Debian package for ${arch}`);
const folder = mkdtempSync(join(tmpdir(), 'fingerpost-deb-'));
try {
  // It was created with mode 0700, and is the root of the package.
  chmodSync(folder, 0o755);
  stage(folder, arch);
  writeControl(folder, version, debian);
  for (const path of ['', ...installed(folder)]) {
    lutimesSync(join(folder, path), Number(epoch), Number(epoch));
  }
  mkdirSync(out, { recursive: true });
  const archive = resolve(out, `fingerpost_${version}_${debian}.deb`);
  execFileSync('dpkg-deb', ['--root-owner-group', '-Zxz', '-z1', '--build', folder, archive], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, SOURCE_DATE_EPOCH: epoch },
  });
  process.stdout.write(`${archive}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
