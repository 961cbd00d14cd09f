import type { ConfigProblem } from '#api/problem.ts';
import { printable, printableLines } from '#text/printable.ts';

/**
 * Returns `file:line:column: message`, as compilers write it and editors read it, with the source line and a
 * caret below.
 */
export function problemLines(problems: readonly ConfigProblem[]): string[] {
  return problems.flatMap(({ file, line, column, message, excerpt }) => {
    const place = line > 0 ? `${file}:${line}:${column}` : file;
    const head = printable(`${place}: ${message}`);
    return [head, ...(excerpt === undefined ? [] : [printableLines(excerpt)])];
  });
}
