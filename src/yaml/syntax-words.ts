import { type Document, type ErrorCode, isScalar, visit, type YAMLError } from 'yaml';
import type { SourceText } from './source.ts';

export interface SyntaxProblem {
  readonly offset: number;
  readonly message: string;
}

/**
 * Adds the syntax errors that the parser found, at the place where an operator would look for them: a quote
 * that is never closed at the opening quote. The parser's quotations are left out, since they may be secret.
 */
export function syntaxProblems(document: Document, source: SourceText): SyntaxProblem[] {
  // The parser only warns of an unknown tag, and the value is used without it.
  const found: YAMLError[] = [...document.errors, ...document.warnings];
  const unclosed = found.findIndex(({ code, message }) => isUnclosedQuote(code, message));
  // Every error after the unclosed quote only follows from it.
  const own = unclosed < 0 ? found : found.slice(0, unclosed + 1);
  return own.map((error) => syntaxProblem(error, document, source));
}

function syntaxProblem(
  { code, message, pos: [at] }: YAMLError,
  document: Document,
  source: SourceText,
): SyntaxProblem {
  const offset = Math.min(at, source.text.length);
  const opening = isUnclosedQuote(code, message) ? quoteAround(document, at) : undefined;
  if (opening !== undefined) return { offset: opening, message: unclosedQuote };
  const known = syntaxMessages[code];
  if (known !== undefined) return { offset, message: known };
  const words = message.split('\n')[0].replace(/:? ["'`].*$/, '');
  const line = source.line(offset);
  return { offset, message: `not YAML: ${words}${patternHint(line) || addressHint(line)}` };
}

export const unknownAnchor = 'not YAML: no anchor with this name is defined above';
const unclosedQuote = 'not YAML: this quote is never closed';

const syntaxMessages: Partial<Record<ErrorCode, string>> = {
  TAB_AS_INDENT: 'not YAML: a tab cannot indent; use spaces',
  BAD_INDENT: 'not YAML: the indentation matches no line above',
  MULTIPLE_DOCS: 'expected one YAML document; a second one begins here',
  BAD_DQ_ESCAPE:
    "not YAML: unknown escape sequence in a quoted text; in '…' a backslash stands for itself",
  TAG_RESOLVE_FAILED: 'unknown tag, which would be ignored; write the value itself',
};

function isUnclosedQuote(code: ErrorCode, message: string): boolean {
  return code === 'MISSING_CHAR' && /^Missing closing .quote/.test(message);
}

/** Returns where the quoted text begins that ends at `end`. */
function quoteAround(document: Document, end: number): number | undefined {
  let found: number | undefined;
  visit(document, (_key, node) => {
    if (!isScalar(node) || node.type?.startsWith('QUOTE_') !== true || !node.range) return;
    const [from, to] = node.range;
    if (from <= end && to >= end) found = from;
  });
  return found;
}

function patternHint(line: string): string {
  return /\/\d+\{\d+,/.test(line) ? '; write a pattern in quotes: "P{min,max}"' : '';
}

/** Returns a hint for a line with an IPv6 address that YAML takes for a list or a map; empty for any other. */
export function addressHint(line: string): string {
  const text = line.replace(/"[^"]*"|'[^']*'|(^|\s)#.*$/g, ' ');
  if (/\[[0-9a-f.:%]*:[0-9a-f.:%]*\]:\d/i.test(text)) {
    return '; write an address with its port in quotes: "[::]:179"';
  }
  const isOpenEnded = /(^|[\s,[{])[0-9a-f:]*::(?=[\s,\]}]|$)/i.test(text);
  return isOpenEnded ? '; write an address that ends in : in quotes: "fe80::"' : '';
}
