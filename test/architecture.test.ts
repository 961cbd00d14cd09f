import { existsSync, globSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const files = globSync(['src/**/*.ts', 'rib/**/*.ts', 'policy/**/*.ts'], { cwd: root }).toSorted();
/** What builds, packs and tries the program out; it has no part in it. */
const deployFiles = globSync(['deploy/**/*.ts'], { cwd: root }).toSorted();

const { imports: subpaths }: { imports: Record<string, string> } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);

interface Import {
  readonly from: string;
  readonly to: string;
  readonly isType: boolean;
}

/** `src/wire/nlri.ts` -> `src/wire`, `src/clock.ts` -> `src/clock`, `rib/rib.ts` -> `rib`. */
function folderOf(file: string): string {
  const [top, next] = file.split('/');
  return top === 'src' ? `src/${next.replace(/\.ts$/, '')}` : top;
}

/**
 * Who may import whom: a folder -> the folders below it. `types:` marks a folder of which only types may be
 * had; a file's path stands for that file alone. The picture in docs/design.md says the same.
 */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  'src/wire': ['src/text/printable.ts'],
  policy: ['src/wire'],
  rib: [
    'src/wire',
    'policy/limit.ts',
    'policy/ids.ts',
    'policy/prefix-bits.ts',
    'policy/reasons.ts',
    'policy/usual.ts',
    'types:policy',
  ],
  'src/session': ['src/wire'],
  'src/bfd': ['src/wire/octets.ts'],
  'src/rpki': ['src/wire/constants.ts', 'src/wire/octets.ts', 'types:src/wire', 'types:policy'],
  'src/bmp': ['src/wire'],
  'src/mrt': ['src/wire', 'src/session/fsm.ts'],
  'src/services': [],
  'src/history': [
    'src/clock',
    'src/os',
    'src/text/code-of.ts',
    'src/text/message-of.ts',
    'types:src/api',
    'types:src/config',
  ],
  'src/clock': [],
  'src/os': ['src/text/code-of.ts'],
  'src/text': ['types:src/wire'],
  'src/words': ['types:policy', 'types:src/api', 'src/services', 'types:src/wire'],
  'src/api': [
    'policy/limit.ts',
    'policy/validation.ts',
    'types:src/session/host.ts',
    'src/bfd',
    'src/services',
    'src/wire/constants.ts',
    'types:src/session',
  ],
  'src/log': ['src/api', 'src/text', 'types:src/config', 'src/clock'],
  'src/config': [
    'src/yaml',
    'src/text',
    'src/wire/constants.ts',
    'policy/limit.ts',
    'policy/prefix-bits.ts',
    'policy/rule-table.ts',
    'types:policy',
    'types:src/wire',
    'src/api/names.ts',
    'types:src/api',
    'types:src/clock',
  ],
  'src/yaml': ['src/text', 'types:src/api'],
  'src/interop': ['src/text', 'types:src/config', 'types:policy'],
  'src/net': ['src/session', 'types:src/clock', 'src/os'],
  'src/http': [
    'src/services/coherence.ts',
    'src/os',
    'src/net/socket.ts',
    'src/wire/constants.ts',
    'src/session/host.ts',
    'src/services/audit.ts',
    'src/services/trouble.ts',
    'src/api',
    'src/clock',
    'src/text',
    'src/words',
  ],
  'src/testing': [
    'rib',
    'policy/reasons.ts',
    'policy/ids.ts',
    'src/wire',
    'src/text',
    'src/yaml',
    'src/config',
    'src/services',
    'src/api',
    'src/daemon',
    'types:policy',
    'src/rpki',
    'types:src/clock',
  ],
  'src/replay': [
    'src/mrt',
    'src/testing/offline/offline-server.ts',
    'types:src/testing/offline/offline-peer.ts',
    'src/wire',
    'src/text',
    'src/clock',
    'src/config/peer-range.ts',
    'types:src/config',
  ],
  'src/demo': ['src/wire', 'src/session', 'src/net', 'src/clock', 'src/text'],
  'src/cli': [
    'types:src/wire',
    'src/api',
    'src/clock',
    'src/text',
    'src/words',
    'src/config',
    'types:src/demo',
    'src/interop',
    'src/testing',
    'src/replay',
    'src/os',
  ],
  'src/daemon': [
    'rib',
    'policy',
    'src/wire',
    'src/session',
    'src/bfd',
    'src/rpki',
    'src/net',
    'src/os',
    'src/http',
    'src/config',
    'src/clock',
    'src/text',
    'src/api',
    'src/log',
    'src/services',
    'src/history',
    'src/mrt',
    'src/bmp',
  ],
  deploy: ['types:src/api', 'src/clock', 'src/cli', 'src/config', 'src/interop', 'test'],
  'src/engine': [],
  'src/node-version': [],
  'src/signals': [],
  'src/main': [
    'src/signals',
    'src/engine',
    'src/node-version',
    'src/cli',
    'src/daemon',
    'src/demo',
    'src/clock',
  ],
};

