import { describe, expect, test } from 'vitest';
import { parsedPrintable, printable, printableJson, printableLines } from '#text/printable.ts';

const hostile: readonly [string, string, string][] = [
  ['ESC', 'a\u001b[2Jb', 'a [2Jb'],
  ['CSI in one character', 'a\u009b2Jb', 'a 2Jb'],
  ['line ends', 'a\r\nb\u2028c\u2029d\u0085e', 'a  b c d e'],
  ['a bell, a null, DEL and a tab', 'a\u0007b\0c\u007fd\te', 'a b c d e'],
  ['turned text', 'a\u202etxt\u202c\u2066b\u2069', 'a txt  b '],
  ['marks of direction', 'a\u200eb\u200fc\u061cd', 'a b c d'],
  ['what cannot be seen', 'a\u200bb\ufeffc\u00add\u{e0041}', 'a b c d '],
  ['half a character', 'a\ud83d', 'a '],
];
const harmless = ['switch replaced, back at 9:00 ☕', 'क्‍ष 👩‍🔧 é', ''];

describe('text from outside', () => {
  test.each(hostile)('%s becomes blanks', (_, text, want) => {
    expect(printable(text)).toBe(want);
  });

  test.each(hostile)('%s does in every string of a JSON text', (_, text, want) => {
    const json = JSON.stringify({ list: [{ text }], excerpt: `one\n${text}` });
    const value = parsedPrintable<{ list: { text: string }[]; excerpt: string }>(json);
    expect(value.list[0].text).toBe(want);
    expect(value.excerpt).toBe(printableLines(`one\n${text}`));
  });

  test.each(hostile)('%s is escaped in JSON that is printed as it is', (_, text) => {
    const json = JSON.stringify({ text }, undefined, 2);
    const safe = printableJson(json);
    expect(safe.split('\n').map(printable)).toEqual(safe.split('\n'));
    expect(JSON.parse(safe)).toEqual(JSON.parse(json));
  });

  test.each(harmless)('%j stays as it is', (text) => {
    expect(printable(text)).toBe(text);
    expect(printableJson(JSON.stringify(text))).toBe(JSON.stringify(text));
    expect(parsedPrintable(JSON.stringify({ text }))).toEqual({ text });
  });
});
