import type { ConfigProblem } from '#api/problem.ts';
import type { Match } from '#policy/match.ts';
import type { Policy, Rule } from '#policy/policy.ts';
import type { Config } from '../config.ts';

/** Returns warnings of policies that make more of validated data than there can be. */
export function rpkiWarnings(config: Config): ConfigProblem[] {
  const { policies, rpki } = config;
  return [
    ...policies.flatMap(onlyValid),
    ...(rpki === undefined ? withoutData(policies, 'rpki', 'not_found') : []),
    ...(rpki?.aspa === true ? [] : withoutData(policies, 'aspa', 'unknown')),
  ];
}

/** Before the first data comes, and when it has expired, no route is valid. */
function onlyValid({ name, rules }: Policy): ConfigProblem[] {
  const accepting = rules.filter(({ then }) => then === 'accept');
  const isStrict = accepting.every(({ match }) => match.rpki?.every((state) => state === 'valid'));
  if (accepting.length === 0 || !isStrict) return [];
  const message =
    `${name}: only routes that are rpki: valid are accepted, so none is accepted until a cache has sent data; ` +
    'accept not_found too, and reject invalid';
  return [at(accepting[0], message)];
}

function withoutData(
  policies: readonly Policy[],
  key: keyof Match & ('rpki' | 'aspa'),
  state: string,
): ConfigProblem[] {
  const rules = policies.flatMap((policy) => policy.rules);
  const first = rules.find(({ match }) => match[key] !== undefined);
  if (first === undefined) return [];
  const remedy = key === 'rpki' ? 'give caches in rpki' : 'set aspa: true in rpki';
  return [at(first, `${key}: every route is ${state}, because no data is requested; ${remedy}`)];
}

function at({ source: { file, line } }: Rule, message: string): ConfigProblem {
  return { file, line, column: 1, message };
}