/**
 * Folders that others enter by these files alone, which lie at their top: what is in their folders is their own.
 */
const doors: Readonly<Record<string, readonly string[]>> = {
  rib: [
    'rib/decision-steps.ts',
    'rib/explain.ts',
    'rib/path-class.ts',
    'rib/rib-events.ts',
    'rib/rib-peer.ts',
    'rib/rib.ts',
    'rib/route-changes.ts',
    'rib/view.ts',
    'rib/whatif.ts',
  ],
  'src/config': [
    'src/config/canonical.ts',
    'src/config/config.ts',
    'src/config/file-watch.ts',
    'src/config/fingerprint.ts',
    'src/config/load-aside.ts',
    'src/config/load-small.ts',
    'src/config/load.ts',
    'src/config/notes.ts',
    'src/config/paths-in.ts',
    'src/config/peer-range.ts',
    'src/config/plan.ts',
    'src/config/prepared-prefixes.ts',
    'src/config/sources.ts',
    'src/config/warnings.ts',
    'src/config/without-effect.ts',
  ],
};

/** The one place of each package and each power. */
const homes: Readonly<Record<string, readonly string[]>> = {
  typebox: [
    'src/config/schema/',
    'src/yaml/schema-values.ts',
    'src/yaml/schema-check.ts',
    'src/api/',
    'src/http/requests.ts',
    'src/http/birdwatcher/requests.ts',
    'src/testing/schema.ts',
  ],
  ajv: ['src/yaml/schema-check.ts', 'src/http/validators.ts'],
  yaml: ['src/yaml/', 'src/config/paths-in.ts', 'src/interop/import/configuration-text.ts'],
  'fastest-levenshtein': ['src/yaml/secrets.ts', 'src/text/nearest.ts', 'src/cli/'],
  fastify: ['src/http/'],
  '@fastify/compress': ['src/http/'],
  '@fastify/rate-limit': ['src/http/'],
  '@fastify/swagger': ['src/http/'],
  '@fastify/swagger-ui': ['src/http/'],
  '@fastify/type-provider-typebox': ['src/http/'],
  htm: ['src/http/page/html.ts'],
  preact: ['src/http/page/'],
  'preact-render-to-string': ['src/http/page/html.ts'],
  idiomorph: ['src/http/page/client/'],
  'prom-client': ['src/http/metrics'],
  pino: ['src/log/'],
  'pino-pretty': ['src/log/'],
  'ip-num': ['src/text/'],
  koffi: ['src/os/'],
  commander: ['src/cli/'],
  'cli-table3': ['src/cli/table.ts'],
  'node:fs': [
    'src/yaml/host.ts',
    'src/config/',
    'src/history/',
    'src/http/',
    'src/cli/',
    'src/demo/',
    'src/log/log-output.ts',
    'src/os/carrier.ts',
    'src/os/boot.ts',
    'src/os/descriptors.ts',
    'src/os/file-lock.ts',
    'src/os/folders.ts',
    'src/os/group.ts',
    'src/os/thread-priority.ts',
    'src/replay/replay-files.ts',
  ],
  'node:fs/promises': ['src/http/', 'src/cli/'],
  'node:dgram': ['src/net/datagrams.ts'],
  'node:net': [
    'src/net/',
    'src/http/guard.ts',
    'src/http/who.ts',
    'src/cli/client.ts',
    'src/http/server.ts',
    'src/daemon/probes/prober.ts',
  ],
  'node:http': [
    'src/cli/client.ts',
    'src/http/listen/control-socket.ts',
    'src/http/listen/listen.ts',
    'src/daemon/probes/prober.ts',
  ],
  'node:child_process': ['src/demo/'],
  'node:os': ['src/os/', 'src/demo/'],
  'node:crypto': ['src/config/', 'src/http/', 'src/daemon/'],
  'node:zlib': [
    'src/replay/replay-files.ts',
    'src/config/sources.ts',
    'src/history/dumps/',
    'src/http/page/page-bytes.ts',
  ],
  'node:path': [
    'src/yaml/host.ts',
    'src/yaml/path-pattern.ts',
    'src/config/',
    'src/daemon/kept-thread.ts',
    'src/history/',
    'src/http/',
    'src/os/folders.ts',
    'src/os/group.ts',
    'src/os/thread-priority.ts',
    'src/demo/',
  ],
  'node:sqlite': ['src/history/store/history-file.ts'],
  'node:stream': ['src/http/'],
  'node:readline': ['src/demo/'],
  'node:v8': ['src/engine.ts', 'src/os/heap-watch.ts', 'src/os/memory.ts'],
  'node:vm': ['src/os/memory.ts'],
  'node:perf_hooks': ['src/os/heap-watch.ts'],
  'node:worker_threads': [
    'src/config/load-aside.ts',
    'src/config/load-thread.ts',
    'src/daemon/kept-thread.ts',
    'src/daemon/bfd/bfd-thread.ts',
    'src/daemon/probes/probe-thread.ts',
    'src/daemon/record/history-thread.ts',
    'src/daemon/mrt/mrt-thread.ts',
  ],
  'node:util': [
    'src/http/page/page-bytes.ts',
    'src/interop/import/',
    'src/net/',
    'src/os/',
    'src/cli/table.ts',
    'src/demo/frame.ts',
  ],
  'node:test/reporters': ['src/testing/reports.ts'],
  'node:timers/promises': [],
};

