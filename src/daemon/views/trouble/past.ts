import { changeKinds, type EventView } from '#api/events/event-view.ts';
import { summaryText } from '#api/events/failover-text.ts';
import type { EventQuery, PageRequest } from '#api/queries.ts';
import type { LostSession, Recurrence, TroubledAddress, TroubleView } from '#api/views/trouble.ts';
import type { RecordQuery } from '../../record/recorder.ts';

interface Page {
  readonly items: readonly EventView[];
}
/** Queries the history, newest first. */
export type Ask = (
  query: EventQuery & Pick<RecordQuery, 'isSummary'>,
  page: PageRequest,
) => Promise<Page>;

const mostChanges = 20;
const mostCauses = 5;
/** For how many peers and addresses it is reported how often it happened before; more would be noise. */
const mostSubjects = 3;
const mostCounted = 1000;
const mostRemembered = 20;
const dayMs = 24 * 60 * 60 * 1000;

/**
 * Returns what the history says about the trouble: the last causes, what was changed, and how often this has happened.
 */
export async function pastOf(
  ask: Ask,
  { since, nowMs }: { readonly since: string; readonly nowMs: number },
  trouble: {
    readonly sessions: readonly LostSession[];
    readonly addresses: readonly TroubledAddress[];
  },
): Promise<Pick<TroubleView, 'causes' | 'changes' | 'often'>> {
  const causes = await ask({ kind: 'failover', isSummary: true }, { limit: mostCauses });
  const changes: EventView[] = [];
  for (const kind of changeKinds) {
    changes.push(...(await ask({ kind, since }, { limit: mostChanges })).items);
  }
  const often: Recurrence[] = [];
  for (const { peer, since: lost } of trouble.sessions.slice(0, mostSubjects)) {
    if (lost === undefined) continue;
    const found = await ask({ kind: 'peer_down', peer, since: '30d' }, { limit: mostCounted });
    often.push(recurrence(`${peer} lost`, found.items, nowMs));
  }
  for (const { prefix, kind } of trouble.addresses.slice(0, mostSubjects)) {
    const state = stateOf[kind];
    if (state === undefined) continue;
    const found = await ask(
      { kind: 'service_state', prefix, since: '30d' },
      { limit: mostCounted },
    );
    const same = found.items.filter(({ new_state }) => new_state === state);
    often.push(recurrence(`${prefix} ${state}`, same, nowMs));
  }
  return {
    causes: causes.items.flatMap(({ at, cause_id, summary }) =>
      summary === undefined ? [] : [{ at, cause_id: cause_id ?? '', text: summaryText(summary) }],
    ),
    changes: changes
      .toSorted((a, b) => (a.at < b.at ? 1 : -1))
      .slice(0, mostChanges)
      .map(({ at, kind, text, by, comment }) => ({
        at,
        kind,
        text,
        ...(by !== undefined && { by }),
        ...(comment !== undefined && { comment }),
      })),
    often,
  };
}

/**
 * For addresses that have been dark since before this process started: returns since when, and which peer served them
 * last. Only the worst are looked up, because the history answers each separately.
 */
export async function rememberedOf(
  ask: Ask,
  addresses: readonly TroubledAddress[],
): Promise<ReadonlyMap<string, Remembered>> {
  const found = new Map<string, Remembered>();
  const unknown = addresses.filter(({ kind, since }) => kind === 'dark' && since === undefined);
  for (const { prefix } of unknown.slice(0, mostRemembered)) {
    const [last] = (await ask({ kind: 'best_changed', prefix }, { limit: 1 })).items;
    if (last === undefined) continue;
    const served = peerIn(last, 'new_peer');
    // An address that was served until the last daemon ended has become dark while none ran, so nobody knows when.
    const peer = served ?? peerIn(last, 'old_peer');
    found.set(prefix, {
      ...(peer !== undefined && { peer }),
      ...(served === undefined && { since: last.at }),
    });
  }
  return found;
}

export interface Remembered {
  readonly since?: string;
  readonly peer?: string;
}

function peerIn(event: object, key: 'old_peer' | 'new_peer'): string | undefined {
  const peer = new Map<string, unknown>(Object.entries(event)).get(key);
  return typeof peer === 'string' ? peer : undefined;
}

/** The state that the event reports for each kind; what a probe finds is no state. */
const stateOf = {
  dark: 'absent',
  down: 'only_down_paths',
  no_backup: 'no_backup',
  not_answering: undefined,
} as const;

function recurrence(about: string, events: readonly EventView[], nowMs: number): Recurrence {
  return {
    about,
    day: events.filter(({ at }) => nowMs - Date.parse(at) < dayMs).length,
    month: events.length,
    ...(events.length >= mostCounted && { at_least: true }),
  };
}
