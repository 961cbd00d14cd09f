import { resolve as resolvePath } from 'node:path';
import type { ConfigProblem } from '#api/problem.ts';
import { fileFailure } from '#text/file-failure.ts';
import { checkAgainst } from '#yaml/check.ts';
import { parseYaml } from '#yaml/document.ts';
import { type ConfigHost, nodeHost, pathBeside } from '#yaml/host.ts';
import { filesOf, FolderError } from '#yaml/path-pattern.ts';
import { Places } from '#yaml/places.ts';
import { Problems } from '#yaml/problems.ts';
import { type SchemaView, viewOf } from '#yaml/schema-check.ts';
import { isList, itemsOf, refusesFiles, type Scope } from '#yaml/scope.ts';
import { maskSecrets } from '#yaml/secrets.ts';
import { type Place, SourceText } from '#yaml/source.ts';
import { hashOf } from './canonical.ts';
import type { Config } from './config.ts';
import { mergeIncluded } from './resolve/merge.ts';
import { resolve } from './resolve/resolve.ts';
import {
  configSchema,
  type ConfigSource,
  includedSchema,
  type IncludedSource,
  mergeableLists,
  mergeableMaps,
} from './schema/schema.ts';
import type { ConfigSources } from './sources.ts';

export type LoadOutcome =
  /**
   * `warnings`: settings of secrets that are allowed and probably not intended; `warningsOf` returns all other
   * warnings.
   */
  | {
      readonly ok: true;
      readonly config: Config;
      readonly warnings: ConfigProblem[];
      /** What the configuration was made of; absent for a text that was sent. */
      readonly sources?: ConfigSources;
    }
  /** Every error found, by file and line; at least one. */
  | { readonly ok: false; readonly problems: ConfigProblem[] };

export interface LoadOptions {
  readonly host?: ConfigHost;
  /** Checked in place of the file's own text. */
  readonly text?: string;
  /**
   * False for a text that came over the network [true]: it must not name other files or environment variables,
   * because errors about those would reveal things about this machine.
   */
  readonly mayReadFiles?: boolean;
}

/**
 * Reads, checks and resolves a configuration with everything that it includes. It never throws for an
 * operator's mistakes: all of them are in the outcome.
 */
export function loadConfig(file: string, options: LoadOptions = {}): LoadOutcome {
  const scope: Scope = {
    file,
    host: options.host ?? nodeHost,
    places: new Places(),
    problems: new Problems(),
    warnings: new Problems(),
    mayReadFiles: options.mayReadFiles ?? true,
  };
  const source = readMain(scope, options.text);
  if (source === undefined) return { ok: false, problems: scope.problems.list() };
  const { merged, files } = readIncludes(scope, source);
  const resolved = resolve(scope, merged);
  if (scope.problems.count > 0) return { ok: false, problems: scope.problems.list() };
  const hash = hashOf(resolved);
  const asWritten = maskSecrets(merged);
  const config = { file, files: [file, ...files], hash, asWritten, ...resolved };
  return { ok: true, config, warnings: scope.warnings.list() };
}

function readMain(scope: Scope, text: string | undefined): Partial<ConfigSource> | undefined {
  const { file } = scope;
  const value = readFile(scope, file, viewOf(configSchema), text);
  if (value !== undefined) return value as Partial<ConfigSource>;
  if (scope.problems.count === 0) {
    scope.problems.addFile(file, 'the file is empty; at least router_id and local_as are required');
  }
  return undefined;
}

function readIncludes(
  scope: Scope,
  main: Partial<ConfigSource>,
): { merged: Partial<ConfigSource>; files: string[] } {
  const { places, problems } = scope;
  const files = new Set<string>();
  const parts: IncludedSource[] = [];
  const given = main.include ?? [];
  let isAllRead = !places.isDropped(main, 'include') && (!isList(given) || places.isWhole(given));
  for (const { item, place } of itemsOf(scope, main, 'include', given)) {
    const { glob, optional } = typeof item === 'string' ? { glob: item } : item;
    const paths = includedFiles(scope, place, glob, optional === true);
    isAllRead &&= paths !== undefined;
    for (const path of paths ?? []) {
      if (files.has(path)) continue;
      files.add(path);
      const faults = problems.count;
      const value = readFile(scope, path, viewOf(includedSchema));
      if (value !== undefined) parts.push(value as IncludedSource);
      else isAllRead &&= problems.count === faults;
    }
  }
  // What is missing may be in the file that could not be read.
  if (!isAllRead) for (const key of [...mergeableLists, ...mergeableMaps]) places.drop(main, key);
  return { merged: mergeIncluded(scope, main, parts), files: [...files] };
}

/**
 * Returns the files that an element of `include` matches, without the main file; it is an error, and `undefined`, if
 * there are none.
 */
function includedFiles(
  scope: Scope,
  place: Place,
  glob: string,
  isOptional: boolean,
): string[] | undefined {
  const { problems, host, file } = scope;
  if (refusesFiles(scope, place, 'include')) return undefined;
  try {
    const found = filesOf(host, pathBeside(file, glob));
    const others = found.filter((path) => resolvePath(path) !== resolvePath(file));
    if (others.length > 0 || isOptional) return others;
    problems.add(place, nothingIncluded(glob, found));
  } catch (error) {
    if (!(error instanceof FolderError)) throw error;
    if (isOptional && error.isAbsent) return [];
    problems.add(place, `include: ${glob}: ${error.folder} cannot be read: ${error.message}`);
  }
  return undefined;
}

function nothingIncluded(glob: string, found: readonly string[]): string {
  if (found.length > 0) return `include: ${glob} matches only this file itself`;
  const what = glob.includes('*') ? 'matches no file' : 'cannot be read: no such file';
  return `include: ${glob} ${what}; if that is acceptable, write { glob: "${glob}", optional: true }`;
}

function readFile(scope: Scope, path: string, schema: SchemaView, given?: string): unknown {
  const { problems, places, host } = scope;
  let text = given;
  try {
    text ??= host.readFile(path);
  } catch (error) {
    problems.addFile(path, `cannot be read: ${fileFailure(error)}`);
    return undefined;
  }
  const source = new SourceText(path, text);
  const root = parseYaml(source, problems, Object.keys(configSchema.properties));
  return root === undefined ? undefined : checkAgainst(schema, root, source, places, problems);
}
