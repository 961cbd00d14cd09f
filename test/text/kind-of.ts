import { TextError, type TextErrorKind } from '#text/text-error.ts';

/** The kind of the TextError that `parse` throws. */
export function kindOf(parse: () => unknown): TextErrorKind | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    if (error instanceof TextError) return error.kind;
    throw error;
  }
}
