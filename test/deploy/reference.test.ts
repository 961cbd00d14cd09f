import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sessionKeys } from '#config/schema/schema-session.ts';
import { configSchema } from '#config/schema/schema.ts';
import { commandEntries } from '../../deploy/build/command-reference.ts';
import { configurationSections } from '../../deploy/build/configuration-reference.ts';
import { peersPage } from '../../deploy/build/peers-page.ts';
import { configurationPage } from '../../deploy/build/reference-pages.ts';

test.each([
  ['configuration.md', configurationPage],
  ['peers.md', peersPage],
])('docs/%s is what the sources say now; `npm run build` writes it', (file, page) => {
  const path = new URL(`../../docs/${file}`, import.meta.url);
  expect(readFileSync(path, 'utf8')).toBe(page());
});

test('every key of the file and of a peer is described', () => {
  const described = configurationSections().flatMap(({ keys }) => keys);
  const keys = [...Object.keys(configSchema.properties), ...Object.keys(sessionKeys)];
  const named = new Set(described.map(({ key }) => key));
  expect(keys.filter((key) => !named.has(key))).toEqual([]);
  expect(
    described.filter(({ values, description }) => values === '' || description === ''),
  ).toEqual([]);
});

test('the manual has every command, with its description', () => {
  const entries = commandEntries('0.1.0');
  const usages = entries.map(({ usage }) => usage);
  expect(usages).toContain('fingerpost show route received <peer> [all]');
  expect(usages).toContain('fingerpost reload [direction] [peer]');
  expect(entries.filter(({ description }) => description === '')).toEqual([]);
});
