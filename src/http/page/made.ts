import type { Context } from '../context.ts';
import type { Frame, View } from './frame.ts';

/** A view, or the path where it is found. */
export type Answered =
  | { readonly kind: 'view'; readonly view: View }
  /** Relative to the looking glass. */
  | { readonly kind: 'elsewhere'; readonly path: string };

/** What a view is asked for: parameters of the path and of the query, as they are in the URL. */
export type Asked = Readonly<Record<string, string | undefined>>;

/** Makes a view of what the queries answer. */
export type Make = (context: Context, frame: Frame, asked: Asked) => Promise<Answered>;

export function view(made: View): Answered {
  return { kind: 'view', view: made };
}

/** Returns how many rows precede those that are asked for. */
export function placeIn({ from }: Asked): number {
  return from !== undefined && /^\d{1,9}$/.test(from) ? Number(from) : 0;
}
