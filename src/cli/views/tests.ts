import type { ExplainView } from '#api/views/explain.ts';
import type { Failure } from '#testing/expectations.ts';
import type { FileResult, TimedResult } from '#testing/run-tests.ts';
import { printable } from '#text/printable.ts';
import { plural } from '#words/text.ts';
import type { Cli } from '../cli-parts.ts';
import { problemLines } from '../problems.ts';
import { explainText } from './explain.ts';

/** Returns a line for each case; below a failed one, what was expected, what happened, and why. */
export function testText(cli: Cli, results: readonly FileResult[]): string {
  const parts = results.map((result) => fileText(cli, result));
  return [...parts, summary(cli, results)].join('\n\n');
}

function fileText(cli: Cli, result: FileResult): string {
  const head = cli.style.strong(printable(result.file));
  if ('problems' in result) return [head, ...problemLines(result.problems)].join('\n');
  return [head, ...result.cases.map((one) => caseText(cli, one))].join('\n');
}

function caseText(cli: Cli, { name, failures }: TimedResult): string {
  const title = printable(name);
  if (failures.length === 0) return `  ${cli.style.good('ok')}      ${title}`;
  return [
    `  ${cli.style.bad('FAILED')}  ${title}`,
    ...failures.map((one) => failureText(cli, one)),
  ].join('\n');
}

function failureText(cli: Cli, { place, subject, differences, explain }: Failure): string {
  const { file, line, column } = place;
  const width = Math.max(...differences.map(({ what }) => what.length));
  const rows = differences.flatMap(({ what, expected, actual }) => [
    `${what.padEnd(width)}  expected  ${cli.style.good(expected)}`,
    `${''.padEnd(width)}  got       ${cli.style.bad(actual)}`,
  ]);
  const why =
    explain === undefined ? [] : ['', ...explainText(cli, briefly(explain)).split('\n'), ''];
  const inner = [...rows, ...why].map((text) => `      ${text}`.trimEnd());
  return [`    ${printable(`${file}:${line}:${column}: ${subject}`)}`, ...inner].join('\n');
}

/** Leaves out the clients that no path for the prefix can ever reach. */
function briefly(view: ExplainView): ExplainView {
  if (view.best === undefined) return { ...view, exports: [] };
  return {
    ...view,
    exports: view.exports.filter(({ reason }) => reason !== 'family_not_negotiated'),
  };
}

function summary({ style }: Cli, results: readonly FileResult[]): string {
  const cases = results.flatMap((result) => ('cases' in result ? result.cases : []));
  const failed = cases.filter(({ failures }) => failures.length > 0).length;
  const broken = results.filter((result) => 'problems' in result).length;
  const parts = [
    style.good(`${plural(cases.length - failed, 'case')} passed`),
    ...(failed > 0 ? [style.bad(`${failed} failed`)] : []),
    ...(broken > 0 ? [style.bad(`${plural(broken, 'file')} with errors`)] : []),
  ];
  return parts.join(', ');
}
