import { type AttrsId, none } from '#policy/ids.ts';
import type { Rib } from '#rib/rib.ts';
import {
  type FollowedTable,
  followedTables,
  type GoneRoute,
  RouteChanges,
} from '#rib/route-changes.ts';
import { RibView } from '#rib/view.ts';
import { families, type Family } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';
import { canonical } from '../policy/given.ts';
import { prefixText } from './router-table.ts';

/** A copy of the tables that is made only from the reported changes since the beginning. */
export class RouteFollower {
  private readonly view: RibView;
  private readonly changes: RouteChanges;
  private readonly known = new Map<string, string>();

  constructor(rib: Rib) {
    this.view = new RibView(rib);
    this.changes = new RouteChanges(this.view, new Set(followedTables), (route) =>
      this.forget(route),
    );
    rib.setMonitor(this.changes);
  }

  /** The maximum of changes that are read from each table. */
  take(most = Infinity): void {
    for (const { family } of families) {
      const view = this.view.families[family];
      for (let taken = 0; taken < most; taken++) {
        const received = this.changes.takePath('received', family);
        const accepted = this.changes.takePath('accepted', family);
        const prefix = this.changes.takePrefix(family);
        if (received === none && accepted === none && prefix === none) break;
        if (received !== none) this.learn('received', family, received, view.received(received));
        if (accepted !== none) this.learn('accepted', family, accepted, view.accepted(accepted));
        if (prefix !== none) this.learnBest(family, prefix);
      }
    }
  }

  /** Throws if the copy differs from the tables. */
  check(): void {
    const [given, wanted] = [lines(this.known), this.tablesText];
    if (given === wanted) return;
    throw new Error(`routes that were followed:\n  given  ${given}\n  wanted ${wanted}`);
  }

  /** Returns one line for each route of the present tables, sorted. */
  private get tablesText(): string {
    const other = new Map<string, string>();
    for (const view of this.view.families) {
      for (const path of view.everyPath()) {
        const [received, accepted] = [view.received(path), view.accepted(path)];
        const isGood = !this.view.isMalformed(received);
        if (isGood) other.set(this.keyOfPath('received', view.family, path), this.textOf(received));
        if (accepted === none) continue;
        other.set(this.keyOfPath('accepted', view.family, path), this.textOf(accepted));
      }
      for (const prefix of view.decidedPrefixes()) {
        const key = keyOf('best', view.prefix(prefix), 0, 0);
        other.set(key, this.textOf(view.accepted(view.best(prefix))));
      }
    }
    return lines(other);
  }

  private learn(table: FollowedTable, family: Family, path: PathOf, attrs: AttrsId): void {
    this.known.set(this.keyOfPath(table, family, path), this.textOf(attrs));
  }

  private learnBest(family: Family, prefix: PrefixOf): void {
    const view = this.view.families[family];
    const key = keyOf('best', view.prefix(prefix), 0, 0);
    this.known.set(key, this.textOf(view.accepted(view.best(prefix))));
  }

  private forget({ table, family, prefix, peer, pathId }: GoneRoute): void {
    this.known.delete(keyOf(table, this.view.families[family].prefix(prefix), peer, pathId));
  }

  private keyOfPath(table: FollowedTable, family: Family, path: PathOf): string {
    const view = this.view.families[family];
    const prefix = view.prefix(view.prefixOf(path));
    return keyOf(table, prefix, view.peerOf(path), view.pathIdOf(path));
  }

  private textOf(attrs: AttrsId): string {
    return canonical(this.view.attributes(attrs));
  }
}

type PathOf = ReturnType<RouteChanges['takePath']>;
type PrefixOf = ReturnType<RouteChanges['takePrefix']>;

function keyOf(table: FollowedTable, prefix: Prefix, peer: number, pathId: number): string {
  return `${table} ${prefixText(prefix)} ${peer}#${pathId}`;
}

function lines(routes: ReadonlyMap<string, string>): string {
  return [...routes]
    .map(([key, text]) => `${key} ${text}`)
    .toSorted()
    .join('\n');
}
