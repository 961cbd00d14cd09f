import type { AttrsId } from './ids.ts';
import {
  type ExportReason,
  exportReasons,
  type JudgeTrace,
  type RejectReason,
  rejectReasons,
  type RuleRef,
  type Verdict,
} from './policy.ts';

const rejectCodes = new Map<string, number>(rejectReasons.map((reason, code) => [reason, code]));
const exportCodes = new Map<string, number>(exportReasons.map((reason, code) => [reason, code]));

/** Returns the verdict that the route continues as `id`. */
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
