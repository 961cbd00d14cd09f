import { none, type PathId, type PeerId, type PrefixId } from '#policy/ids.ts';
import type { FamilyTables } from '../family-tables.ts';
import type { Because } from './because.ts';
import type { Slice, Task } from './slice.ts';

/** Visits every path of a peer; those added meanwhile may be missed. */
export function eachPathOf(
  { paths }: FamilyTables,
  peer: PeerId,
  visit: (path: PathId) => void,
): Task {
  let last = none as PathId;
  return {
    step(slice) {
      while (slice.take()) {
        const path = paths.nextOf(peer, last);
        if (path === none) return true;
        last = path;
        visit(path);
      }
      return false;
    },
  };
}

/** Visits every prefix of a family; those added meanwhile may be missed. */
export function eachPrefix({ prefixes }: FamilyTables, visit: (prefix: PrefixId) => void): Task {
  let at = 1;
  return {
    step(slice) {
      for (; at < prefixes.limit; at++) {
        if (!slice.take()) return false;
        if (prefixes.has(at as PrefixId)) visit(at as PrefixId);
      }
      return true;
    },
  };
}

/** Something short that is done when its turn comes. */
export function once(action: () => void): Task {
  return {
    step() {
      action();
      return true;
    },
  };
}

/** Returns the task with something short at its end. */
export function followed(task: Task, action: () => void): Task {
  return {
    step(slice) {
      const isDone = task.step(slice);
      if (isDone) action();
      return isDone;
    },
  };
}

/** One task, and after it others, which are made when it is done. */
export function afterwards(first: Task, makeOthers: () => readonly Task[]): Task {
  let others: readonly Task[] | undefined;
  return {
    step(slice) {
      if (others === undefined && !first.step(slice)) return false;
      others ??= makeOthers();
      while (others.length > 0 && others[0].step(slice)) others = others.slice(1);
      return others.length === 0;
    },
  };
}

/** A task that may be cancelled; when its turn comes, nothing is left to do then. */
export class Walk implements Task {
  private readonly task: Task;
  private isDone = false;

  constructor(task: Task) {
    this.task = task;
  }

  step(slice: Slice): boolean {
    this.isDone ||= this.task.step(slice);
    return this.isDone;
  }

  /** Nothing more will be done. */
  cancel(): void {
    this.isDone = true;
  }
}

/**
 * Tasks in the order given. Each is finished before the next one begins, and is attributed to the cause for which it
 * was queued.
 */
export class TaskQueue implements Task {
  private readonly because: Because;
  private readonly tasks: Task[] = [];

  constructor(because: Because) {
    this.because = because;
  }

  push(task: Task): void {
    this.tasks.push(this.because.keep(task));
  }

  get isEmpty(): boolean {
    return this.tasks.length === 0;
  }

  step(slice: Slice): boolean {
    while (!this.isEmpty) {
      if (!this.tasks[0].step(slice)) return false;
      this.tasks.shift();
    }
    return true;
  }
}
