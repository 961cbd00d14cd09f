import type { AttrsId } from './ids.ts';
import { type ExportReason, exportReasons, type RejectReason, rejectReasons } from './reasons.ts';

/**
 * The answer of a judge as one integer, so that it can be kept in a column. Above 0 it is the AttrsId to use; otherwise
 * it is minus the index of the reason.
 */
export type Verdict = number & { readonly verdict: 'Verdict' };

export interface RuleSource {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
}

/** The rule that decided, as `explain` shows it. */
export interface RuleRef extends RuleSource {
  readonly policy: string;
  readonly name?: string;
}

export interface JudgeTrace {
  readonly verdict: Verdict;
  /** Absent if no rule decided. */
  readonly rule?: RuleRef;
}

const rejectCodes = new Map<string, number>(rejectReasons.map((reason, code) => [reason, code]));
const exportCodes = new Map<string, number>(exportReasons.map((reason, code) => [reason, code]));

/** Returns the verdict that the route is accepted or sent, with the attributes `id`. */
export function allowed(id: AttrsId, rule?: RuleRef): JudgeTrace {
  return traceOf(id, rule);
}

/** Returns the verdict that the import is refused. */
export function rejected(reason: RejectReason, rule?: RuleRef): JudgeTrace {
  return traceOf(-(rejectCodes.get(reason) ?? 0), rule);
}

/** Returns the verdict that the clients are not sent the route. */
export function withheld(reason: Exclude<ExportReason, 'sent'>, rule?: RuleRef): JudgeTrace {
  return traceOf(-(exportCodes.get(reason) ?? 0), rule);
}

function traceOf(code: number, rule: RuleRef | undefined): JudgeTrace {
  const verdict = code as Verdict;
  return rule === undefined ? { verdict } : { verdict, rule };
}
