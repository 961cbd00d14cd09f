import type { Task } from './slice.ts';

/** The cause of everything that happens now: a number that the owner of the RIB has given to a cause; 0 for none. */
export class Because {
  private current = 0;

  get id(): number {
    return this.current;
  }

  run<Result>(id: number, action: () => Result): Result {
    const before = this.current;
    this.current = id;
    try {
      return action();
    } finally {
      this.current = before;
    }
  }

  /** Returns the task with each of its steps attributed to the present cause. */
  keep(task: Task): Task {
    const id = this.current;
    return id === 0 ? task : { step: (slice) => this.run(id, () => task.step(slice)) };
  }
}
