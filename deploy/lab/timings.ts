import { type RouteServerName, routeServers } from './plan.ts';
import { textTable } from './text-table.ts';

/** What one event took through one route server. */
export interface Taken {
  readonly seconds: number;
  /** Requests that nobody answered; `undefined`: not counted. */
  readonly lost?: number;
}

interface Row {
  readonly event: string;
  /** The seconds by which timers may differ between two runs of the same event: health check, KEEPALIVE, retry. */
  readonly luckSec: number;
  readonly taken: Map<RouteServerName, Taken[]>;
}

/** Allows for two readings of one clock on a busy machine. */
const toleranceSec = 0.1;

/** A table of events by route server; of several runs the median counts. */
export class Timings {
  readonly title: string;
  private readonly rows: Row[] = [];

  constructor(title: string) {
    this.title = title;
  }

  get isEmpty(): boolean {
    return this.rows.length === 0;
  }

  add(event: string, luckSec: number, name: RouteServerName, taken: Taken): void {
    const row = this.rows.find((each) => each.event === event) ?? this.addRow(event, luckSec);
    row.taken.set(name, [...(row.taken.get(name) ?? []), taken]);
  }

  /** Returns the rows in which fingerpost was later than the quickest of the others by more than chance. */
  slower(): string[] {
    return this.rows.flatMap((row) => {
      const seconds = ({ name }: { name: RouteServerName }) => secondsOf(row, name);
      const ours = seconds(ourselves);
      const others = routeServers.filter((each) => each !== ourselves).map(seconds);
      const best = Math.min(...others.filter((each) => each !== undefined));
      if (ours === undefined) return [`${row.event}: RS9 missing`];
      const isSlower = ours > best + row.luckSec + toleranceSec;
      return isSlower ? [`${row.event}: RS9 ${text(ours)} s, best ${text(best)} s`] : [];
    });
  }

  toString(): string {
    const head = ['', ...routeServers.map(({ name, make }) => `${name} ${make}`), 'chance'];
    const rows = this.rows.map((row) => [
      row.event,
      ...routeServers.map(({ name }) => cell(row.taken.get(name))),
      row.luckSec === 0 ? '' : `±${row.luckSec} s`,
    ]);
    return `${this.title}\n${textTable([head, ...rows])}`;
  }

  private addRow(event: string, luckSec: number): Row {
    const row: Row = { event, luckSec, taken: new Map() };
    this.rows.push(row);
    return row;
  }
}

const ourselves = routeServers[2];

function cell(taken: readonly Taken[] | undefined): string {
  if (taken === undefined) return '-';
  const seconds = text(median(taken.map((each) => each.seconds)));
  const lost = taken.flatMap((each) => each.lost ?? []);
  return lost.length === 0 ? seconds : `${seconds} (${median(lost)} lost)`;
}

function secondsOf(row: Row, name: RouteServerName): number | undefined {
  const taken = row.taken.get(name);
  return taken === undefined ? undefined : median(taken.map(({ seconds }) => seconds));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function text(seconds: number): string {
  return seconds.toFixed(seconds < 1 ? 3 : 2);
}
