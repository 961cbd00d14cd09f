/**
 * `npm run build`, after the types are checked: writes the bundle and the files of the page to `dist` with the licences
 * of their contents, and the JSON Schema for editors, the reference of the configuration and the page about peers. The
 * argument is a directory to use instead of `dist`.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { publishedSchema } from '#config/schema/schema-json.ts';
import { bundle, type Identity } from './bundle.ts';
import { licencesOf } from './licences.ts';
import { pageFiles } from './page-files.ts';
import { peersPage } from './peers-page.ts';
import { configurationPage } from './reference-pages.ts';

const root = new URL('../../', import.meta.url).pathname;

/**
 * The version, the Node that it needs, and the commit for `fingerpost_build_info`; a source tree without git has none.
 */
function identity(): Identity {
  const { version, engines }: Identity = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  const argv = ['rev-parse', '--short=12', 'HEAD'];
  const { status, stdout } = spawnSync('git', argv, { cwd: root, encoding: 'utf8' });
  return { version, engines, ...(status === 0 && { revision: stdout.trim() }) };
}

/**
 * Replaces each file in one step, because a daemon that runs from the directory may load a part of itself at any time.
 */
function replace(folder: string, files: ReadonlyMap<string, string>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of files) {
    const beside = join(folder, `${name}.${process.pid}`);
    writeFileSync(beside, text);
    if (name === 'main.js') chmodSync(beside, 0o755);
    renameSync(beside, join(folder, name));
  }
  const gone = readdirSync(folder).filter((name) => name.endsWith('.js') && !files.has(name));
  for (const name of gone) rmSync(join(folder, name), { force: true });
}

const [, , out = join(root, 'dist')] = process.argv;
const { files, sources } = await bundle(root, identity());
const page = await pageFiles(root);
const licences = licencesOf([...sources, ...page.sources]);
replace(out, new Map([...files, ...page.files, ['THIRD-PARTY.txt', licences]]));
// Beside the examples stands a copy, not a link: `npm pack` leaves links out.
for (const folder of ['deploy', 'deploy/examples']) {
  writeFileSync(join(root, folder, 'fingerpost.schema.json'), publishedSchema());
}
writeFileSync(join(root, 'docs/configuration.md'), configurationPage());
writeFileSync(join(root, 'docs/peers.md'), peersPage());
