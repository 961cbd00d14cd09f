import type { Cause } from '#api/events/causes.ts';
import type { LostSession, Recurrence, TroubledAddress, TroubleView } from '#api/views/trouble.ts';
import { spanText } from './ago.ts';
import { plural, secondsSince, timeText } from './text.ts';

/** What the command line and the page both say about trouble. `nowMs` is the Unix time of the answer. */

/** Returns `TROUBLE: 2 of 300 addresses dark for 4 min 12 s`. The first word states the verdict without any colour. */
export function headline({ at, is_trouble: isTrouble, verdict, since }: TroubleView): string {
  const age = since === undefined ? '' : ` for ${spanText(secondsSince(since, Date.parse(at)))}`;
  return isTrouble ? `TROUBLE: ${verdict}${age}` : `OK: ${verdict}`;
}

/**
 * Returns what is wrong in addition to the headline: `3 without a backup, 1 of 5 sessions down`; empty if nothing
 * is.
 */
export function besidesText({
  is_trouble: isTrouble,
  addresses: { counts, lesser },
  sessions,
}: TroubleView): string {
  const kinds = (['dark', 'down', 'not_answering', 'no_backup'] as const).filter(
    (kind) => counts[kind] > 0,
  );
  const more = kinds.slice(1).map((kind) => `${counts[kind]} ${besideTexts[kind]}`);
  const isSaid = kinds.length === 0;
  const down =
    sessions.count > 0 && !isSaid ? [`${sessions.count} of ${sessions.total} sessions down`] : [];
  // If nothing else is wrong, the headline has already said the worst of them.
  const others = (isTrouble ? lesser : lesser.slice(1)).map(
    ({ state, count }) => `${count} ${state}`,
  );
  return [...more, ...down, ...others].join(', ');
}

/** Returns the text for an empty list of changes; if the history cannot be read, it says that none is known. */
export function noChangeText({ changes_since: since, incomplete }: TroubleView): string {
  return incomplete === undefined
    ? `no changes by operators since ${timeText(since)} UTC`
    : `no change since ${timeText(since)} UTC is known, but older events are missing`;
}

const besideTexts: Readonly<Record<TroubledAddress['kind'], string>> = {
  dark: 'dark',
  down: 'served only by nodes that are down',
  not_answering: 'served by nodes that do not answer',
  no_backup: 'without a backup',
};

/** The kind of trouble that an address is in, for a column. */
export const kindTexts: Readonly<Record<TroubledAddress['kind'], string>> = {
  dark: 'dark',
  down: 'node down',
  not_answering: 'not answering',
  no_backup: 'no backup',
};

/** Returns `5 min 2 s`, or `since the start` if the time is not known. */
export function ageOf(since: string | undefined, at: string): string {
  return since === undefined ? '?' : spanText(secondsSince(since, Date.parse(at)));
}

/** Returns why, and who served it: `no peer announces it (W1: hold timer expired); last served by w1`. */
export function reasonOf(trouble: TroubledAddress): string {
  const [cause, last] = [causeOf(trouble), lastServed(trouble)];
  return [trouble.text, cause && ` (${cause})`, last && `; ${last}`].filter(Boolean).join('');
}

/** Returns the cause and who served it last: `W1: hold timer expired; last served by w1`; empty if neither is known. */
export function backgroundOf(trouble: TroubledAddress): string {
  return [causeOf(trouble), lastServed(trouble)].filter(Boolean).join('; ');
}

function causeOf({ cause }: TroubledAddress): string | undefined {
  return cause === undefined ? undefined : causeText(cause);
}

/** Returns `W1: hold timer expired`. */
export function causeText({ peer, node, text }: Cause): string {
  const about = peer ?? node;
  return about === undefined ? text : `${about}: ${text}`;
}

function lastServed({ kind, node }: TroubledAddress): string | undefined {
  return kind === 'dark' && node !== undefined ? `last served by ${node}` : undefined;
}

/** Returns `in 40 s`, or `now` if the time has passed. */
export function untilText(end: string, at: string): string {
  const leftS = -secondsSince(end, Date.parse(at));
  return leftS <= 0 ? 'now' : `in ${spanText(leftS)}`;
}

/** Returns `without it 3 addresses would be dark: 2001:db8:30::1/128, 2001:db8:30::2/128 ...`. */
export function untouchableText({
  addresses,
  examples,
}: TroubleView['do_not_touch'][number]): string {
  const more = addresses > examples.length ? ' ...' : '';
  return `without it ${plural(addresses, 'address')} would be dark: ${examples.join(', ')}${more}`;
}

/** Returns `3 times in 24 h, 14 in 30 d`. */
export function recurrenceText({ day, month, at_least: isMore }: Recurrence): string {
  const times = day === 1 ? '1 time' : `${day} times`;
  return `${times} in 24 h, ${isMore === true ? 'at least ' : ''}${month} in 30 d`;
}

/** Returns where the peer of a lost session is: `w1, dc1 a`. */
export function placeOf({ node, site, rack }: LostSession): string {
  return [node, site, rack].filter((word) => word !== undefined).join(' ');
}
