import type { Make } from '../daemons/contender.ts';
import type { Results } from './results.ts';
import type { Row, Target } from './rows.ts';

/** A row of the table with its figures, which are medians of the rounds. */
export interface Verdict {
  readonly row: Row;
  readonly figures: ReadonlyMap<Make, number>;
  /** Our figure divided by the least of the others. */
  readonly ratio?: number;
  /** Absent where there is no target, or nothing to compare with. */
  readonly isMet?: boolean;
}

export function verdictOf(row: Row, results: Results, makes: readonly Make[]): Verdict {
  const figures = new Map<Make, number>();
  for (const make of makes) {
    const figure = results.figure(row.trial, make, row.phase, row.figure);
    if (figure !== undefined) figures.set(make, figure);
  }
  const ours = figures.get('fingerpost');
  const others = [...figures].filter(([make]) => make !== 'fingerpost');
  const best = Math.min(...others.map(([, figure]) => figure));
  const ratio = ours === undefined || others.length === 0 || best === 0 ? undefined : ours / best;
  const ofOther = ownFigure(row, results);
  const isMet = ours === undefined ? undefined : meets(row.target, ours, best, figures, ofOther);
  return {
    row,
    figures,
    ...(ratio === undefined ? {} : { ratio }),
    ...(isMet === undefined ? {} : { isMet }),
  };
}

/** Returns our figure of the other trial to which the target refers. */
function ownFigure({ target, phase, figure }: Row, results: Results): number | undefined {
  if (target?.kind !== 'timesOwn') return undefined;
  return results.figure(target.trial, 'fingerpost', phase, figure);
}

export function targetText(target: Target | undefined): string {
  switch (target?.kind) {
    case undefined:
      return '';
    case 'timesBest':
      return `≤ ${target.factor}×`;
    case 'plus':
      return `≤ ${target.make} + ${target.amount}`;
    case 'timesOwn':
      return `≤ ${target.factor}× ${target.trial}`;
    case 'atMost':
      return `≤ ${target.amount}`;
  }
}

function meets(
  target: Target | undefined,
  ours: number,
  best: number,
  figures: ReadonlyMap<Make, number>,
  other: number | undefined,
): boolean | undefined {
  switch (target?.kind) {
    case undefined:
      return undefined;
    case 'timesBest':
      return best === Infinity ? undefined : ours <= best * target.factor;
    case 'plus': {
      const theirs = figures.get(target.make);
      return theirs === undefined ? undefined : ours <= theirs + target.amount;
    }
    case 'timesOwn':
      return other === undefined ? undefined : ours <= other * target.factor;
    case 'atMost':
      return ours <= target.amount;
  }
}
