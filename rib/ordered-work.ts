import type { Because } from './because.ts';
import type { FamilyRib } from './family-rib.ts';
import { Slice } from './slice.ts';
import { once, type Task, TaskQueue } from './task.ts';

/** Rows of a change of settings that are done in a slice while the network's news waits. */
const rowsBesideNews = 256;

/**
 * Long work that a change has ordered, in slices: paths that go, and what the settings want otherwise. Each is done for
 * the cause that it was ordered for.
 */
export class OrderedWork {
  private readonly families: readonly FamilyRib[];
  /** What takes paths out: it comes before everything else, whatever a reload has ordered. */
  private readonly losses: TaskQueue;
  private readonly tasks: TaskQueue;

  constructor(families: readonly FamilyRib[], because: Because) {
    this.families = families;
    this.losses = new TaskQueue(because);
    this.tasks = new TaskQueue(because);
  }

  /** Every path is judged and decided as the present settings want it. */
  get isEmpty(): boolean {
    return this.losses.isEmpty && this.tasks.isEmpty;
  }

  /** Orders what takes paths out. */
  pushLoss(task: Task): void {
    this.losses.push(task);
  }

  /** Orders what a change of settings wants. */
  push(task: Task): void {
    this.tasks.push(task);
  }

  /** Queues tasks that bring the best paths up to ranks that have changed already. */
  whileUnsettled(queueTasks: () => void): void {
    for (const { tables } of this.families) tables.locRib.unsettled++;
    queueTasks();
    this.tasks.push(
      once(() => {
        for (const { tables } of this.families) tables.locRib.unsettled--;
      }),
    );
  }

  /** A slice of it: about `budget` prefixes of each kind. */
  step(budget: number, isLate: () => boolean): void {
    if (!this.losses.isEmpty) this.losses.step(new Slice(budget, isLate));
    if (!this.tasks.isEmpty) this.stepTasks(budget, isLate);
  }

  /** Nothing that was ordered may keep the network's news waiting, nor be kept waiting for ever. */
  private stepTasks(budget: number, isLate: () => boolean): void {
    const isUrgent =
      !this.losses.isEmpty || this.families.some(({ outbound }) => outbound.isUrgent);
    const slice = new Slice(isUrgent ? Math.min(budget, rowsBesideNews) : budget, isLate);
    let work = (): void => void this.tasks.step(slice);
    for (const { outbound } of this.families) {
      const inner = work;
      work = () => outbound.behind(inner);
    }
    work();
  }
}
