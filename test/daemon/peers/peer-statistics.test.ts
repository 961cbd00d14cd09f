import { expect, it } from 'vitest';
import { PeerStatistics } from '#daemon/peers/peer-statistics.ts';

it('NOTIFICATIONs with invented codes are counted in at most a hundred rows', () => {
  const statistics = new PeerStatistics();
  for (let code = 1; code < 256; code++) statistics.countNotification('in', code, 7);
  const rows = statistics.notificationCounts;
  expect(rows).toHaveLength(101);
  expect(rows.at(-1)).toEqual({ direction: 'in', code: 0, subcode: 0, count: 155 });
  expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(255);
});
