import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const documents = globSync(['*.md', 'docs/*.md', 'deploy/*/README.md'], { cwd: root });

test.each(documents)('%s: no code span is broken over two lines', (document) => {
  const broken = prose(document).filter(({ line }) => (line.match(/`/g) ?? []).length % 2 === 1);
  expect(broken).toEqual([]);
});

test.each(documents)('%s: what it links to exists', (document) => {
  const missing = prose(document)
    .flatMap(({ line }) => [...line.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)])
    .filter(([, file = '', heading]) => {
      const target = file === '' ? document : join(dirname(document), file);
      return !existsSync(join(root, target)) || !hasHeading(target, heading);
    })
    .map(([link]) => link);
  expect(missing).toEqual([]);
});

test('docs/design.md: the files that it names exist', () => {
  const names = prose('docs/design.md').flatMap(
    ({ line }) => line.match(/[\w-]+(\/[\w.-]+)+\.ts/g) ?? [],
  );
  expect(names.length).toBeGreaterThan(20);
  expect(
    names.filter((name) => !['', 'src'].some((folder) => existsSync(join(root, folder, name)))),
  ).toEqual([]);
});

test('docs/operations.md: says what to do about each alert', () => {
  const rules = readFileSync(join(root, 'deploy/prometheus/rules.yml'), 'utf8');
  const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name);
  const operations = readFileSync(join(root, 'docs/operations.md'), 'utf8');
  expect(alerts.length).toBeGreaterThan(20);
  expect(alerts.filter((name) => !operations.includes(name))).toEqual([]);
});

/** A merge keeps both versions of a line that one side has reworded. */
test('CHANGELOG.md: no two entries begin with the same words', () => {
  const beginnings = prose('CHANGELOG.md')
    .map(({ line }) => line.slice(0, 30))
    .filter((line) => line.startsWith('- '));
  expect(beginnings.filter((line, at) => beginnings.indexOf(line) !== at)).toEqual([]);
});

interface Line {
  readonly number: number;
  readonly line: string;
}

/** Returns the lines of a document outside its code blocks. */
function prose(document: string): readonly Line[] {
  let isCode = false;
  return readFileSync(join(root, document), 'utf8')
    .split('\n')
    .map((line, at) => ({ number: at + 1, line }))
    .filter(({ line }) => {
      const isFence = line.trimStart().startsWith('```');
      isCode = isFence ? !isCode : isCode;
      return !isFence && !isCode;
    });
}

function hasHeading(document: string, anchor: string | undefined): boolean {
  return (
    anchor === undefined ||
    prose(document).some(
      ({ line }) =>
        line.startsWith('#') &&
        line
          .replace(/^#+ /, '')
          .toLowerCase()
          .replace(/[^\p{L}\p{N} _-]/gu, '')
          .replaceAll(' ', '-') === anchor,
    )
  );
}
