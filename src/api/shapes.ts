import { type Static, type TProperties, type TSchema, Type } from 'typebox';

/** What the shapes of the API are built from. Each shape is written once, and its type is taken with `Static`. */
export type { Static, TSchema };

/** A shape with a name of its own in the OpenAPI document. */
export type Component = TSchema & { $id: string };

/** Returns a shape that has a name of its own in the OpenAPI document. */
export function component<Properties extends TProperties>($id: string, properties: Properties) {
  return Object.assign(Type.Object(properties), { $id });
}

/** Returns a reference to another component. */
export function ref<Schema extends Component>(schema: Schema) {
  return Type.Unsafe<Static<Schema>>({ $ref: schema.$id });
}

/** Returns a union of words as JSON Schema's `enum`, which every generator of clients understands. */
export function oneOf<const Word extends string>(words: readonly Word[], description?: string) {
  return Type.Unsafe<Word>({
    type: 'string',
    enum: [...words],
    ...(description !== undefined && { description }),
  });
}

/** Returns one page of a list; `Page` in queries.ts is its type. */
export function pageOf<Item extends TSchema>($id: string, item: Item) {
  return component($id, {
    items: Type.Array(item),
    next_cursor: Type.Optional(Type.String({ description: 'opaque; stable under change' })),
    rib_version: count,
  });
}

export const timestamp = Type.String({
  format: 'date-time',
  description: 'RFC 3339, UTC, milliseconds',
});
export const count = Type.Integer({ minimum: 0 });
export const seconds = Type.Number({ minimum: 0 });
export const asn = Type.Integer({ minimum: 0, maximum: 4294967295 });
export const text = Type.String();
export const optionalText = Type.Optional(Type.String());
export const texts = Type.Array(Type.String());
