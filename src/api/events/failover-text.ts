import type { Cause } from './causes.ts';
import type { FailoverCauseView, FailoverView } from './failover.ts';

/**
 * Returns one line with one stage after the other: `2001:db8:30::1/128 moved from W1 to W2: silent 6.00 s (kernel
 * answered 0.2 s ago: process frozen, host up) | hold timer expired | decided +0.4 ms | written +0.9 ms | received by 5
 * of 5 kernels +1.3 ms`.
 */
export function failoverText(failover: FailoverView): string {
  const { prefix, from, to, cause, dark_ms: dark } = failover;
  const move =
    to === undefined ? `${prefix} lost ${from}: dark` : `${prefix} moved ${path(from, to)}`;
  const stages = [
    suspicion(failover),
    cause.text,
    `decided ${after(failover.decided_ms)}`,
    written(failover),
    received(failover),
    ...(failover.siblings === undefined ? [] : [siblings(failover.siblings)]),
    ...(dark === undefined ? [] : [`dark for ${duration(dark)}`]),
  ];
  return `${move}: ${stages.filter((stage) => stage !== '').join(' | ')}`;
}

/** Returns `W1: hold timer expired: 12 addresses, 9 moved, 3 stayed`. */
export function summaryText({ cause, addresses, moved, stayed, dark }: FailoverCauseView): string {
  const counts = [
    addresses === 1 ? '1 address' : `${addresses} addresses`,
    `${moved} moved`,
    `${stayed} stayed`,
    ...(dark > 0 ? [`${dark} dark`] : []),
  ];
  return `${causeText(cause)}: ${counts.join(', ')}`;
}

/** Returns the cause with its object first: `W1: hold timer expired`. */
function causeText({ peer, node, text }: Cause): string {
  const about = peer ?? node;
  return about === undefined ? text : `${about}: ${text}`;
}

function path(from: string | undefined, to: string): string {
  return from === undefined ? `to ${to}` : `from ${from} to ${to}`;
}

/** Causes that are messages of the peer itself, so that no silence came before them. */
const ownWords = new Set<Cause['kind']>(['med_changed', 'attributes_changed', 'withdrawn']);

function suspicion({ cause, silent_ms: silent, kernel_heard_ms: heard }: FailoverView): string {
  if (ownWords.has(cause.kind)) return "the node's own check, not seen from here";
  if (silent === undefined) return '';
  if (heard === undefined) return `silent ${duration(silent)}`;
  // A kernel that has answered since the last message of the process is up, and so is the path to it.
  const isHostUp = heard < silent / 2;
  const what = isHostUp ? 'process frozen, host up' : 'host or path down';
  return `silent ${duration(silent)} (kernel answered ${duration(heard)} ago: ${what})`;
}

function written({ first_written_ms: first, last_written_ms: last }: FailoverView): string {
  if (last === undefined) return 'written to no router';
  return first === undefined || after(first) === after(last)
    ? `written ${after(last)}`
    : `written ${after(first)} to ${after(last)}`;
}

function received({ routers, received_ms: ms }: FailoverView): string {
  if (routers.written === 0) return '';
  const when = ms === undefined ? '' : ` ${after(ms)}`;
  const waiting = routers.waiting.length === 0 ? '' : `, waiting for ${routers.waiting.join(' ')}`;
  return `received by ${routers.received} of ${routers.written} kernels${when}${waiting}`;
}

function siblings(rows: NonNullable<FailoverView['siblings']>): string {
  const late = rows.filter(({ agreed_ms: ms }) => ms === undefined).map(({ name }) => name);
  if (late.length > 0) return `siblings that have not agreed: ${late.join(' ')}`;
  const last = rows.toSorted((a, b) => (a.agreed_ms ?? 0) - (b.agreed_ms ?? 0)).at(-1);
  return last === undefined
    ? ''
    : `siblings agreed ${after(last.agreed_ms ?? 0)} (${last.name} last)`;
}

/** Returns `+0.4 ms` or `+1.2 s`. */
function after(ms: number): string {
  return `+${duration(ms)}`;
}

/** Returns `0.4 ms`, `123 ms` or `6.00 s`. */
export function duration(ms: number): string {
  if (ms < 100) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 100_000 ? `${(ms / 1000).toFixed(2)} s` : `${Math.round(ms / 1000)} s`;
}
