import type { PathId, PrefixId } from './ids.ts';
import type { Tables } from './tables.ts';

/** Work that is cut in slices. `step` does about `rows` rows of it and says whether any is left. */
export interface Task {
  step(rows: number): boolean;
}

/** Visits every path of a family for which `visit` has a use; rows added meanwhile may be missed. */
export function eachPath(tables: Tables, visit: (path: PathId) => void): Task {
  let at = 1;
  return {
    step(rows) {
      const end = Math.min(tables.paths.limit, at + rows);
      for (; at < end; at++) if (tables.paths.peer(at as PathId) !== 0) visit(at as PathId);
      return at < tables.paths.limit;
    },
  };
}

/** Visits every prefix of a family; those added meanwhile may be missed. */
export function eachPrefix(tables: Tables, visit: (prefix: PrefixId) => void): Task {
  let at = 1;
  return {
    step(rows) {
      const end = Math.min(tables.prefixes.limit, at + rows);
      for (; at < end; at++) if (tables.prefixes.has(at as PrefixId)) visit(at as PrefixId);
      return at < tables.prefixes.limit;
    },
  };
}

/** Something short to be done when its turn comes. */
export function once(action: () => void): Task {
  return {
    step() {
      action();
      return false;
    },
  };
}

/** Tasks in the order given; each is done before the next is begun. */
export class TaskQueue {
  private readonly tasks: Task[] = [];

  push(task: Task): void {
    this.tasks.push(task);
  }

  get isEmpty(): boolean {
    return this.tasks.length === 0;
  }

  /** A slice of the first one. */
  step(rows: number): void {
    const [task] = this.tasks;
    if (task !== undefined && !task.step(rows)) this.tasks.shift();
  }

  /** All of it, at once. */
  finish(): void {
    while (!this.isEmpty) this.step(Infinity);
  }
}
