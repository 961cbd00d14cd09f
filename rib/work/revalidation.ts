import { none, type PathId, type PrefixId } from '#policy/ids.ts';
import type { AsksFor } from '#policy/judge.ts';
import type { ValidationChange } from '#policy/validation.ts';
import type { FamilyRib } from '../family-rib.ts';
import type { PeerTable } from '../peer-table.ts';
import type { AttrTable } from '../tables/attr-table.ts';
import { scratchPrefix } from '../tables/prefix-table.ts';
import type { Task } from './slice.ts';
import { afterwards, eachPrefix } from './task.ts';

/** What a revalidation uses besides the tables of one family. */
export interface RevalidationParts {
  readonly attrs: AttrTable;
  readonly change: ValidationChange;
  readonly peers: PeerTable;
}

/**
 * Returns a task that judges again, and exports again, what a change of validated data may affect: paths of peers whose
 * import policy uses it, and prefixes for which an export policy uses it. `undefined` if no policy does.
 */
export function revalidating(rib: FamilyRib, parts: RevalidationParts): Task | undefined {
  const { change, peers } = parts;
  const judged = peers
    .all()
    .filter(({ settings }) => isConcerned(settings.importJudge.asksFor, change));
  const isShared = peers
    .all()
    .some(({ settings }) => isConcerned(settings.exportJudge?.asksFor, change));
  if (judged.length === 0 && !isShared) return undefined;
  const words = scratchPrefix(rib.tables.family);
  const walk = eachPrefix(rib.tables, (prefix) => {
    const isTouched = change.touchesPrefix(rib.tables.prefixes.read(prefix, words));
    if (judged.length > 0) judgeAgain(rib, parts, prefix, isTouched);
    if (isShared && isTouched) shareAgain(rib, prefix);
  });
  return afterwards(walk, () =>
    judged.flatMap(({ id }) => {
      // It may have been removed meanwhile.
      const peer = peers.find(id);
      return peer === undefined ? [] : [rib.adjRibIn.waiting.admitting(peer)];
    }),
  );
}

function isConcerned(asksFor: AsksFor | undefined, change: ValidationChange): boolean {
  if (asksFor === undefined) return false;
  return (asksFor.origins && change.changesOrigins) || (asksFor.paths && change.changesPaths);
}

function judgeAgain(
  { tables, adjRibIn }: FamilyRib,
  { attrs, change, peers }: RevalidationParts,
  prefix: PrefixId,
  isTouched: boolean,
): void {
  const { paths } = tables;
  // A path that is now refused may be removed.
  for (let path = paths.first(prefix), next: PathId; path !== none; path = next) {
    next = paths.next(path);
    const source = peers.find(paths.peer(path));
    const asksFor = source?.settings.importJudge.asksFor;
    if (source === undefined || asksFor === undefined) continue;
    const isConcernedPath =
      (asksFor.origins && isTouched) ||
      (asksFor.paths &&
        change.changesPaths &&
        change.touchesPath(attrs.read(paths.received(path)).asPath));
    if (isConcernedPath) adjRibIn.rejudge(source, path);
  }
}

function shareAgain({ tables }: FamilyRib, prefix: PrefixId): void {
  tables.dirty.add(prefix);
  tables.locRib.everyChange?.add(prefix);
}
