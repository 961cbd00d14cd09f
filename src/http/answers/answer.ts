import type { Readable } from 'node:stream';

/** The answer to a client; the server decides how it is sent. */
export type Answer =
  | { readonly kind: 'json'; readonly body: unknown; readonly status?: 201 }
  | { readonly kind: 'text'; readonly contentType: string; readonly text: string | Buffer }
  | { readonly kind: 'list'; readonly chunks: AsyncIterable<string> }
  | { readonly kind: 'events'; readonly open: () => Readable };

export function json(body: unknown): Answer {
  return { kind: 'json', body };
}
