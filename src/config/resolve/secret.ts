import { masked } from '#yaml/secrets.ts';

/**
 * A password or token that cannot get into a log, an error or JSON by accident: only `reveal` returns the text.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** Only for the socket option or the comparison itself; the text is never to be kept or printed. */
  reveal(): string {
    return this.#text;
  }

  equals(other: Secret | undefined): boolean {
    return other !== undefined && other.#text === this.#text;
  }

  toString(): string {
    return masked;
  }

  toJSON(): string {
    return masked;
  }

  /** Defines what console.log and util.inspect print. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return masked;
  }
}
