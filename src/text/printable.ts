/**
 * Characters that move a cursor, begin a line, change the direction of text or cannot be seen: control
 * characters of both kinds (ESC, CSI), line and paragraph separators, format characters except the two that
 * join letters of a word, and halves of a surrogate pair.
 */
const unsafe = /(?![\u200c\u200d])[\p{Cc}\p{Zl}\p{Zp}\p{Cf}\p{Cs}]/gu;
/** JSON may have its own white space between values. */
const unsafeInJson = /(?![\n\r\t\u200c\u200d])[\p{Cc}\p{Zl}\p{Zp}\p{Cf}\p{Cs}]/gu;

/** Most texts are ordinary, and this test costs a tenth of the other. */
const ordinary = /^[ -~]*$/;

/**
 * Returns text of a peer, an operator or a file in a form that is safe on one line of a terminal or a log: each
 * unsafe character becomes a space.
 */
export function printable(text: string): string {
  return ordinary.test(text) ? text : text.replace(unsafe, ' ');
}

/** Does the same line by line. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** Returns JSON of the same value that is safe to print: unsafe characters are written as `\u001b`. */
export function printableJson(json: string): string {
  return json.replace(unsafeInJson, (character) =>
    Array.from({ length: character.length }, (_, at) => escaped(character.charCodeAt(at))).join(''),
  );
}

/**
 * Returns the value of a JSON text with every string in it printable; the excerpt of a file keeps its lines.
 */
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
