import { Type } from 'typebox';
import { component, type Component, count, ref, type Static, text, texts } from './shapes.ts';

/** An error in a configuration and its place. */
const ConfigProblemSchema = component('ConfigProblem', {
  file: text,
  line: count,
  column: count,
  message: text,
  excerpt: Type.Optional(
    Type.String({ description: 'the source line, with a caret under the error' }),
  ),
});
export type ConfigProblem = Static<typeof ConfigProblemSchema>;

/** A command that took effect. */
export const DoneSchema = component('Done', { ok: Type.Literal(true), message: text });

/** An error (RFC 9457); `kind` is stable, the texts are for people. */
export const ProblemSchema = component('Problem', {
  type: text,
  title: text,
  status: Type.Integer(),
  detail: text,
  kind: text,
  problems: Type.Optional(Type.Array(ref(ConfigProblemSchema))),
  ready: Type.Optional(Type.Boolean()),
  reasons: Type.Optional(texts),
});

export const problemComponents: readonly Component[] = [
  ConfigProblemSchema,
  DoneSchema,
  ProblemSchema,
];
