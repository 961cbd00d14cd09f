import { sessionKeys } from './schema-session.ts';
import { configSchema } from './schema.ts';

/**
 * Returns the published JSON Schema (deploy/fingerpost.schema.json) as text: the same bytes for the same
 * source. The keys that peers, groups and ranges share stand once, under `definitions`.
 */
export function publishedSchema(): string {
  const { properties, ...rest } = configSchema;
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'fingerpost configuration',
    ...rest,
    properties: withReferences(properties),
    definitions: sessionKeys,
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

const shared = new Map(
  Object.entries(sessionKeys).map(([key, schema]) => [key, JSON.stringify(schema)]),
);

function withReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withReferences);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [
      key,
      shared.has(key) && shared.get(key) === JSON.stringify(part)
        ? { $ref: `#/definitions/${key}` }
        : withReferences(part),
    ]),
  );
}
