import type { ConfigProblem } from '#api/problem.ts';
import type { PolicyChoice, Rule } from '#policy/policy.ts';
import type { RuleSource } from '#policy/verdict.ts';
import type { Config } from '../config.ts';

/** Returns warnings of blackholes that no client gets, and of clients that get none. */
export function blackholeWarnings({ policies, peers, peerRanges }: Config): ConfigProblem[] {
  const clients = [
    ...peers.map((peer) => ({ ...peer, title: peer.name })),
    ...peerRanges.map((range) => ({ ...range, title: range.rangeText })),
  ];
  const [first] = policies.flatMap(({ rules }) => rules.filter(makesBlackhole));
  const isTaken = clients.some(({ blackhole }) => blackhole);
  return [
    ...(first === undefined || isTaken ? [] : [at(first.source, forNone)]),
    ...clients
      .filter(({ blackhole, export: choice }) => blackhole && !makesBlackholes(choice))
      .map(({ title, source }) => at(source, `${title}: ${withoutRule}`)),
  ];
}

/** Returns whether a rule of the policies makes routes blackholes. */
export function makesBlackholes(choice: PolicyChoice): boolean {
  return typeof choice !== 'string' && choice.some(({ rules }) => rules.some(makesBlackhole));
}

function makesBlackhole({ set }: Rule): boolean {
  return set.blackhole !== undefined;
}

const forNone =
  'blackhole: no peer has blackhole: true, so routes that match this rule are sent to no peer';
const withoutRule = 'blackhole has no effect, because no rule of its export policies sets one';

function at({ file, line }: RuleSource, message: string): ConfigProblem {
  return { file, line, column: 1, message };
}
