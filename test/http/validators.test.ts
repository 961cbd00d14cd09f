import { Type } from 'typebox';
import { describe, expect, test } from 'vitest';
import type { TSchema } from '#api/shapes.ts';
import { routes } from '#http/server.ts';
import { lateValidator } from '#http/validators.ts';

function validatorOf(schema: TSchema) {
  return lateValidator({ schema, method: 'GET', url: '/' });
}

const paging = Type.Object(
  { limit: Type.Optional(Type.Integer({ default: 100, maximum: 1000 })) },
  { additionalProperties: false },
);

describe('a validator', () => {
  test.each([
    ['reads words as the numbers that are wanted', { limit: '7' }, { limit: 7 }],
    ['puts in what is not said', {}, { limit: 100 }],
  ])('%s', (_, input, want) => {
    expect(validatorOf(paging)(input)).toBe(true);
    expect(input).toEqual(want);
  });

  test.each([
    ['what is too much', { limit: '1001' }, 'maximum'],
    ['what is no number', { limit: 'many' }, 'type'],
    ['what it does not know', { limti: '7' }, 'additionalProperties'],
  ])('refuses %s', (_, input, keyword) => {
    expect(validatorOf(paging)(input)).toEqual({ error: [expect.objectContaining({ keyword })] });
  });
});

test('each schema of the API can be compiled', () => {
  const schemas = routes.flatMap(({ params, query, body }) => [params, query, body]);
  expect(schemas.length).toBeGreaterThan(0);
  for (const schema of schemas) expect(() => validatorOf(schema)({})).not.toThrow();
});
