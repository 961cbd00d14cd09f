import type { Severity } from '#api/views/doctor.ts';
import type { RpkiView } from '#api/views/rpki.ts';

/** Something that is wrong with validated data or its caches. */
export interface RpkiTrouble {
  readonly code: 'rpki_no_data' | 'rpki_expired' | 'rpki_vrps_dropped' | 'rpki_cache_down';
  readonly severity: Severity;
  /** It changes how routes are judged, or will do so when the data expires. */
  readonly isUrgent: boolean;
  readonly text: string;
  readonly evidence: string;
}

/** `isAsked`: policies ask for validated data. */
export function rpkiTroubles(view: RpkiView, isAsked: boolean): RpkiTrouble[] {
  if (view.items.length === 0) return [];
  return [...dataTroubles(view, isAsked), ...cacheTroubles(view)];
}

function dataTroubles(view: RpkiView, isAsked: boolean): RpkiTrouble[] {
  const { expires_at: expiresAt, has_expired: hasExpired, dropped } = view;
  const severity = isAsked ? 'error' : 'warning';
  const troubles: RpkiTrouble[] = [];
  if (expiresAt === undefined) {
    troubles.push({
      code: hasExpired === true ? 'rpki_expired' : 'rpki_no_data',
      severity,
      isUrgent: isAsked,
      text:
        hasExpired === true
          ? 'the RPKI data has expired: every route is not_found until a cache answers'
          : 'no RPKI cache has given data yet: every route is not_found until one does',
      evidence: view.items.map(({ name, state }) => `${name} is ${state}`).join(', '),
    });
  }
  if (dropped !== undefined && hasExpired !== true) {
    troubles.push({
      code: 'rpki_vrps_dropped',
      severity: 'warning',
      isUrgent: isAsked,
      text: 'more than half of the VRPs vanished at once: routes that were valid or invalid are now not_found',
      evidence: `${dropped.before} VRPs before ${dropped.at}, ${dropped.after} now`,
    });
  }
  return troubles;
}

/** A cache that is less preferred than the one in use is not tried, so that nothing is known of it. */
function cacheTroubles({ items, expires_at: expiresAt }: RpkiView): RpkiTrouble[] {
  const established = items.findIndex(({ state }) => state === 'established');
  const wanted = established < 0 ? items : items.slice(0, established);
  return wanted.flatMap(({ name, address, state, last_error: error }) => {
    if (state === 'established' || error === undefined) return [];
    const until = expiresAt === undefined ? '' : `; the data in use is dropped at ${expiresAt}`;
    return {
      code: 'rpki_cache_down' as const,
      severity: 'warning' as const,
      isUrgent: established < 0,
      text: `the RPKI cache ${name} does not answer${established < 0 ? until : `, and ${items[established].name} is used instead`}`,
      evidence: `${address}: ${error.text} (${error.at})`,
    };
  });
}
