import type { PathId, PeerId, PrefixId } from '#policy/ids.ts';
import { none } from '#policy/ids.ts';
import type { Tables } from './tables/tables.ts';

/** Work that is cut in slices. */
export interface Task {
  /** Does about `rows` rows of it. Returns how many it did; fewer than asked: nothing is left. */
  step(rows: number): number;
}

/** Visits every path of a peer; those added meanwhile may be missed. */
export function eachPathOf({ paths }: Tables, peer: PeerId, visit: (path: PathId) => void): Task {
  let last = none as PathId;
  return {
    step(rows) {
      for (let done = 0; done < rows; done++) {
        const path = paths.nextOf(peer, last);
        if (path === none) return done;
        last = path;
        visit(path);
      }
      return rows;
    },
  };
}

/** Visits every prefix of a family; those added meanwhile may be missed. */
export function eachPrefix({ prefixes }: Tables, visit: (prefix: PrefixId) => void): Task {
  let at = 1;
  return {
    step(rows) {
      const from = at;
      const end = Math.min(prefixes.limit, from + rows);
      for (; at < end; at++) if (prefixes.has(at as PrefixId)) visit(at as PrefixId);
      return at - from;
    },
  };
}

/** Something short to be done when its turn comes. */
export function once(action: () => void): Task {
  return {
    step() {
      action();
      return 0;
    },
  };
}

/** The task, and at its end something short. */
export function followed(task: Task, action: () => void): Task {
  return {
    step(rows) {
      const done = task.step(rows);
      if (done < rows) action();
      return done;
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

  /** A slice. */
  step(rows: number): void {
    let left = rows;
    while (left > 0 && !this.isEmpty) {
      const done = this.tasks[0].step(left);
      if (done >= left) return;
      this.tasks.shift();
      left -= done;
    }
  }

  /** All of it, at once. */
  finish(): void {
    this.step(Infinity);
  }
}
