import type { FamilyRib } from '../family-rib.ts';
import type { Because } from './because.ts';
import { Slice, type Task } from './slice.ts';
import { once, TaskQueue } from './task.ts';

/** The rows of a change of settings that are done in one slice while changes from the network wait. */
const rowsBesideNews = 256;

/**
 * Long work that a change has queued, in slices: paths to remove, and what new settings require. Each task is
 * attributed to the cause for which it was queued.
 */
export class OrderedWork {
  private readonly families: readonly FamilyRib[];
  /** Tasks that remove paths: they come before everything else, whatever a reload has queued. */
  private readonly losses: TaskQueue;
  private readonly tasks: TaskQueue;
  private hasLost = false;

  constructor(families: readonly FamilyRib[], because: Because) {
    this.families = families;
    this.losses = new TaskQueue(because);
    this.tasks = new TaskQueue(because);
  }

  /** Whether every path has been judged and decided by the present settings. */
  get isEmpty(): boolean {
    return this.losses.isEmpty && this.tasks.isEmpty;
  }

  /** Queues a task that removes paths. */
  pushLoss(task: Task): void {
    this.losses.push(task);
    this.hasLost = true;
  }

  /** Queues a task that a change of settings requires. */
  push(task: Task): void {
    this.tasks.push(task);
  }

  /** Queues tasks that adapt the best paths to ranks that have already changed. */
  whileUnsettled(queueTasks: () => void): void {
    for (const { tables } of this.families) tables.locRib.unsettled++;
    queueTasks();
    this.tasks.push(
      once(() => {
        for (const { tables } of this.families) tables.locRib.unsettled--;
      }),
    );
  }

  /** Does a slice of it: about `budget` prefixes of each kind. */
  step(budget: number, isLate: () => boolean): void {
    if (!this.losses.isEmpty) this.losses.step(new Slice(budget, isLate));
    if (!this.tasks.isEmpty) this.stepTasks(budget, isLate);
  }

  /** Whether paths were lost, and what follows from that has not been advertised yet. */
  get isLosing(): boolean {
    return this.hasLost && this.isUrgent;
  }

  /** To be called after each slice. */
  endSlice(): void {
    this.hasLost &&= this.isUrgent;
  }

  private get isUrgent(): boolean {
    return !this.losses.isEmpty || this.families.some(({ outbound }) => outbound.isUrgent);
  }

  /** No queued task may keep changes from the network waiting, nor be kept waiting forever. */
  private stepTasks(budget: number, isLate: () => boolean): void {
    const slice = new Slice(this.isUrgent ? Math.min(budget, rowsBesideNews) : budget, isLate);
    let work = (): void => void this.tasks.step(slice);
    for (const { outbound } of this.families) {
      const inner = work;
      work = () => outbound.behind(inner);
    }
    work();
  }
}
