import type { Match } from '#policy/match.ts';
import type { RuleSource } from '#policy/policy.ts';
import { RenderError } from '../render/target.ts';

/**
 * Throws a RenderError for a rule that uses validated data: the rendered sibling is connected to no cache, and without
 * data it would accept what this route server refuses.
 */
export function refuseValidation(
  { rpki, aspa }: Match,
  { file, line }: RuleSource,
  daemon: string,
): void {
  if (rpki === undefined && aspa === undefined) return;
  const key = rpki === undefined ? 'aspa' : 'rpki';
  throw new RenderError(
    `${file}:${line}: the configuration of ${daemon} is rendered without RTR caches, so that this rule (${key}) would be lost; ` +
      'render a copy without the rule, and add validation there by hand',
  );
}
