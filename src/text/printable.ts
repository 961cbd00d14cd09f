/**
 * What moves a cursor, begins a line, turns the direction of a text or cannot be seen: control characters
 * of both kinds (ESC, CSI), line and paragraph separators, marks of format but the two that join
 * letters of a word, and halves of a surrogate pair.
 */
const unsafe = /(?![\u200c\u200d])[\p{Cc}\p{Zl}\p{Zp}\p{Cf}\p{Cs}]/gu;
/** JSON has blanks of its own between its values. */
const unsafeInJson = /(?![\n\r\t\u200c\u200d])[\p{Cc}\p{Zl}\p{Zp}\p{Cf}\p{Cs}]/gu;

/** Most texts are that, and told so at a tenth of the cost. */
const ordinary = /^[ -~]*$/;

/** Text of a peer, an operator or a file as it may stand on one line of a terminal or a log: each unsafe character is a blank. */
export function printable(text: string): string {
  return ordinary.test(text) ? text : text.replace(unsafe, ' ');
}

/** As `printable`, line by line. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** JSON of the same value that is safe to print: unsafe characters are written as `\u001b`. */
export function printableJson(json: string): string {
  return json.replace(unsafeInJson, (character) =>
    Array.from({ length: character.length }, (_, at) => escaped(character.charCodeAt(at))).join(''),
  );
}

/** The value of a JSON text with every string in it printable; the excerpt of a file has lines. */
export function parsedPrintable<Value>(json: string): Value {
  if (!mayBeUnsafe.test(json)) return JSON.parse(json) as Value;
  return JSON.parse(json, cleaned) as Value;
}

/** Escaped in JSON, or as it is. */
const mayBeUnsafe = /\\[bfrtu]|[\p{Cc}\p{Zl}\p{Zp}\p{Cf}\p{Cs}]/u;

function escaped(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}

function cleaned(key: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return key === 'excerpt' ? printableLines(value) : printable(value);
}
