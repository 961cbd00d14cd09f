import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Returns the licences of all packages of which a bundle has a part, as one text. */
export function licencesOf(sources: readonly string[]): string {
  const folders = new Set(sources.map(packageFolder).filter((folder) => folder !== undefined));
  const texts = [...folders].toSorted().map(licenceOf);
  return `fingerpost holds these packages, or parts of them.\n\n${texts.join(`\n${line}\n`)}`;
}

const line = '-'.repeat(80);

/** Returns `/x/node_modules/@a/b` for `/x/node_modules/@a/b/lib/c.js`; undefined for our own files. */
function packageFolder(file: string): string | undefined {
  return /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}

/** A package without a licence file names its licence in its manifest. */
function licenceOf(folder: string): string {
  const manifest: Manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const { name, version, license } = manifest;
  const files = readdirSync(folder).filter((file) => /^(?:licen[cs]e|copying|notice)/i.test(file));
  if (files.length === 0 && license === undefined) throw new Error(`${name} has no licence`);
  const texts = files.map((file) => `\n${readFileSync(join(folder, file), 'utf8').trim()}\n`);
  return `${name} ${version} (${license ?? 'see below'})\n${texts.join('')}`;
}
