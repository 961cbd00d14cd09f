import { QueryError } from '#api/queries.ts';
import { formatPrefix, parsePrefix } from '#text/prefix.ts';
import { TextError } from '#text/text-error.ts';
import type { Prefix } from '#wire/nlri.ts';

/** Where the next page begins: at a prefix, past the first `skip` of its rows. */
export interface Cursor {
  readonly prefix: Prefix;
  readonly skip: number;
}

/** Opaque to clients. It contains the prefix itself, so that it means the same after any change. */
export function encodeCursor({ prefix, skip }: Cursor): string {
  return Buffer.from(`${formatPrefix(prefix)} ${skip}`).toString('base64url');
}

/** Throws QueryError `bad_cursor`. */
export function decodeCursor(text: string): Cursor {
  const [prefix, skip] = Buffer.from(text, 'base64url').toString('latin1').split(' ');
  try {
    const cursor = { prefix: parsePrefix(prefix), skip: Number(skip) };
    if (Number.isInteger(cursor.skip) && cursor.skip >= 0) return cursor;
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
  }
  throw new QueryError('bad_cursor', 'the cursor was not issued by this server');
}