const pureFolders = new Set([
  'src/services',
  'src/wire',
  'src/session',
  'src/bfd',
  'src/bmp',
  'src/mrt',
  'src/rpki',
  'rib',
  'policy',
]);

/** Time has one home here; what runs in a browser has the browser's. */
const clocks = /^src\/(?:clock\.ts$|http\/page\/client\/)/;

/** Powers that are no import. */
const powers: readonly {
  readonly name: string;
  readonly pattern: RegExp;
  readonly home: RegExp;
}[] = [
  { name: 'Date', pattern: /\bDate\.now\(|\bnew Date\(/, home: clocks },
  {
    name: 'timers',
    pattern: /(?<!\.)\b(setTimeout|setInterval|setImmediate)\(/,
    home: clocks,
  },
  { name: 'performance.now', pattern: /\bperformance\.now\(/, home: clocks },
  { name: 'process.exit', pattern: /\bprocess\.exit\(/, home: /^src\/main\.ts$/ },
  { name: 'console', pattern: /\bconsole\./, home: /^$/ },
  {
    name: 'the tables of the RIB',
    pattern: /(rib|family|table|live)\.tables\b|\{ tables\b/,
    home: /^(rib|policy)\//,
  },
  // Private members are `private`, but for the text that must not be seen even by a debugger's print.
  { name: '#private', pattern: /[\s.]#[a-z]\w*/, home: /^src\/config\/resolve\/secret\.ts$/ },
];

function source(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** The code without comments: what a docstring mentions is no use of it. */
function code(file: string): string {
  return source(file)
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/^\s*\/\/.*$/gm, '');
}

/** `#wire/nlri.ts` -> `src/wire/nlri.ts`, by the subpath imports of package.json. */
function aliased(specifier: string): string {
  for (const [key, to] of Object.entries(subpaths)) {
    const prefix = key.replace('*', '');
    if (specifier.startsWith(prefix))
      return to.slice(2).replace('*', specifier.slice(prefix.length));
  }
  return specifier;
}

function importsOf(file: string): Import[] {
  const pattern =
    /(?:^|\n)(?:import|export)\s(type\s)?[^;'"]*?from\s+'([^']+)'|import\('([^']+)'\)/g;
  return [...code(file).matchAll(pattern)].map(([, type, from, dynamic]) => {
    const to = from ?? dynamic ?? '';
    const target = to.startsWith('.') ? relative(root, join(root, dirname(file), to)) : aliased(to);
    return { from: file, to: target, isType: type !== undefined };
  });
}

const imports = files.flatMap(importsOf);
const deployImports = deployFiles.flatMap(importsOf);

function isAllowed({ from, to, isType }: Import): boolean {
  if (folderOf(from) === folderOf(to)) return true;
  if (to === 'package.json') return folderOf(from) === 'src/main';
  return (mayImport[folderOf(from)] ?? []).some((entry) => {
    const typesOnly = entry.startsWith('types:');
    const name = entry.replace('types:', '');
    return (name === to || name === folderOf(to)) && (isType || !typesOnly);
  });
}

function text({ from, to }: Import): string {
  return `${from} -> ${to}`;
}

/** Node's modules, packages, then ours by their path, the furthest of the relative ones first. */
function byPlace(left: string, right: string): number {
  const place = rank(left) - rank(right) || right.split('../').length - left.split('../').length;
  return place === 0 ? Number(left > right) - Number(left < right) : place;
}

function rank(specifier: string): number {
  return [/^node:/, /^[^#.]/, /^#/, /^\./].findIndex((pattern) => pattern.test(specifier));
}

function specifiersOf(file: string): string[] {
  return [...code(file).matchAll(/(?:^|\n)import\s[^;'"]*?from\s+'([^']+)'/g)].map(
    ([, name]) => name,
  );
}

describe('the house', () => {
  it('has every folder in the table', () => {
    const folders = new Set(files.map(folderOf));
    expect([...folders].filter((name) => !(name in mayImport))).toEqual([]);
  });

  it('has arrows that only go down', () => {
    const inside = [...imports, ...deployImports].filter(({ to }) =>
      /^(src|rib|policy|deploy|test)\/|^package\.json$/.test(to),
    );
    expect(inside.filter((row) => !isAllowed(row)).map(text)).toEqual([]);
  });

  it('has no permission that is not used, and none for values where types do', () => {
    const all = [...imports, ...deployImports];
    const tooWide = Object.entries(mayImport).flatMap(([from, entries]) =>
      entries
        .filter((entry) => {
          const name = entry.replace('types:', '');
          const used = all.filter(
            (row) => folderOf(row.from) === from && (row.to === name || folderOf(row.to) === name),
          );
          return (
            used.length === 0 || (!entry.startsWith('types:') && used.every((row) => row.isType))
          );
        })
        .map((entry) => `${from}: ${entry}`),
    );
    expect(tooWide).toEqual([]);
  });

  it.each(Object.entries(doors))('enters %s by its doors, each of which is used', (name, known) => {
    const entered = imports.filter(
      ({ from, to }) => folderOf(to) === name && folderOf(from) !== name,
    );
    expect([...new Set(entered.map(({ to }) => to))].toSorted()).toEqual(known);
    expect(known.filter((file) => dirname(file) !== name)).toEqual([]);
  });

  it('has one home for each package', () => {
    const outside = imports.filter(({ to }) => !/^(src|rib|policy)\/|^package\.json$/.test(to));
    const strangers = outside.filter(({ from, to }) => {
      const places = homes[to] ?? [];
      return !places.some((place) => from.startsWith(place));
    });
    expect(strangers.map(text)).toEqual([]);
  });

  it('knows no package or module that nobody uses', () => {
    const used = new Set(imports.map(({ to }) => to));
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(Object.keys(dependencies).filter((name) => !used.has(name))).toEqual([]);
  });

  it('keeps its core pure: no package, no module of Node', () => {
    const impure = imports.filter(
      ({ from, to }) =>
        pureFolders.has(folderOf(from)) &&
        (to.startsWith('node:') || builtinModules.includes(to) || !to.includes('/')),
    );
    expect(impure.map(text)).toEqual([]);
  });

  it.each(powers)('uses $name only where it is at home', ({ pattern, home }) => {
    const users = files.filter((file) => !home.test(file) && pattern.test(code(file)));
    expect(users).toEqual([]);
  });

  it('has no async in its core', () => {
    const users = files.filter(
      (file) =>
        pureFolders.has(folderOf(file)) && /\basync\b|\bawait\s|\bPromise\b/.test(code(file)),
    );
    expect(users).toEqual([]);
  });

  it('has one doc comment for each declaration, directly above it', () => {
    const all = globSync(['{src,rib,policy,test,deploy}/**/*.ts'], { cwd: root });
    const stacked = all.filter((file) => /\*\/\n *\/\*\*/.test(source(file)));
    expect(stacked).toEqual([]);
  });

  it('has its imports in order: Node, packages, #folders, then relative ones', () => {
    const all = globSync(['{src,rib,policy,test,deploy}/**/*.ts'], { cwd: root });
    const misplaced = all.flatMap((file) => {
      const names = specifiersOf(file);
      const sorted = names.toSorted(byPlace);
      const at = names.findIndex((name, index) => name !== sorted[index]);
      return at === -1 ? [] : `${file}: ${sorted[at]} comes before ${names[at]}`;
    });
    expect(misplaced).toEqual([]);
  });

  it('is drawn in docs/design.md: every folder is in its tables, and every file that they name is there', () => {
    const rows = readFileSync(join(root, 'docs/design.md'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('|'));
    const paths = rows.flatMap((line) => line.match(/[\w-]+(?:\/[\w.-]+)+/g) ?? []);
    const isThere = (path: string): boolean =>
      ['', 'src/'].some((top) =>
        ['', '.ts'].some((end) => existsSync(join(root, top + path + end))),
      );
    expect(paths.filter((path) => !isThere(path))).toEqual([]);
    const folders = Object.keys(mayImport).filter((name) => existsSync(join(root, name)));
    const described = new Set(rows.flatMap((line) => line.match(/`[\w/]+`/g) ?? []));
    expect(folders.filter((name) => name !== 'deploy' && !described.has(`\`${name}\``))).toEqual(
      [],
    );
  });

  it('has no circles among files, not even of types', () => {
    const next = new Map(files.map((file) => [file, importsOf(file)]));
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (file: string, trail: readonly string[]): void => {
      if (trail.includes(file))
        cycles.push([...trail.slice(trail.indexOf(file)), file].join(' -> '));
      if (done.has(file) || trail.includes(file)) return;
      for (const { to } of next.get(file) ?? []) visit(to, [...trail, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
    expect(cycles).toEqual([]);
  });
});
