import type { ConfigProblem } from '#api/problem.ts';
import { printable, printableLines } from '#text/printable.ts';

/** `file:line:column: message`, as compilers write and editors read, the source line and a caret below. */
export function problemLines(problems: readonly ConfigProblem[]): string[] {
  return problems.flatMap(({ file, line, column, message, excerpt }) => {
    const place = line > 0 ? `${file}:${line}:${column}` : file;
    const head = printable(`${place}: ${message}`);
    return [head, ...(excerpt === undefined ? [] : [printableLines(excerpt)])];
  });
}
