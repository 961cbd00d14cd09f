import { ImportError } from './model.ts';

export interface Token {
  readonly kind: 'word' | 'number' | 'text' | 'address' | 'prefix' | 'sign' | 'end';
  readonly text: string;
  readonly line: number;
}

/**
 * In the order in which they are tried: an address comes before a number and a word, with which it may begin.
 */
const shapes: readonly (readonly [kind: Token['kind'], pattern: RegExp])[] = [
  ['prefix', /(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]*:[0-9a-fA-F:]*:[0-9a-fA-F:.]*)\/\d{1,3}/y],
  ['address', /\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]*:[0-9a-fA-F]*:[0-9a-fA-F:.]*/y],
  ['text', /"[^"\n]*"/y],
  ['number', /0x[0-9a-fA-F]+|\d+(?![A-Za-z_])/y],
  ['word', /[A-Za-z_][A-Za-z0-9_]*/y],
  ['sign', /\.\.|!=|<=|>=|&&|\|\||!~|->|[-{}()[\];,.=<>~!+*/?:@|&%]/y],
];

const blank = /(?:\s+|#[^\n]*|\/\*[^]*?\*\/)+/y;

/** Returns the tokens of a BIRD configuration. Throws an ImportError if a character begins no token. */
export function birdTokens(text: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let at = 0;
  const advance = (piece: string): void => {
    at += piece.length;
    for (const letter of piece) if (letter === '\n') line++;
  };
  while (at < text.length) {
    blank.lastIndex = at;
    const space = blank.exec(text)?.[0];
    if (space !== undefined) {
      advance(space);
      continue;
    }
    const token = tokenAt(text, at, line);
    tokens.push(token);
    advance(text.slice(at, at + lengthOf(token)));
  }
  return [...tokens, { kind: 'end', text: '', line }];
}

function tokenAt(text: string, at: number, line: number): Token {
  for (const [kind, pattern] of shapes) {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found === undefined) continue;
    return { kind, line, text: /^["']/.test(found) ? found.slice(1, -1) : found };
  }
  throw new ImportError(line, `expected the syntax of BIRD, got ${JSON.stringify(text[at])}`);
}

function lengthOf({ kind, text }: Token): number {
  return kind === 'text' ? text.length + 2 : text.length;
}

/** Returns the tokens, separated by spaces. */
export function textOf(tokens: readonly Token[]): string {
  return tokens.map(({ text }) => text).join(' ');
}

/** Splits at a sign outside all brackets; a leading `(` or `{` belongs to its item. */
export function split(tokens: readonly Token[], sign: string): Token[][] {
  const found: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token.kind === 'sign' && '([{'.includes(token.text)) depth++;
    if (token.kind === 'sign' && ')]}'.includes(token.text)) depth--;
    if (depth === 0 && token.kind === 'sign' && token.text === sign) found.push([]);
    else found.at(-1)?.push(token);
  }
  return found.filter((item) => item.length > 0);
}

/** Returns an empty text if the statement is shorter. */
export function wordAt(tokens: readonly Token[], at: number): string {
  return tokens[at]?.text ?? '';
}

/** Returns the tokens as a note quotes them, at most 80 characters. */
export function brief(tokens: readonly Token[]): string {
  const text = textOf(tokens);
  return text.length <= 80 ? text : `${text.slice(0, 77)}…`;
}
