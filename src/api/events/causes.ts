import { Type } from 'typebox';
import type { DropReason } from '#session/host.ts';
import { by } from '../by.ts';
import type { FailoverTrigger } from '../names.ts';
import { component, oneOf, optionalText, ref, type Static, text } from '../shapes.ts';

interface CauseRow {
  /** The label in `fingerpost_failover_seconds`. */
  readonly trigger: FailoverTrigger;
  /** How a session that ended for this reason is counted. */
  readonly drops?: readonly DropReason[];
}

/** Why something happened, and what the metrics call it: the only table of causes, drop reasons and triggers. */
const rows = {
  hold_timer: { trigger: 'peer_down', drops: ['hold_timer_expired'] },
  send_hold_timer: { trigger: 'peer_down', drops: ['notification_sent'] },
  tcp_fin: { trigger: 'peer_down', drops: ['tcp_closed'] },
  tcp_reset: { trigger: 'peer_down', drops: ['tcp_closed'] },
  tcp_error: { trigger: 'peer_down', drops: ['tcp_closed'] },
  collision: { trigger: 'peer_down', drops: ['collision'] },
  notification_sent: { trigger: 'peer_down', drops: ['notification_sent'] },
  notification_received: { trigger: 'peer_down', drops: ['notification_received'] },
  bfd_down: { trigger: 'peer_down', drops: ['bfd_down'] },
  limit: { trigger: 'peer_down', drops: ['max_prefix'] },
  command: { trigger: 'peer_down', drops: ['admin_shutdown', 'admin_reset'] },
  config: { trigger: 'peer_down', drops: ['config'] },
  malformed: { trigger: 'withdraw' },
  family_disabled: { trigger: 'withdraw' },
  refresh_sweep: { trigger: 'withdraw' },
  withdrawn: { trigger: 'withdraw' },
  stale_over: { trigger: 'withdraw' },
  policy: { trigger: 'withdraw' },
  med_changed: { trigger: 'med_change' },
  attributes_changed: { trigger: 'med_change' },
  announced: { trigger: 'med_change' },
  start_gate: { trigger: 'med_change' },
  drain: { trigger: 'med_change' },
  undrain: { trigger: 'med_change' },
  probe: { trigger: 'med_change' },
} as const satisfies Readonly<Record<string, CauseRow>>;

export type CauseKind = keyof typeof rows;
export const causeKinds = Object.keys(rows) as CauseKind[];

/** Returns the label of the cause in `fingerpost_failover_seconds`. */
export function triggerOf(kind: CauseKind): FailoverTrigger {
  return rows[kind].trigger;
}

/** How a session ended, as far as its cause depends on it. */
interface SessionEnd {
  readonly kind: DropReason;
  /** The code of the NOTIFICATION that ended it. */
  readonly code?: number;
  readonly tcp?: 'fin' | 'reset' | 'error';
}

const sendHoldTimerExpired = 8;

/** Returns the cause of everything that follows from the end of a session. */
export function causeOfEnd({ kind, code, tcp = 'fin' }: SessionEnd): CauseKind {
  if (kind === 'tcp_closed') return `tcp_${tcp}`;
  if (kind === 'notification_sent' && code === sendHoldTimerExpired) return 'send_hold_timer';
  const found = causeKinds.filter((cause) => isDropOf(cause, kind));
  return found.at(-1) ?? 'config';
}

function isDropOf(cause: CauseKind, reason: DropReason): boolean {
  const { drops = [] }: CauseRow = rows[cause];
  return drops.includes(reason);
}

const value = Type.Optional(Type.Union([Type.String(), Type.Number()]));

export const CauseSchema = component('Cause', {
  kind: oneOf(causeKinds),
  text,
  peer: optionalText,
  node: optionalText,
  attribute: Type.Optional(Type.String({ description: 'which attribute of the path changed' })),
  from: value,
  to: value,
  by: Type.Optional(ref(by)),
});
/** Why something happened. It is carried along to everything that follows. */
export type Cause = Static<typeof CauseSchema>;
