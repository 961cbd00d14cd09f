import { Ajv, type ValidateFunction } from 'ajv';
import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from '#api/shapes.ts';

/**
 * Nothing is removed from what came in: what a schema does not know is refused. The words of a URL are converted to the
 * numbers and booleans that are expected. The schemas themselves are not checked, because the first request would wait
 * 25 ms for the validator of schemas.
 */
const ajv = new Ajv({ coerceTypes: true, useDefaults: true, validateSchema: false });
const validators = new WeakMap<TSchema, ValidateFunction>();

/**
 * Validators for all apps together, each compiled when the first request needs it: an app has 60, of which few are ever
 * used. Not loading Fastify's own compilers saves 8 MB and 0.1 s of the start.
 */
export const lateValidator: FastifySchemaCompiler<TSchema> = ({ schema }) => {
  return (input: unknown) => {
    const validate = validators.get(schema) ?? ajv.compile(schema);
    validators.set(schema, validate);
    return validate(input) || { error: validate.errors ?? [] };
  };
};

/** Fastify loads none of its own: `lateValidator` is ours, and answers are strings when Fastify sees them. */
export const noCompilers = {
  compilersFactory: { buildValidator: notUsed, buildSerializer: notUsed },
};

function notUsed(): never {
  throw new Error('a compiler of Fastify is asked for');
}
