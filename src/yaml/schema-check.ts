import { Ajv, type ValidateFunction } from 'ajv';
import type { TSchema } from 'typebox';

/**
 * What check.ts reads of a schema: plain JSON Schema, only the keywords that the configuration uses, and
 * nothing of the library that built it.
 */
export interface SchemaView {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SchemaView>>;
  readonly required?: readonly string[];
  /** A record: one pattern for its names. */
  readonly patternProperties?: Readonly<Record<string, SchemaView>>;
  readonly items?: SchemaView;
  readonly minItems?: number;
  readonly anyOf?: readonly SchemaView[];
  readonly enum?: readonly unknown[];
  readonly errorMessage?: string;
  /** A number that is an AS, and may be written `1.10` (RFC 5396). */
  readonly asdot?: boolean;
  /** Text that no number is, even in quotes: what to write instead of the number N; empty if that depends. */
  readonly ofNumber?: string;
  /** What is said of a key that this map does not know. */
  readonly unknownKeyMessage?: string;
  /** What the names of a record should look like. */
  readonly nameMessage?: string;
}

export function viewOf(schema: TSchema): SchemaView {
  return schema as SchemaView;
}

/** This validator is loaded for HTTP anyway: TypeBox's own would take 8 MB more. */
const ajv = new Ajv({ strict: false, validateSchema: false, logger: false });
const validators = new WeakMap<SchemaView, ValidateFunction>();

/** Returns whether the schema accepts `value`; used for scalars and for lists whose items were checked. */
export function accepts(schema: SchemaView, value: unknown): boolean {
  let validate = validators.get(schema);
  if (validate === undefined) validators.set(schema, (validate = ajv.compile(schema)));
  return validate(value) === true;
}

/** Returns the values that a schema allows: of an enum, or of a union that contains one. */
export function choices(schema: SchemaView): readonly string[] {
  if (schema.enum !== undefined) return schema.enum.map(String);
  return (schema.anyOf ?? []).flatMap(choices);
}
