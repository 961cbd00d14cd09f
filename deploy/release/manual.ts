import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { commandEntries } from '../build/command-reference.ts';
import { commandManual, configurationManual } from '../build/reference-pages.ts';
import type { Product } from './tree.ts';

/** Writes fingerpost(1) and fingerpost.yaml(5) below `to`, a folder `man`. */
export function stageManual(to: string, { version, epoch }: Product): void {
  const date = new Date(Number(epoch) * 1000);
  const pages = [
    ['man1/fingerpost.1.gz', commandManual(commandEntries(version), version, date)],
    ['man5/fingerpost.yaml.5.gz', configurationManual(version, date)],
  ] as const;
  for (const [path, text] of pages) {
    mkdirSync(join(to, path, '..'), { recursive: true });
    writeFileSync(join(to, path), gzipSync(text, { level: 9 }));
  }
}
