import type { UpdateErrorAction } from '#api/names.ts';
import { families } from '#wire/constants.ts';

/** More pairs of code and subcode than RFCs define: a peer may invent 65536, and each would be a line of metrics. */
const mostPairs = 100;

/** What is counted about a peer outside the session and the RIB, since it was configured. */
export class PeerStatistics {
  readonly updateErrors: Record<UpdateErrorAction, number> = {
    treat_as_withdraw: 0,
    attribute_discard: 0,
    family_disabled: 0,
    session_reset: 0,
  };
  private readonly notifications = new Map<string, NotificationCount>();

  countUpdateError(action: UpdateErrorAction): void {
    this.updateErrors[action]++;
  }

  countNotification(direction: 'in' | 'out', code: number, subcode: number): void {
    const key = `${direction}/${code}/${subcode}`;
    const known = this.notifications.get(key);
    if (known !== undefined) known.count++;
    else if (this.notifications.size < mostPairs || code + subcode === 0) {
      this.notifications.set(key, { direction, code, subcode, count: 1 });
    } else this.countNotification(direction, 0, 0);
  }

  /** The pairs that were seen; after the first hundred, new ones count as 0/0. */
  get notificationCounts(): NotificationCount[] {
    return [...this.notifications.values()].map((row) => ({ ...row }));
  }
}

export interface NotificationCount {
  readonly direction: 'in' | 'out';
  readonly code: number;
  readonly subcode: number;
  count: number;
}

/** The names of families by `Family`. */
export const familyNames = families.map((row) => row.name);
