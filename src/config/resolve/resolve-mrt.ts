import { isAbsolute, resolve } from 'node:path';
import { durationToMs, sizeToBytes } from '#text/units.ts';
import { pathBeside } from '#yaml/host.ts';
import { mapped, type Scope, withoutAbsent } from '#yaml/scope.ts';
import type { DumpConfig, MrtConfig } from '../config.ts';
import { mrtDefaults } from '../schema/defaults.ts';
import type { ConfigSource } from '../schema/schema.ts';
import { checkFolder } from './written-paths.ts';

type MrtSource = NonNullable<ConfigSource['mrt']>;
type DumpSource = Omit<NonNullable<MrtSource['updates']>, 'rotate'>;

/** A table takes seconds to write where it is large. */
const leastBetweenTablesMs = 60_000;

/** Resolves where and how dumps are written. */
export function resolveMrt(
  scope: Scope,
  source: MrtSource,
  stateDir: string | undefined,
): MrtConfig {
  const { updates, tables } = source;
  const dump = (container: DumpSource, interval: string | number): DumpConfig => ({
    directory: directoryOf(scope, container, stateDir),
    intervalMs: durationToMs(interval),
    keepMs: durationToMs(container.keep ?? mrtDefaults.keep),
    compress: container.compress ?? mrtDefaults.compress,
  });
  if (tables?.every !== undefined && durationToMs(tables.every) < leastBetweenTablesMs) {
    const place = scope.places.ofValue(tables, 'every');
    scope.problems.add(
      place,
      `every: ${tables.every} is too short; tables can be dumped once a minute at most`,
    );
  }
  return {
    maxSizeBytes: sizeToBytes(source.max_size ?? mrtDefaults.max_size),
    minFreeBytes: sizeToBytes(source.min_free ?? mrtDefaults.min_free),
    ...withoutAbsent({
      updates: mapped(updates, (given) => dump(given, given.rotate ?? mrtDefaults.rotate)),
      tables: mapped(tables, (given) => dump(given, given.every ?? mrtDefaults.every)),
    }),
  };
}

function directoryOf(scope: Scope, source: DumpSource, stateDir: string | undefined): string {
  const { directory } = source;
  const place = scope.places.ofValue(source, 'directory');
  if (isAbsolute(directory)) {
    checkFolder(scope, place, 'directory', directory);
    return directory;
  }
  if (stateDir !== undefined) {
    const known = pathBeside(scope.file, stateDir);
    const path = resolve(known, directory);
    checkFolder(scope, place, 'directory', path, resolve(known));
    return path;
  }
  scope.problems.add(
    place,
    `directory: ${directory} is relative to state_dir, and there is none; set state_dir, or write an absolute path`,
  );
  return directory;
}
