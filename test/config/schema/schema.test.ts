import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bfdDefaults, globalDefaults, peerDefaults } from '#config/schema/defaults.ts';
import { publishedSchema } from '#config/schema/schema-json.ts';
import { peer } from '#config/schema/schema-peer.ts';
import { sessionKeys } from '#config/schema/schema-session.ts';
import { configSchema } from '#config/schema/schema.ts';
import { accepts, type SchemaView, viewOf } from '#yaml/schema-check.ts';

const published = 'deploy/fingerpost.schema.json';

describe('the published JSON Schema', () => {
  test('is made from the schema of the configuration', () => {
    expect(readFileSync(published, 'utf8')).toBe(publishedSchema());
  });

  test('is committed as built', () => {
    const changes = gitStatus(published);
    expect(changes).toBe('');
  });

  test('refers only to definitions that it has', () => {
    const text = publishedSchema();
    const { definitions } = JSON.parse(text) as { definitions: object };
    const names = [...text.matchAll(/"#\/definitions\/([a-z_]+)"/g)].map((match) => match[1]);
    expect(names.filter((name) => !Object.hasOwn(definitions, name))).toEqual([]);
    expect(names.length).toBeGreaterThan(100);
  });
});

/** Returns the uncommitted changes; empty too if this is not a checkout. */
function gitStatus(path: string): string {
  try {
    return execFileSync('git', ['status', '--porcelain', '--', path], { stdio: 'pipe' }).toString();
  } catch {
    return '';
  }
}

describe('the schema', () => {
  test('describes every key, for editors', () => {
    expect(keysWithout('description')).toEqual([]);
  });

  test('says for every value what is expected', () => {
    expect(keysWithout('errorMessage')).toEqual([]);
  });

  test('gives defaults that it accepts', () => {
    const wrong = [...keysOf(viewOf(configSchema), '')].filter(
      ([, schema]) => 'default' in schema && !accepts(schema, schema.default),
    );
    expect(wrong.map(([path]) => path)).toEqual([]);
  });

  test('documents the defaults that resolving uses', () => {
    for (const [key, value] of Object.entries(peerDefaults)) {
      expect([key, Reflect.get(sessionKeys, key)]).toMatchObject([key, { default: value }]);
    }
    expect(peer.properties.name).not.toHaveProperty('default');
    expect(configSchema.properties.listen).toMatchObject({ default: globalDefaults.listen });
    expect(JSON.stringify(sessionKeys.bfd)).toContain(
      `"default":${bfdDefaults.singleHop.multiplier}`,
    );
  });
});

function keysWithout(keyword: 'description' | 'errorMessage'): string[] {
  return [...keysOf(viewOf(configSchema), '')]
    .filter(([, schema]) => !Object.hasOwn(schema, keyword))
    .map(([path]) => path);
}

/** Yields every key of every map, with its schema. */
function* keysOf(schema: SchemaView, path: string): Generator<[string, SchemaView]> {
  for (const [key, value] of Object.entries(schema.properties ?? {})) {
    yield [`${path}.${key}`, value];
    yield* keysOf(value, `${path}.${key}`);
  }
  const inner = [...(schema.anyOf ?? []), ...Object.values(schema.patternProperties ?? {})];
  for (const part of schema.items === undefined ? inner : [...inner, schema.items]) {
    yield* keysOf(part, path);
  }
}
