import { Problem } from './problem.ts';

/** Does something for one client at a time; other clients are asked to try again. */
export class OneAtATime {
  private isBusy = false;

  async run<Value>(what: string, work: () => Promise<Value>): Promise<Value> {
    if (this.isBusy) {
      throw new Problem(
        429,
        'rate_limit',
        `another ${what} is being computed; try again in a moment`,
      );
    }
    this.isBusy = true;
    try {
      return await work();
    } finally {
      this.isBusy = false;
    }
  }
}
