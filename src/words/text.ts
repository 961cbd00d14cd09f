import type { StateName } from '#api/names.ts';
import type { PathView } from '#api/views/path.ts';
import type { PeerView } from '#api/views/peer.ts';
import type { FamilyName } from '#wire/constants.ts';

/** Times, paths and states in the form that users of vtysh and birdc know. */

/** The states of a session as RFC 4271 §8.2.2 spells them. */
export const stateTexts: Readonly<Record<StateName, string>> = {
  idle: 'Idle',
  connect: 'Connect',
  active: 'Active',
  open_sent: 'OpenSent',
  open_confirm: 'OpenConfirm',
  established: 'Established',
};

/** Returns the state, with `(ipv6 off)` after it if the peer's errors have disabled a family. */
export function stateText(peer: Pick<PeerView, 'state' | 'enabled' | 'disabled_families'>): string {
  if (!peer.enabled) return 'Disabled';
  const off = peer.disabled_families?.map(({ family }) => familyText(family)) ?? [];
  return stateTexts[peer.state] + (off.length === 0 ? '' : ` (${off.join(', ')} off)`);
}

/** Returns `ipv6` for `ipv6_unicast`; no other subsequent family is supported. */
function familyText(family: FamilyName): string {
  return family.split('_')[0];
}

/** Returns an age as vtysh writes it: `00:12:04`, `1d02h03m`, `02w4d02h`. */
export function ageText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const days = Math.floor(whole / 86400);
  const hours = (whole % 86400) / 3600;
  const minutes = (whole % 3600) / 60;
  if (days >= 7) return `${two(days / 7)}w${days % 7}d${two(hours)}h`;
  if (days >= 1) return `${days}d${two(hours)}h${two(minutes)}m`;
  return `${two(hours)}:${two(minutes)}:${two(whole % 60)}`;
}

function two(value: number): string {
  return String(Math.floor(value)).padStart(2, '0');
}

export function secondsSince(timestamp: string, nowMs: number): number {
  return (nowMs - Date.parse(timestamp)) / 1000;
}

/** Returns `2025-11-22 21:25:23`, in UTC. */
export function timeText(timestamp: string): string {
  return timestamp.slice(0, 19).replace('T', ' ');
}

/** Returns `65001 {65002,65003} i`. */
export function asPathText(path: Pick<PathView, 'as_path' | 'origin'>): string {
  const segments = path.as_path.map((part) =>
    typeof part === 'number' ? String(part) : `{${part.join(',')}}`,
  );
  return [...segments, originCodes[path.origin]].join(' ');
}

/** The longest AS path, in characters, that a table shows in full. */
const wholePath = 72;

/**
 * As `asPathText`, for a column. A path that is too long is shown by its ends and its length, so that one route does
 * not take the width, and the time, of all the others.
 */
export function shortAsPathText(path: Pick<PathView, 'as_path' | 'origin'>): string {
  const asns = path.as_path.flat();
  const whole = asns.length > wholePath ? undefined : asPathText(path);
  if (whole !== undefined && whole.length <= wholePath) return whole;
  const [first, last] = [asns.slice(0, 3), asns.slice(-2)].map((some) => some.join(' '));
  return `${first} ... ${last} (${asns.length} ASes) ${originCodes[path.origin]}`;
}

const originCodes = { igp: 'i', egp: 'e', incomplete: '?' } as const;

/** Orders names as people do: `w2` before `w10`. */
export function byName(one: string, other: string): number {
  return names.compare(one, other);
}

const names = new Intl.Collator('en', { numeric: true });

export function plural(count: number, noun: string): string {
  if (count === 1) return `1 ${noun}`;
  if (noun.endsWith('y')) return `${count} ${noun.slice(0, -1)}ies`;
  return `${count} ${/[sx]$/.test(noun) ? `${noun}es` : `${noun}s`}`;
}
