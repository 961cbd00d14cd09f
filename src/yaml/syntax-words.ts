import { type Document, type ErrorCode, isScalar, visit, type YAMLError } from 'yaml';
import type { SourceText } from './source.ts';

export interface SyntaxProblem {
  readonly offset: number;
  readonly message: string;
}

/**
 * Returns the syntax errors that the parser found, at the place where an operator would look for them: a quote
 * that is never closed at the opening quote. The parser's quotations are left out, since they may be secret, and so are
 * errors that only follow from another.
 */
export function syntaxProblems(document: Document, source: SourceText): SyntaxProblem[] {
  // The parser only warns of an unknown tag, and the value is used without it.
  const found: YAMLError[] = [...document.errors, ...document.warnings];
  const unclosed = found.findIndex(({ code, message }) => isUnclosedQuote(code, message));
  // Every error after the unclosed quote only follows from it.
  const own = unclosed < 0 ? found : found.slice(0, unclosed + 1);
  return withoutConsequences(own, source).map((error) => syntaxProblem(error, document, source));
}

/**
 * Once the structure of a file is broken, the parser also misreads what comes next: only the first error of a line
 * counts, and none about structure on the lines behind it, up to the first one without an error.
 */
function withoutConsequences(errors: readonly YAMLError[], source: SourceText): YAMLError[] {
  const lineOf = ({ pos: [at] }: YAMLError) => source.position(at).line;
  let last = -Infinity;
  return errors
    .toSorted((left, right) => left.pos[0] - right.pos[0])
    .filter((error) => {
      const line = lineOf(error);
      const follows = line === last || (line === last + 1 && consequences.has(error.code));
      last = line;
      return !follows;
    });
}

const consequences: ReadonlySet<ErrorCode> = new Set([
  'BAD_INDENT',
  'BLOCK_AS_IMPLICIT_KEY',
  'BLOCK_IN_FLOW',
  'MISSING_CHAR',
  'MULTILINE_IMPLICIT_KEY',
  'UNEXPECTED_TOKEN',
]);

function syntaxProblem(
  { code, message, pos: [at] }: YAMLError,
  document: Document,
  source: SourceText,
): SyntaxProblem {
  const offset = Math.min(at, source.text.length);
  const opening = isUnclosedQuote(code, message) ? quoteAround(document, at) : undefined;
  if (opening !== undefined) return { offset: opening, message: unclosedQuote };
  const line = source.line(offset);
  const { column } = source.position(offset);
  const words =
    structureWords(code, message, line, column) ??
    syntaxMessages[code] ??
    `not YAML: ${message.split('\n')[0].replace(/:? ["'`].*$/, '')}`;
  return { offset, message: `${words}${patternHint(line) || addressHint(line)}` };
}

/** Returns in words what is wrong with the structure around a place; `undefined` for any other error. */
function structureWords(
  code: ErrorCode,
  message: string,
  line: string,
  column: number,
): string | undefined {
  switch (code) {
    case 'BAD_INDENT':
      return message.startsWith('Flow ') ? 'not YAML: a { or [ above is never closed' : indentWords;
    case 'BLOCK_AS_IMPLICIT_KEY':
      if (message.startsWith('A block')) return indentWords;
      return /^[^"'#]*:(\s|$)/.test(line.slice(column - 1))
        ? 'not YAML: a value that contains a colon needs quotes'
        : 'not YAML: the next line is indented further, although this key already has a value';
    case 'BLOCK_IN_FLOW':
      return 'not YAML: a comma or a quote is missing within { } or [ ]';
    case 'MULTILINE_IMPLICIT_KEY':
      return keyWords;
    case 'MISSING_CHAR':
      return message.startsWith('Implicit map keys') ? keyWords : undefined;
    case 'UNEXPECTED_TOKEN':
      return /^[\]}]/.test(line.slice(column - 1))
        ? 'not YAML: this closes nothing; remove it'
        : undefined;
    default:
      return undefined;
  }
}

export const unknownAnchor = 'not YAML: no anchor with this name is defined above';
const unclosedQuote = 'not YAML: this quote is never closed';
const indentWords = 'not YAML: the indentation matches no line above';
const keyWords = 'not YAML: expected a key and its value, with a colon and a space between';

const syntaxMessages: Partial<Record<ErrorCode, string>> = {
  TAB_AS_INDENT: 'not YAML: a tab cannot indent; use spaces',
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
  return /\/\d+\{\d+,/.test(withoutQuoted(line)) ? '; write a pattern in quotes: "P{min,max}"' : '';
}

/** Returns a hint for a line with an IPv6 address that YAML takes for a list or a map; empty for any other. */
export function addressHint(line: string): string {
  const text = withoutQuoted(line);
  if (/\[[0-9a-f.:%]*:[0-9a-f.:%]*\]:\d/i.test(text)) {
    return '; write an address with its port in quotes, such as "[::]:179"';
  }
  const isOpenEnded = /(^|[\s,[{])[0-9a-f:]*::(?=[\s,\]}]|$)/i.test(text);
  return isOpenEnded ? '; write an address that ends in : in quotes, such as "fe80::"' : '';
}

/** Returns the line without quoted text and comments. */
function withoutQuoted(line: string): string {
  return line.replace(/"[^"]*"|'[^']*'|(^|\s)#.*$/g, ' ');
}
