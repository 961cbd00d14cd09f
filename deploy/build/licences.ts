import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The licences of all packages of which a bundle holds a part, as one text. */
export function licencesOf(sources: readonly string[]): string {
  const folders = new Set(sources.map(packageFolder).filter((folder) => folder !== undefined));
  const texts = [...folders].toSorted().map(licenceOf);
  return `fingerpost holds these packages, or parts of them.\n\n${texts.join(`\n${line}\n`)}`;
}

const line = '-'.repeat(80);

/** `/x/node_modules/@a/b/lib/c.js` -> `/x/node_modules/@a/b`; undefined for what is ours. */
function packageFolder(file: string): string | undefined {
  return /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}

/** A package without a file of its own says in its manifest what it may be used under. */
function licenceOf(folder: string): string {
  const manifest: Manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const { name, version, license } = manifest;
  const files = readdirSync(folder).filter((file) => /^(?:licen[cs]e|copying|notice)/i.test(file));
  if (files.length === 0 && license === undefined) throw new Error(`${name} has no licence`);
  const texts = files.map((file) => `\n${readFileSync(join(folder, file), 'utf8').trim()}\n`);
  return `${name} ${version} (${license ?? 'see below'})\n${texts.join('')}`;
}
