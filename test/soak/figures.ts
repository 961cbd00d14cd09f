/** What a soak run measured. It is printed for people, and judged by ratios, because machines differ. */
export class Figures {
  readonly rows: (readonly [name: string, value: string])[] = [];
  readonly faults: string[] = [];
  private readonly judgesTime: boolean;

  /** `judgesTime` is false beside other tests, which take cores from the daemon. */
  constructor({ judgesTime }: { judgesTime: boolean }) {
    this.judgesTime = judgesTime;
  }

  note(name: string, value: number | string, unit = ''): void {
    const text = typeof value === 'number' ? rounded(value) : value;
    this.rows.push([name, unit === '' ? text : `${text} ${unit}`]);
  }

  /** A fault unless it holds. */
  demand(what: string, holds: boolean): void {
    if (!holds) this.faults.push(what);
  }

  /** As `demand`, for what depends on how fast things are. */
  demandInTime(what: string, holds: boolean): void {
    this.demand(what, holds || !this.judgesTime);
  }
}

/** A quantity over time, which is expected to stay level. */
export class Series {
  readonly values: number[] = [];

  add(value: number): void {
    this.values.push(value);
  }

  /** Returns ten of its values, in order. */
  get text(): string {
    const step = Math.max(1, Math.floor(this.values.length / 10));
    const some = this.values.filter((_, at) => at % step === step - 1);
    return some.map((value) => value.toFixed(0)).join(' ');
  }

  get last(): number {
    return this.values.at(-1) ?? 0;
  }

  get highest(): number {
    return Math.max(...this.values);
  }

  /** The slope of the last two thirds by least squares, for each sample. */
  get slope(): number {
    const level = this.level;
    const mean = average(level);
    const middle = (level.length - 1) / 2;
    const up = level.reduce((sum, value, at) => sum + (at - middle) * (value - mean), 0);
    const across = level.reduce((sum, _, at) => sum + (at - middle) ** 2, 0);
    return across === 0 ? 0 : up / across;
  }

  /** The ratio of the last third to the middle one. */
  get lateToEarly(): number {
    return this.late / this.early;
  }

  /** Demands that MiB do not grow by more than a part of it, or by what V8 adds to its heap at a time. */
  isLevel(part: number): boolean {
    return this.late < this.early + Math.max(this.early * part, stepMib);
  }

  private get early(): number {
    const { level } = this;
    return average(level.slice(0, Math.floor(level.length / 2)));
  }

  private get late(): number {
    const { level } = this;
    return average(level.slice(Math.floor(level.length / 2)));
  }

  /** The first third is left out, because a process that has just begun grows. */
  private get level(): number[] {
    return this.values.slice(Math.floor(this.values.length / 3));
  }
}

const stepMib = 32;

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1);
}

function rounded(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(4);
}
