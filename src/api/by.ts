import { Type } from 'typebox';
import { component, type Component, optionalText, type Static, text } from './shapes.ts';

/** Who gave a command: a user of the control socket, the name of a token, or a signal. */
const BySchema = component('By', {
  uid: Type.Optional(Type.Integer({ minimum: 0, description: 'over the control socket' })),
  user: optionalText,
  token: Type.Optional(Type.String({ description: 'the name of the token, over HTTP' })),
  signal: Type.Optional(text),
  operator: Type.Optional(
    Type.Literal(true, { description: 'all that readers without a token may know' }),
  ),
});
export type By = Static<typeof BySchema>;
export const by = BySchema;

/** What readers without a token see in place of the operator. */
export const anOperator: By = { operator: true };

/** `token deploy`, `uid 0 (says: alice)`, `the control socket` */
export function byText({ uid, user, token, signal, operator }: By): string {
  if (operator === true) return 'operator';
  if (token !== undefined) return `token ${token}`;
  if (signal !== undefined) return signal;
  if (uid === undefined) return 'the control socket';
  return user === undefined ? `uid ${uid}` : `uid ${uid} (says: ${user})`;
}

export const byComponents: readonly Component[] = [BySchema];
