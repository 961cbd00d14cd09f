import type { ConfigProblem } from '#api/problem.ts';
import type { Config } from '#config/config.ts';
import { loadConfig } from '#config/load.ts';
import { fileFailure } from '#text/file-failure.ts';
import { checkAgainst } from '#yaml/check.ts';
import { parseYaml } from '#yaml/document.ts';
import { type ConfigHost, nodeHost, pathBeside } from '#yaml/host.ts';
import { Places } from '#yaml/places.ts';
import { Problems } from '#yaml/problems.ts';
import { viewOf } from '#yaml/schema-check.ts';
import type { Scope } from '#yaml/scope.ts';
import { SourceText } from '#yaml/source.ts';
import type { Case } from './cases.ts';
import { CaseResolver } from './resolve-case.ts';
import { testFileSchema, type TestFileSource } from './schema.ts';

export type CasesOutcome =
  | { readonly ok: true; readonly config: Config; readonly cases: readonly Case[] }
  /** Every error of the file of cases, or otherwise of the configuration; at least one. */
  | { readonly ok: false; readonly problems: ConfigProblem[] };

/**
 * Reads a file of cases and the configuration that it tests. Errors in either are in the outcome; they are
 * never thrown. `defaultConfig` is tested if the file names none.
 */
export function readCases(
  file: string,
  defaultConfig: string,
  host: ConfigHost = nodeHost,
): CasesOutcome {
  const scope: Scope = {
    file,
    host,
    places: new Places(),
    problems: new Problems(),
    warnings: new Problems(),
    mayReadFiles: true,
  };
  const source = readSource(scope);
  if (source === undefined) return { ok: false, problems: scope.problems.list() };
  const { config: named } = source;
  const loaded = loadConfig(named === undefined ? defaultConfig : pathBeside(file, named), {
    host,
  });
  if (!loaded.ok) return { ok: false, problems: [...scope.problems.list(), ...loaded.problems] };
  const resolver = new CaseResolver(scope, loaded.config);
  const cases = (source.cases ?? []).map((it) => resolver.resolve(it));
  if (scope.problems.count > 0) return { ok: false, problems: scope.problems.list() };
  return { ok: true, config: loaded.config, cases };
}

function readSource(scope: Scope): Partial<TestFileSource> | undefined {
  const { file, host, problems, places } = scope;
  const text = readText(host, file, problems);
  if (text === undefined) return undefined;
  const schema = viewOf(testFileSchema);
  const source = new SourceText(file, text);
  const root = parseYaml(source, problems, Object.keys(schema.properties ?? {}));
  if (root === undefined) {
    if (problems.count === 0)
      problems.addFile(file, 'the file is empty; expected config and cases');
    return undefined;
  }
  return checkAgainst(schema, root, source, places, problems) as
    Partial<TestFileSource> | undefined;
}

function readText(host: ConfigHost, file: string, problems: Problems): string | undefined {
  try {
    return host.readFile(file);
  } catch (error) {
    problems.addFile(file, `cannot be read: ${fileFailure(error)}`);
    return undefined;
  }
}
