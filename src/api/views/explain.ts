import { Type } from 'typebox';
import { originStates, pathStates } from '#policy/validation.ts';
import { CauseSchema } from '../events/causes.ts';
import { component, type Component, oneOf, ref, type Static, text, timestamp } from '../shapes.ts';
import { PathSchema, RuleSchema } from './path.ts';
import { VrpSchema } from './rpki.ts';

const stepValue = Type.Unsafe<string | number>({ type: ['string', 'number'] });

/**
 * A candidate and the step at which it lost; `ours` and `winners` are its value and the winner's value at that step.
 */
const CandidateSchema = component('Candidate', {
  ...PathSchema.properties,
  lost_at: Type.Optional(Type.String({ description: 'the decision step, RFC 4271 §9.1.2.2' })),
  ours: Type.Optional(stepValue),
  winners: Type.Optional(stepValue),
  pattern: Type.Optional(
    Type.String({ description: 'of the rule that accepts other lengths in its network' }),
  ),
  would_be_accepted_if: Type.Optional(
    Type.String({ description: 'for example: its length is 128' }),
  ),
  rpki: Type.Optional(
    oneOf(originStates, 'whether VRPs allow its origin AS (RFC 6811); absent without `rpki`'),
  ),
  aspa: Type.Optional(oneOf(pathStates, 'whether ASPAs allow its AS_PATH; absent without them')),
  would_win_if: Type.Optional(Type.String({ description: 'for example: its MED is at most 99' })),
});
export type CandidateView = Static<typeof CandidateSchema>;

const ExportSchema = component('Export', {
  peer: text,
  sent: Type.Optional(ref(PathSchema)),
  reason: Type.String({ description: '`sent`, or why nothing is sent' }),
  rule: Type.Optional(ref(RuleSchema)),
  withheld: Type.Optional(
    Type.Array(ref(PathSchema), {
      description:
        'the first ten paths that are better than the one that is sent, each with the reason why it is not sent',
    }),
  ),
  withheld_not_listed: Type.Optional(
    Type.Integer({
      minimum: 1,
      description: 'more such paths; the table `withheld` of the peer lists them',
    }),
  ),
});
export type ExportView = Static<typeof ExportSchema>;

/** Of an address of a service that no node serves any longer. */
const LastServedSchema = component('LastServed', {
  node: Type.Optional(Type.String({ description: 'the node that served it' })),
  until: timestamp,
  cause: Type.Optional(ref(CauseSchema)),
});
export type LastServedView = Static<typeof LastServedSchema>;

export const ExplainSchema = component('Explain', {
  prefix: text,
  best: Type.Optional(ref(PathSchema)),
  last_served: Type.Optional(ref(LastServedSchema)),
  vrps: Type.Optional(
    Type.Array(ref(VrpSchema), {
      description: 'the VRPs that cover the prefix, the longest first; absent without `rpki`',
    }),
  ),
  candidates: Type.Array(ref(CandidateSchema), {
    description: 'every accepted path, best first, then the first hundred refused ones',
  }),
  refused_not_listed: Type.Optional(
    Type.Integer({
      minimum: 1,
      description: 'more refused paths; the table `rejected` of a peer lists them',
    }),
  ),
  exports: Type.Array(ref(ExportSchema)),
});
export type ExplainView = Static<typeof ExplainSchema>;

/** As `ExplainView`, but each row is made when it is taken: there may be thousands, with other work in between. */
export interface Explanation extends Omit<ExplainView, 'candidates' | 'exports'> {
  readonly candidates: Iterable<CandidateView>;
  readonly exports: Iterable<ExportView>;
}

/** Returns all rows at once, for callers that have no other work. */
export function wholeExplanation({ candidates, exports, ...head }: Explanation): ExplainView {
  return { ...head, candidates: [...candidates], exports: [...exports] };
}

export const explainComponents: readonly Component[] = [
  CandidateSchema,
  ExportSchema,
  LastServedSchema,
  ExplainSchema,
];
