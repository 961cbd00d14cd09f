import { describe, expect, test } from 'vitest';
import type { FailoverView } from '#api/events/failover.ts';
import { timestamp } from '#clock.ts';
import { fromFirstRecord, type Gap, spansOf } from '../../../src/http/page/timeline.ts';

const window = { fromMs: 0, toMs: 1000 };

function failover(
  atMs: number,
  from: string | undefined,
  to: string | undefined,
  id = `f${atMs}`,
): FailoverView {
  return {
    id,
    at: timestamp(atMs),
    prefix: '2001:db8:30::1/128',
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    cause: { kind: 'hold_timer', text: 'hold timer expired' },
    cause_id: 'c1',
    decided_ms: 0.1,
    routers: { written: 0, received: 0, waiting: [] },
  };
}

const gap = (fromMs: number, toMs: number): Gap => ({ fromMs, toMs });

/** The name, the failovers, the gaps, who serves at the end, whether that is now, and the spans as text. */
const rows: readonly [
  name: string,
  failovers: readonly FailoverView[],
  gaps: readonly Gap[],
  end: string | undefined,
  isNow: boolean,
  spans: readonly string[],
][] = [
  ['nothing happened', [], [], 'W1', true, ['0-1000 W1']],
  ['nothing happened to a dark address', [], [], undefined, true, ['0-1000 dark']],
  ['nothing is known of a time before now', [], [], 'W1', false, ['0-1000 unknown']],
  [
    'one failover says who served before and after it',
    [failover(400, 'W1', 'W2')],
    [],
    'W2',
    true,
    ['0-400 W1', '400-1000 W2 f400'],
  ],
  [
    'an address is dark for a while',
    [failover(400, 'W1', undefined), failover(700, undefined, 'W2')],
    [],
    'W2',
    true,
    ['0-400 W1', '400-700 dark f400', '700-1000 W2 f700'],
  ],
  [
    'the failover that was decided first was over last',
    [failover(700, 'W2', 'W3'), failover(400, 'W1', 'W2')],
    [],
    'W3',
    true,
    ['0-400 W1', '400-700 W2 f400', '700-1000 W3 f700'],
  ],
  [
    'the cause of the later failover was noticed earlier',
    [failover(700, 'W1', 'W2', 'f701'), failover(600, 'W2', 'W3', 'f702')],
    [],
    'W3',
    true,
    ['0-700 W1', '700-700 W2 f701', '700-1000 W3 f702'],
  ],
  [
    'the daemon was away: each run says for itself who served',
    [failover(200, 'W1', 'W2'), failover(800, 'W3', 'W1')],
    [gap(400, 600)],
    'W1',
    true,
    ['0-200 W1', '200-400 W2 f200', '400-600 unknown', '600-800 W3', '800-1000 W1 f800'],
  ],
  [
    'a run without a failover, that is not the last, is not known',
    [],
    [gap(400, 600)],
    'W1',
    true,
    ['0-400 unknown', '400-600 unknown', '600-1000 W1'],
  ],
  [
    'what is older than the record is not known',
    [failover(700, 'W1', 'W2')],
    [gap(0, 600)],
    'W2',
    true,
    ['0-600 unknown', '600-700 W1', '700-1000 W2 f700'],
  ],
  [
    'a gap that reaches out of the window is cut',
    [],
    [gap(-500, 100)],
    'W1',
    true,
    ['0-100 unknown', '100-1000 W1'],
  ],
];

describe('who served an address', () => {
  test.each(rows)('%s', (_name, failovers, gaps, peer, isNow, want) => {
    const now = { isNow, ...(peer !== undefined && { peer }) };
    const spans = spansOf(window, failovers, gaps, now);
    const words = spans.map((span) =>
      [`${span.fromMs}-${span.toMs}`, span.peer ?? span.kind, span.failover?.id]
        .filter(Boolean)
        .join(' '),
    );
    expect(words).toEqual(want);
    const starts = spans.map(({ fromMs }) => fromMs);
    expect([...starts, window.toMs]).toEqual([window.fromMs, ...spans.map(({ toMs }) => toMs)]);
  });
});

/** The name, the gaps, and the beginning of the window of 0 to 1000, which is at least 200 long. */
const beginnings: readonly [name: string, gaps: readonly Gap[], fromMs: number][] = [
  ['everything is recorded', [], 0],
  ['the record begins in the window', [gap(-100, 600)], 600],
  ['the record has just begun', [gap(0, 990)], 800],
  ['the daemon was away in between', [gap(300, 600)], 0],
  ['the daemon was away at the beginning, and in between', [gap(0, 300), gap(500, 600)], 300],
  ['the daemon was away before the window', [gap(-100, 0)], 0],
];

test.each(beginnings)('the timeline begins where the record begins: %s', (_, gaps, fromMs) => {
  expect(fromFirstRecord(window, gaps, 200)).toEqual({ fromMs, toMs: 1000 });
});
