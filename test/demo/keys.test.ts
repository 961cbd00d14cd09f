import { describe, expect, test } from 'vitest';
import { Keys } from '#demo/keys.ts';

const rows = [
  { name: '1 is the first health check', keys: ['1'], want: { kind: 'toggleHealth', node: 0 } },
  { name: '3 is the third', keys: ['3'], want: { kind: 'toggleHealth', node: 2 } },
  { name: 'shift 1', keys: ['!'], want: { kind: 'toggleProcess', node: 0 } },
  { name: 'shift 2 in America', keys: ['@'], want: { kind: 'toggleProcess', node: 1 } },
  { name: 'shift 2 in Germany', keys: ['"'], want: { kind: 'toggleProcess', node: 1 } },
  { name: 'shift 3 in Britain', keys: ['£'], want: { kind: 'toggleProcess', node: 2 } },
  { name: 'shift 3 in Germany', keys: ['§'], want: { kind: 'toggleProcess', node: 2 } },
  {
    name: 'k and a digit, for every keyboard',
    keys: ['k', '2'],
    want: { kind: 'toggleProcess', node: 1 },
  },
  {
    name: 'k is forgotten by another key',
    keys: ['k', 'x', '2'],
    want: { kind: 'toggleHealth', node: 1 },
  },
  { name: 'q', keys: ['q'], want: { kind: 'quit' } },
  { name: '4 has no meaning', keys: ['4'], want: undefined },
];

describe('keys of the demo', () => {
  test.each(rows)('$name', ({ keys: texts, want }) => {
    const keys = new Keys();
    const actions = texts.map((text) => keys.press({ text }));
    expect(actions.at(-1)).toEqual(want);
  });

  test('Ctrl-C quits, and Ctrl-K does not count as k', () => {
    const keys = new Keys();
    expect(keys.press({ text: '\u0003', name: 'c', isCtrl: true })).toEqual({ kind: 'quit' });
    expect(keys.press({ text: '\u000b', name: 'k', isCtrl: true })).toBeUndefined();
  });

  test('the digits in the sequence of a function key have no meaning', () => {
    const keys = new Keys();
    expect(keys.press({ text: undefined, name: 'f1' })).toBeUndefined();
    expect(keys.press({ text: '\u001b[12~', name: 'f2' })).toBeUndefined();
  });
});
