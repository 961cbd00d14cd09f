import type { Config, RpkiConfig } from '#config/config.ts';
import type { Match } from '#policy/match.ts';
import type { Policy } from '#policy/policy.ts';
import type { RuleSource } from '#policy/verdict.ts';
import { RenderError } from '../render/target.ts';

/** Returns the caches that the rules of the policies need; `undefined` if no rule asks for validated data. */
export function cachesFor(
  policies: readonly Policy[],
  { rpki }: Pick<Config, 'rpki'>,
): RpkiConfig | undefined {
  const asks = policies.some(({ rules }) => rules.some(({ match }) => match.rpki !== undefined));
  return asks ? rpki : undefined;
}

/**
 * Throws a RenderError for a rule that uses validated data which the other daemon cannot have: without data it would
 * accept what this route server refuses.
 */
export function refuseValidation(
  { rpki, aspa }: Match,
  { file, line }: RuleSource,
  daemon: string,
  hasCaches: boolean,
): void {
  if ((rpki === undefined || hasCaches) && aspa === undefined) return;
  const key = aspa === undefined ? 'rpki' : 'aspa';
  throw new RenderError(
    `${file}:${line}: the configuration of ${daemon} is rendered without RTR caches, so that this rule (${key}) would be lost; ` +
      'render a copy without the rule, and add validation there by hand',
  );
}
