/** What a soak run measured: printed for people, judged by ratios, for machines differ. */
export class Figures {
  readonly rows: (readonly [name: string, value: string])[] = [];
  readonly faults: string[] = [];
  private readonly judgesTime: boolean;

  /** `judgesTime`: not beside other tests, which take the daemon its cores. */
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

  /** As `demand`, of what depends on how fast things go. */
  demandInTime(what: string, holds: boolean): void {
    this.demand(what, holds || !this.judgesTime);
  }
}

/** A quantity over time, to be judged for staying level. */
export class Series {
  readonly values: number[] = [];

  add(value: number): void {
    this.values.push(value);
  }

  /** Ten values of it, in order. */
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

  /** Of the last two thirds, by least squares, a sample. */
  get slope(): number {
    const level = this.level;
    const mean = average(level);
    const middle = (level.length - 1) / 2;
    const up = level.reduce((sum, value, at) => sum + (at - middle) * (value - mean), 0);
    const across = level.reduce((sum, _, at) => sum + (at - middle) ** 2, 0);
    return across === 0 ? 0 : up / across;
  }

  /** The last third against the middle one. */
  get lateToEarly(): number {
    return this.late / this.early;
  }

  /** MiB that do not grow by more than a part of it, or by what V8 adds to its heap at a time. */
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

  /** Without the first third: a process that has just begun grows. */
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
