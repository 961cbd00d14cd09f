import type { Make } from './daemons/candidate.ts';
import type { Result } from './play.ts';

/** The results of the suite, daemon by daemon; every list is in the order of the suite. */
export type Played = ReadonlyMap<Make, readonly Result[]>;

/** One line for each case, one column for each daemon. */
export function matrixText(played: Played): string {
  const makes = [...played.keys()];
  const rows = rowsOf(played);
  const width = Math.max(...makes.map((make) => make.length), marks.length) + 2;
  const cells = (words: readonly string[]): string =>
    words.map((word) => word.padEnd(width)).join('');
  const lines: string[] = [];
  for (const [at, results] of rows.entries()) {
    const { group, name, clause } = results[0].row;
    if (group !== rows.at(at - 1)?.[0].row.group || at === 0) {
      lines.push('', `${cells(makes)}${group}`, '');
    }
    lines.push(`${cells(results.map(mark))}${name} [${clause}]`);
  }
  return lines.join('\n');
}

/**
 * What was wanted and what was seen, where they differ; `data` means that the NOTIFICATION is the same but its data is
 * not.
 */
export function differencesText(played: Played): string {
  const lines: string[] = [];
  for (const [make, results] of played) {
    for (const { row, verdict, seen } of results) {
      if (verdict !== 'differs') continue;
      lines.push('', `${make}: ${row.group}: ${row.name} [${row.clause}]`);
      lines.push(`  wanted ${row.want}`, `  seen   ${seen}`);
    }
  }
  return lines.join('\n');
}

/** Counts, a line a daemon. */
export function summaryText(played: Played): string {
  return [...played]
    .map(([make, results]) => {
      const count = (wanted: string): number =>
        results.filter((result) => mark(result) === wanted).length;
      const of = marks.map((each) => `${String(count(each)).padStart(4)} ${each}`);
      return `${make.padEnd(12)}${of.join(', ')}`;
    })
    .join('\n');
}

/** Cases in which we stand alone: another daemon was asked, and none does as we do. */
export function aloneText(played: Played): string {
  const alone = rowsOf(played).filter((results) => {
    const others = results.slice(1).filter(({ verdict }) => verdict !== 'n/a');
    return others.length > 0 && others.every(({ verdict }) => verdict === 'differs');
  });
  return alone
    .map((results) => {
      const { group, name, clause, want } = results[0].row;
      const others = [...played.keys()].slice(1).map((make, at) => {
        return `  ${make.padEnd(10)} ${results[at + 1].seen}`;
      });
      return [`${group}: ${name} [${clause}]`, `  we         ${want}`, ...others].join('\n');
    })
    .join('\n');
}

const marks = ['pass', 'data', 'differs', 'n/a'] as const;

function mark({ row, verdict, seen }: Result): string {
  return verdict === 'differs' && withoutData(seen) === withoutData(row.want) ? 'data' : verdict;
}

function withoutData(text: string): string {
  return text.replace(/(NOTIFICATION \d+\/\d+) [0-9a-f]+/, '$1');
}

/** The results by case, in the order of the daemons. */
function rowsOf(played: Played): Result[][] {
  const columns = [...played.values()];
  return (columns.at(0) ?? []).map((_, at) => columns.map((results) => results[at]));
}
