import type { Token } from './bird-tokens.ts';
import { ImportError } from './model.ts';

/** Reads tokens one after the other. */
export class TokenReader {
  private readonly tokens: readonly Token[];
  private at = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  get next(): Token {
    return this.tokens[Math.min(this.at, this.tokens.length - 1)];
  }

  get isAtEnd(): boolean {
    return this.next.kind === 'end';
  }

  take(): Token {
    const { next } = this;
    this.at++;
    return next;
  }

  /** Returns whether the next tokens are these words or signs. */
  is(...texts: readonly string[]): boolean {
    return texts.every((text, offset) => {
      const token = this.tokens[Math.min(this.at + offset, this.tokens.length - 1)];
      return token.text === text && token.kind !== 'text';
    });
  }

  /** Takes these tokens if they come next. */
  skip(...texts: readonly string[]): boolean {
    if (!this.is(...texts)) return false;
    this.at += texts.length;
    return true;
  }

  expect(text: string): Token {
    if (this.is(text)) return this.take();
    throw new ImportError(
      this.next.line,
      `expected ${text}, got ${this.next.text || 'the end of the file'}`,
    );
  }

  /** Returns whether the parenthesis that comes next encloses a condition, and not a pair of numbers. */
  enclosesCondition(): boolean {
    let depth = 0;
    let hasComma = false;
    for (let at = this.at; at < this.tokens.length; at++) {
      const { text, kind } = this.tokens[at];
      if (kind !== 'sign') continue;
      if ('([{'.includes(text)) depth++;
      if (text === ',' && depth === 1) hasComma = true;
      if (')]}'.includes(text) && --depth === 0) {
        const behind = this.tokens[at + 1]?.text ?? '';
        return !hasComma && !['~', '!~', '=', '!=', '<', '>', '<=', '>='].includes(behind);
      }
    }
    return false;
  }

  /**
   * Takes and returns the tokens before the sign that closes a block; the opening sign has been taken, and the
   * closing one is taken too.
   */
  block(open: string, close: string): Token[] {
    const found: Token[] = [];
    for (let depth = 1; ;) {
      const token = this.take();
      if (token.kind === 'end')
        throw new ImportError(token.line, `expected ${close}, got the end of the file`);
      if (token.kind === 'sign' && token.text === open) depth++;
      if (token.kind === 'sign' && token.text === close && --depth === 0) return found;
      found.push(token);
    }
  }

  /**
   * Takes and returns the tokens up to a semicolon outside all brackets, or up to the end; a block in braces
   * also ends a statement if no semicolon follows.
   */
  statement(): Token[] {
    const found: Token[] = [];
    for (let depth = 0; !this.isAtEnd;) {
      const token = this.take();
      if (token.kind === 'sign' && token.text === ';' && depth === 0) return found;
      found.push(token);
      if (token.kind !== 'sign') continue;
      if ('{[('.includes(token.text)) depth++;
      if ('}])'.includes(token.text)) depth--;
      const isEnded =
        token.text === '}' &&
        depth === 0 &&
        !this.is(';') &&
        !this.is(',') &&
        !this.is('then') &&
        !this.is(']');
      if (isEnded) return found;
    }
    return found;
  }
}

/** Returns a reader of tokens that lack the end which a reader needs. */
export function readerOf(tokens: readonly Token[]): TokenReader {
  const line = tokens.at(-1)?.line ?? 1;
  return new TokenReader([...tokens, { kind: 'end', text: '', line }]);
}
